import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { exceptionsFor, type Judged } from '../../../api/tuning/exception.ts'
import { Engine } from '../../../detection/engine.ts'
import type { LoadedRule } from '../../../detection/types.ts'
import type { EcsValue } from '../../../model/event.ts'
import { event, load, rule } from '../../detection/made-up.ts'
import { runs } from '../../runs.ts'

const RULE = 's: { event.action: act }\ncondition: s'
async function ruleSet(...filters: string[]) {
  return load({ 'r.yml': rule(RULE), ...Object.fromEntries(filters.map((text, i) => [`f${i}.yml`, text])) })
}
const judged = (as: Judged['as'], fields: Record<string, EcsValue>, seq = 1): Judged => ({
  as,
  event: event({ 'event.action': 'act', ...fields }, seq),
})
async function suggested(own: readonly Judged[]) {
  const [loaded] = (await ruleSet()).rules
  return exceptionsFor(loaded as LoadedRule, own)
}
const said = (found: Awaited<ReturnType<typeof suggested>>): string[] =>
  found.map(
    ({ conditions, hides }) =>
      `${conditions.map(({ field, value }) => `${field}=${value}`).join(' ')} ${hides.noise}+${hides.open}`,
  )

describe('the smallest that hides the most noise', () => {
  test('one field is enough; the user is a better reason than the terminal', async () => {
    const found = await suggested([
      judged('noise', { 'user.name': 'backup', 'process.tty': 'pts/1' }),
      judged('noise', { 'user.name': 'Backup', 'process.tty': 'pts/1' }),
      judged('threat', { 'user.name': 'root' }),
      judged('open', { 'user.name': 'backup' }),
    ])
    expect(said(found)[0]).toBe('user.name=backup 2+1')
    expect(found[0]).toMatchObject({ of: { noise: 2, threat: 1, open: 1 } })
  })

  test('two where one would hide what was real', async () => {
    const found = await suggested([
      judged('noise', { 'user.name': 'backup', 'host.name': 'h1' }),
      judged('noise', { 'user.name': 'backup', 'host.name': 'h1' }),
      judged('threat', { 'user.name': 'backup', 'host.name': 'h2' }),
      judged('threat', { 'user.name': 'root', 'host.name': 'h1' }),
    ])
    expect(said(found)).toEqual(['user.name=backup host.name=h1 2+0'])
  })

  test('none where nothing tells noise from the real thing, or it would hide all the rule says', async () => {
    const same = { 'user.name': 'backup' }
    expect(await suggested([judged('noise', same), judged('threat', same)])).toEqual([])
    expect(await suggested([judged('noise', same), judged('noise', same)])).toEqual([])
    expect(await suggested([judged('threat', same)])).toEqual([])
    // What tells one event from the next says nothing of the one after.
    expect(await suggested([judged('noise', { 'process.pid': 1 }, 1), judged('threat', {}, 2)])).toEqual([])
  })
})

test('the filter loads, and hides from the rule exactly what was promised', async () => {
  const value = fc.oneof(
    fc.constantFrom('a', 'b', 'A', 'a*', 'a?', String.raw`\*`, String.raw`C:\x\*`, 'true', '7', '07', "'", '"', '# x'),
    fc.constantFrom<EcsValue>(7, true, false),
    fc.constantFrom<EcsValue>(['a', 'b'], []),
    fc.string({ maxLength: 8 }),
  )
  const one = fc.record({
    as: fc.constantFrom<Judged['as']>('noise', 'noise', 'threat', 'open'),
    fields: fc.dictionary(fc.constantFrom('user.name', 'host.name', 'x.y', 'process.args'), value),
  })
  let candidates = 0
  await fc.assert(
    fc.asyncProperty(fc.array(one, { minLength: 2, maxLength: 8 }), async (given) => {
      const own = given.map(({ as, fields }, i) => judged(as, fields, i + 1))
      for (const { filter, hides, conditions } of await suggested(own)) {
        candidates++
        expect(conditions.length).toBeLessThanOrEqual(3)
        const set = await ruleSet(filter)
        expect(set.problems).toEqual([])
        const engine = new Engine(set)
        const hidden = own.filter((each) => engine.matches(each.event).length === 0)
        expect(hidden.filter(({ as }) => as === 'threat')).toEqual([])
        expect(hidden.filter(({ as }) => as === 'noise')).toHaveLength(hides.noise)
        expect(hidden.filter(({ as }) => as === 'open')).toHaveLength(hides.open)
      }
    }),
    { numRuns: runs(100) },
  )
  expect(candidates).toBeGreaterThan(0)
})
