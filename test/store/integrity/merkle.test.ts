import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { type Frontier, grow, leafHash, pathOf, rootByPath, rootOf } from '../../../store/integrity/merkle.ts'
import { isMarked, type KeptUnit, marksOf, UNIT_RECORDS_MAX, type Unit, Units } from '../../../store/integrity/units.ts'

const treeOf = (leaves: readonly Buffer[]): Frontier => {
  const tree: Frontier = { size: 0, peaks: [] }
  for (const leaf of leaves) grow(tree, leaf)
  return tree
}
const hex = (leaves: readonly Buffer[]): string => rootOf(treeOf(leaves)).toString('hex')

describe('Merkle tree hash', () => {
  // The inputs and roots of Certificate Transparency's own tests of RFC 6962 trees.
  const inputs = ['', '00', '10', '2021', '3031', '40414243', '5051525354555657', '606162636465666768696a6b6c6d6e6f']
  const leaves = inputs.map((input) => leafHash(Buffer.from(input, 'hex').toString('latin1')))
  test.each([
    [0, 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855'],
    [1, '6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d'],
    [2, 'fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125'],
    [3, 'aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77'],
    [4, 'd37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7'],
    [5, '4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4'],
    [6, '76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef'],
    [7, 'ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c'],
    [8, '5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328'],
  ])('of %i leaves', (size, root) => expect(hex(leaves.slice(0, size))).toBe(root))

  test('a leaf leads to the root by its path, and no other leaf or place does', () => {
    const sizes = fc.integer({ min: 1, max: 70 }).chain((size) => fc.tuple(fc.constant(size), fc.nat(size - 1)))
    fc.assert(
      fc.property(sizes, ([size, index]) => {
        const some = Array.from({ length: size }, (_, i) => leafHash(`line ${i}`))
        const path = pathOf(some, index)
        expect(rootByPath(some[index]!, index, size, path)?.toString('hex')).toBe(hex(some))
        expect(rootByPath(leafHash('another'), index, size, path)?.toString('hex')).not.toBe(hex(some))
        if (size > 1) {
          expect(rootByPath(some[index]!, (index + 1) % size, size, path)?.toString('hex')).not.toBe(hex(some))
          expect(rootByPath(some[index]!, index, size, path.slice(1))).not.toEqual(rootOf(treeOf(some)))
        }
        expect(rootByPath(some[index]!, size, size, path)).toBeNull()
      }),
    )
  })
})

describe('units', () => {
  const record = fc.record({
    gap: fc.integer({ min: 1, max: 300 }),
    level: fc.nat(2),
    pauseMs: fc.oneof({ weight: 9, arbitrary: fc.constant(1_000) }, fc.constant(3_600_000)),
  })
  const laid = (records: readonly { gap: number; level: number; pauseMs: number }[]) => {
    let [seq, ms] = [0, Date.parse('2026-11-27T22:59:00.000Z')]
    return records.map(({ gap, level, pauseMs }) => {
      seq += gap
      ms += pauseMs
      return { seq, level, at: new Date(ms).toISOString(), leaf: leafHash(String(seq)) }
    })
  }

  test('are the same however often the state is kept and taken up again, and mark each record', () => {
    fc.assert(
      fc.property(fc.array(record, { maxLength: 60 }), fc.array(fc.nat(60), { maxLength: 5 }), (records, stops) => {
        const run = (kept: ReadonlySet<number>): { closed: Unit[]; open: KeptUnit[] } => {
          let units = new Units('s', [])
          const closed: Unit[] = []
          for (const [i, { seq, level, at, leaf }] of laid(records).entries()) {
            if (kept.has(i)) {
              closed.push(...units.take())
              units = new Units('s', JSON.parse(JSON.stringify(units.keep())) as KeptUnit[])
            }
            units.advance(at)
            units.add(seq, at, level, leaf)
          }
          return { closed: [...closed, ...units.take()], open: units.keep() }
        }
        const [once, often] = [run(new Set()), run(new Set(stops))]
        expect(often).toEqual(once)
        const marked = [
          ...once.closed,
          ...once.open.map((unit) => ({ ...unit, marks: Buffer.from(unit.marks, 'base64') })),
        ]
        const found = marked.flatMap(({ marks, from }) => [...marksOf(marks, from)!])
        expect(found.map(([seq]) => seq).sort((a, b) => a - b)).toEqual(laid(records).map(({ seq }) => seq))
        for (const [seq, mark] of found) expect(isMarked(mark, leafHash(String(seq)))).toBe(true)
      }),
    )
  })

  test('end with the hour, when they are full, and with their spool', () => {
    const units = new Units('s', [])
    const at = '2026-11-27T10:00:00.000Z'
    for (let seq = 1; seq <= UNIT_RECORDS_MAX + 1; seq++) units.add(seq, at, 2, leafHash(String(seq)))
    expect(units.take()).toMatchObject([{ from: 1, through: UNIT_RECORDS_MAX, records: UNIT_RECORDS_MAX, level: 2 }])
    units.advance('2026-11-27T10:59:59.999Z')
    expect(units.take()).toEqual([])
    const next = new Units('another', units.keep())
    expect(next.take()).toMatchObject([{ spool: 's', from: UNIT_RECORDS_MAX + 1, records: 1, day: '2026-11-27' }])
    units.advance('2026-11-27T11:00:00.000Z')
    expect(units.take()).toHaveLength(1)
    expect(units.keep()).toEqual([])
  })

  test('bytes that are no marks are told from marks, never thrown at', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 40 }), (bytes) => {
        const marks = marksOf(Buffer.from(bytes), 1)
        expect(marks === null || marks.size <= bytes.length / 5).toBe(true)
      }),
    )
  })
})
