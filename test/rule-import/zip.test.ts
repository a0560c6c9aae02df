import fc from 'fast-check'
import { expect, test } from 'vitest'
import { ImportError } from '../../rule-import/errors.ts'
import { readZip } from '../../rule-import/zip.ts'
import { writeZip } from './write-zip.ts'

const FILE = { name: 'rules/a.yml', text: 'title: Vọng Gác\n'.repeat(100) }
const texts = (bytes: Buffer): [string, string][] => readZip(bytes).map(({ name, read }) => [name, read().toString()])

test.each([
  ['deflated', writeZip([FILE])],
  ['stored', writeZip([{ ...FILE, stored: true }])],
  ['with a comment behind', writeZip([FILE], 'released 2026')],
  ['with a folder in it', writeZip([{ name: 'rules/', text: '' }, FILE])],
])('reads one %s', (_name, bytes) => expect(texts(bytes)).toEqual([[FILE.name, FILE.text]]))

test('an empty file and an empty archive', () => {
  expect(texts(writeZip([{ name: 'x', text: '' }]))).toEqual([['x', '']])
  expect(texts(writeZip([]))).toEqual([])
})

test('tells links', () => {
  const entries = readZip(writeZip([FILE, { name: 'rules/b.yml', text: '/etc/passwd', mode: 0o120777 }]))
  expect(entries.map(({ isLink }) => isLink)).toEqual([false, true])
})

test.each([
  ['no archive', Buffer.from('title: x\n')],
  ['one cut at the end', writeZip([FILE]).subarray(0, -1)],
  ['one cut at the front', writeZip([FILE]).subarray(10)],
  ['a name twice', writeZip([FILE, FILE])],
  ['more than was claimed: a bomb', writeZip([{ name: 'x', text: '0'.repeat(1_000_000), claims: { size: 10 } }])],
  ['less than was claimed', writeZip([{ ...FILE, claims: { size: 1_000_000 } }])],
  ['a wrong checksum', writeZip([{ ...FILE, claims: { sum: 1 } }])],
  ['encryption', writeZip([{ ...FILE, claims: { flags: 0x801 } }])],
  ['an unknown method', writeZip([{ ...FILE, claims: { method: 12 } }])],
])('refuses %s', (_name, bytes) => expect(() => texts(bytes)).toThrow(ImportError))

test('a bomb is unpacked no further than it claims', () => {
  const [bomb] = readZip(writeZip([{ name: 'x', text: '0'.repeat(1_000_000), claims: { size: 10 } }]))
  expect(() => bomb!.read()).toThrow(
    expect.objectContaining({ cause: expect.objectContaining({ code: 'ERR_BUFFER_TOO_LARGE' }) as unknown }),
  )
})

test('any bytes changed: an error of ours or some files, never another throw', () => {
  const bytes = writeZip([FILE, { name: 'b', text: 'b' }])
  fc.assert(
    fc.property(
      fc.array(fc.tuple(fc.nat(bytes.length - 1), fc.nat(255)), { minLength: 1, maxLength: 6 }),
      (changes) => {
        const changed = Buffer.from(bytes)
        for (const [at, value] of changes) changed[at] = value
        try {
          texts(changed)
        } catch (error) {
          expect(error).toBeInstanceOf(ImportError)
        }
      },
    ),
  )
})
