import { generateKeyPairSync } from 'node:crypto'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { held } from '../../console/lib/line-proof.ts'
import { NO_LINK, bodyHash, linkAfter } from '../../store/integrity/entry.ts'
import { announceKey, publicOf, signHead } from '../../store/integrity/keys.ts'
import { type Evidence, leafOf } from '../../store/integrity/leaf.ts'
import { grow, pathOf, rootOf } from '../../store/integrity/merkle.ts'
import { type Proof, faultOf } from '../../store/integrity/proof.ts'

const keys = [generateKeyPairSync('ed25519').privateKey, generateKeyPairSync('ed25519').privateKey] as const
const AT = '2026-11-20T01:02:03.000Z'

const evidenceOf = (seq: number): Evidence => ({
  record: `record-${seq}`,
  receivedAt: AT,
  source: 'máy-chủ',
  agency: 'hp-so-yt',
  encoding: '',
  raw: `dòng ${seq} <img src=x> \u202E"`,
})

/** Line `index` of a unit of `size`, with so many links after it, signed by a key that another vouched for. */
function proofOf(index: number, size: number, links: number): Proof {
  const leaves = Array.from({ length: size }, (_, seq) => leafOf(evidenceOf(seq)))
  const tree = { size: 0, peaks: [] }
  for (const leaf of leaves) grow(tree, leaf)
  const first = linkAfter(NO_LINK, { kind: 'begin', spool: 's', from: 0, at: AT })
  const entry = {
    kind: 'unit',
    spool: 's',
    day: '2026-11-20',
    level: 0,
    from: 0,
    through: size - 1,
    records: size,
  } as const
  const unit = linkAfter(first, { ...entry, root: rootOf(tree).toString('hex'), marks: { at: 0, bytes: 0 } })
  const after: string[] = []
  let head = unit
  for (let i = 0; i < links; i++) {
    head = linkAfter(head, { kind: 'purge', day: '2026-11-20', levels: String(i), at: AT, keptDays: 1 })
    after.push(bodyHash(head.body))
  }
  return {
    format: 1,
    evidence: evidenceOf(index),
    index,
    path: pathOf(leaves, index).map((each) => each.toString('hex')),
    unit: { n: unit.n, body: unit.body, before: first.hash },
    after,
    signature: signHead(keys[1], head, AT),
    keys: [announceKey(keys[0], null, AT), announceKey(keys[1], keys[0], AT)],
  }
}

describe('a proof in the browser', () => {
  test('holds for every line of every unit, as it does on the server', async () => {
    for (let size = 1; size <= 18; size++) {
      for (let index = 0; index < size; index++) {
        const proof = proofOf(index, size, index % 3)
        expect(faultOf(proof, publicOf(keys[0]))).toBeNull()
        expect(await held(proof, proof.evidence.raw), `${index} of ${size}`).toBe('holds')
      }
    }
  })

  test('of another line, of a forged path, link, head or key does not hold', async () => {
    const proof = proofOf(4, 11, 2)
    const { raw } = proof.evidence
    const stranger = generateKeyPairSync('ed25519').privateKey
    expect(await held(proof, `${raw} `)).toBe('other_line')
    expect(await held({ ...proof, evidence: { ...proof.evidence, agency: 'hp-so-khcn' } }, raw)).toBe('not_in_unit')
    expect(await held({ ...proof, index: 5 }, raw)).toBe('not_in_unit')
    expect(await held({ ...proof, path: proof.path.slice(1) }, raw)).toBe('not_in_unit')
    expect(await held({ ...proof, after: proof.after.slice(1) }, raw)).toBe('not_signed')
    expect(await held({ ...proof, unit: { ...proof.unit, before: '0'.repeat(64) } }, raw)).toBe('not_signed')
    const unvouched = [proof.keys[0]!, announceKey(keys[1], stranger, AT)]
    expect(await held({ ...proof, keys: unvouched }, raw)).toBe('not_signed')
    const forged = signHead(stranger, { n: proof.unit.n + 2, hash: '0'.repeat(64) }, AT)
    expect(await held({ ...proof, signature: { ...forged, key: proof.signature.key } }, raw)).toBe('not_signed')
  })

  test('whatever path it comes with, the answer is the server’s', () =>
    fc.assert(
      fc.asyncProperty(
        fc.nat(12),
        fc.array(fc.integer({ min: 0, max: 15 }), { maxLength: 5 }),
        async (index, siblings) => {
          const proof = proofOf(3, 13, 0)
          const path = siblings.map((at) => proof.path[at] ?? '00'.repeat(32))
          const asked = { ...proof, index, path }
          const isRight = faultOf(asked, publicOf(keys[0])) === null
          expect((await held(asked, proof.evidence.raw)) === 'holds').toBe(isRight)
        },
      ),
    ))
})
