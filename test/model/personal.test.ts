import { join } from 'node:path'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { EcsEvent, EcsValue } from '../../model/event.ts'
import { Masking, PERSONAL_FIELD, SECRET_FIELD, parsePersonal, readPersonal } from '../../model/personal.ts'
import { ROOT } from '../../model/root.ts'

const masking = new Masking(readPersonal(join(ROOT, 'registry', 'personal-data.yml')))

describe('what is hidden', () => {
  test.each([
    ['cccd=001203012345&x=1', 'cccd=************&x=1'],
    ['{"sdt":"0912345678","so":"+84912345678"}', '{"sdt":"**********","so":"+***********"}'],
    ['CMND: 123456789; số hồ sơ của người này là 123456789', 'CMND: *********; số hồ sơ của người này là 123456789'],
    ['matkhau=B%C3%AD-mat1&ten=lan', 'matkhau=************&ten=lan'],
    ['{"password":"bí mật","user":"lan"}', '{"password":"******","user":"lan"}'],
    ['{"message":"{\\"pin\\":\\"4711\\"}"}', '{"message":"{\\"pin\\":\\"****\\"}"}'],
    ['DRIVER=x;UID=sa;PWD=/bimat;DB=y', 'DRIVER=x;UID=sa;PWD=******;DB=y'],
    ['PWD=/bimat', 'PWD=******'],
  ])('%s', (text, expected) => {
    expect(masking.text(text)).toHaveLength(text.length)
    expect(masking.text(text)).toBe(expected)
  })

  test.each([
    'a0123456789012 port 443 status 200',
    '6a1f0c1e-3f0b-4a36-9d5e-012345678901',
    'took 0.012345678901 s at 1795000000123',
    'sshd: Failed password for root from 203.0.113.9 port 22',
    'pid=123456789',
    'ids: 112345678901',
    'sudo: baotri : TTY=pts/0 ; PWD=/home/baotri ; USER=root ; COMMAND=/usr/bin/cat /etc/shadow',
  ])('and what is not: %s', (text) => {
    expect(masking.text(text)).toBe(text)
  })
})

const event = (fields: Record<string, EcsValue>): EcsEvent =>
  Object.assign(
    {
      '@timestamp': '2026-11-22T07:00:00.000Z',
      'event.ingested': '2026-11-22T07:00:00.000Z',
      'event.original': '',
      'event.dataset': 'x',
      'ecs.version': '8.17.0',
      'soc.record': 'abc-001203012345',
      'soc.seq': 1,
      'soc.source': 'x',
      'soc.agency': 'so-y-te',
    },
    fields,
  )

test('an event: fields that are hidden whole, also where their text stands elsewhere; its name stays', () => {
  const one = event({
    'event.original': 'nguoi dan Trần Thị Hoa gọi 0912345678',
    'citizen.name': 'Trần Thị Hoa',
    'citizen.id': 1203012345,
    message: { nested: ['Trần Thị Hoa', 'x'] },
  })
  const masked = masking.event(one)
  expect(masked).toMatchObject({
    'event.original': 'nguoi dan ************ gọi **********',
    'citizen.name': '************',
    'citizen.id': '**********',
    message: { nested: ['************', 'x'] },
    'soc.record': 'abc-001203012345',
  })
  expect(JSON.stringify(masking.deep({ items: [one] }))).toBe(JSON.stringify({ items: [masked] }))
  masking.note(one)
  expect([one[PERSONAL_FIELD], one[SECRET_FIELD]]).toEqual([
    ['event.original', 'citizen.name', 'citizen.id', 'message'],
    undefined,
  ])
})

test('evidence: what a proof quotes of a hidden field is hidden in the line as well', () => {
  const evidence = {
    original: 'dân Trần Thị Hoa',
    proof: [{ eventField: 'citizen.name', value: 'x', matched: 'Trần Thị Hoa' }],
  }
  expect(JSON.stringify(masking.deep({ evidence: [evidence] }))).not.toContain('Hoa')
})

test('bytes in base64, of dead letters and of lines that are no UTF-8', () => {
  const bytes = Buffer.concat([Buffer.from([0xff, 0xfe]), Buffer.from('{"cccd":"001203012345"')])
  const masked = Buffer.from(masking.base64(bytes.toString('base64')), 'base64')
  expect([masked.length, masked.includes('001203012345'), masked.subarray(0, 2)]).toEqual([
    bytes.length,
    false,
    bytes.subarray(0, 2),
  ])
  const one = event({ 'event.original': bytes.toString('base64'), 'soc.original_encoding': 'base64' })
  masking.note(one)
  expect(one[PERSONAL_FIELD]).toEqual(['event.original'])
})

test('any text keeps its length and is hidden once and for all; anything is answered', () => {
  const piece = fc.constantFrom(
    '001203012345',
    '0912345678',
    'cmnd',
    ' ',
    '.',
    '-',
    'a',
    '1',
    'password',
    '=',
    '"',
    '\\',
    ':',
    '&',
    '\n',
  )
  const text = fc.oneof(
    fc.string({ unit: 'binary' }),
    fc.array(piece, { maxLength: 20 }).map((pieces) => pieces.join('')),
  )
  fc.assert(
    fc.property(text, fc.anything(), (one, anything) => {
      const masked = masking.text(one)
      expect(masked).toHaveLength(one.length)
      expect(masking.text(masked)).toHaveLength(one.length)
      expect(masked).not.toMatch(/(?<![\w.-])0\d{11}(?!\w)/)
      masking.deep(anything)
    }),
  )
})

test('a secret is hidden wherever its name is said, in any case, quoting and spacing', () => {
  const { secrets } = readPersonal(join(ROOT, 'registry', 'personal-data.yml'))
  const said = new RegExp(String.raw`(?<![\p{L}\d])(?:${secrets.join('|')})(?:\\?["'])?\s{0,3}[=:]\s{0,3}bimat`, 'iu')
  const names = ['password', 'PassWord', 'paſſword', 'toKen', 'TOKEN', 'mk', 'PIN', 'otp', 'x', '1', 'đ', '_']
  const between = [' ', '\t', '\u00a0', '\n', '=', ':', '"', "'", '\\"', '\\', ';', 'bimat', '=bimat', '": "bimat"']
  const piece = fc.constantFrom(...names, ...between)
  fc.assert(
    fc.property(fc.array(piece, { minLength: 2, maxLength: 6 }), (pieces) => {
      const text = pieces.join('')
      fc.pre(said.test(text))
      expect(masking.text(text), JSON.stringify(text)).not.toBe(text)
    }),
    { numRuns: 2_000 },
  )
})

test('a file that cannot be read says where', () => {
  expect(() =>
    parsePersonal('format: 1\nnumbers: [{ name: x, digits: 2 }]\nfields: []\nsecrets: []\n', 'p.yml'),
  ).toThrow(/^p\.yml: \/numbers\/0\/digits/)
})
