import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { Engine, type RuleSet } from '../../detection/engine.ts'
import type { Alert } from '../../model/alert.ts'
import { runs } from '../runs.ts'
import { event, finals, load, rule } from './made-up.ts'

const LATENESS_MS = 300_000
const OPTIONS = { latenessMs: LATENESS_MS, timeZone: 'Asia/Ho_Chi_Minh' }
/** Midnight of 3 March in Vietnam. */
const MIDNIGHT = Date.parse('2026-03-02T17:00:00.000Z')
const HOUR_MS = 3_600_000

const noisy = rule('s: { message: x }\ncondition: s', 'noisy')
const other = rule('s: { message: x }\ncondition: s', 'other')
const counting = `title: Counting
id: counting
level: high
correlation:
  type: event_count
  rules: [noisy]
  group-by: [user.name]
  timespan: 1m
  condition: { gte: 2 }
  generate: true
`
const at = (ms: number, seq: number, more: Record<string, string> = {}) =>
  event(
    {
      '@timestamp': new Date(ms).toISOString(),
      message: 'x',
      'event.original': `line ${seq}`,
      'user.name': 'u',
      ...more,
    },
    seq,
  )
/** Nothing is in it; time goes on. */
const later = (ms: number) => at(ms, 999_999, { message: 'quiet' })
const said = ({ rule: { title }, agency, group, evidence, count, beyondBudget }: Alert): string =>
  JSON.stringify([title, agency, group, beyondBudget ?? null, count, evidence.map(({ original }) => original)])

describe('at most two a day', () => {
  const files = { 'n.yml': noisy, 'o.yml': other, 'life.yml': 'noisy: { budget: 2, owner: lan }\n' }
  const raised = async (more = files): Promise<Engine> => new Engine(await load(more), OPTIONS)

  test('the first two stand, one summary tells of the others, again when they are twice as many and when the day is over', async () => {
    const engine = await raised()
    const out = Array.from({ length: 7 }, (_, i) => engine.process(at(MIDNIGHT + i * 1_000, i + 1))).flat()
    const own = out.filter(({ rule: { id } }) => id === 'noisy')
    expect(own.map(({ beyondBudget, count }) => (beyondBudget ? `+${count}` : 'alert'))).toEqual([
      'alert',
      'alert',
      '+1',
      '+2',
      '+4',
    ])
    expect(out.filter(({ rule: { id } }) => id === 'other')).toHaveLength(7)
    const over = engine.process(later(MIDNIGHT + 24 * HOUR_MS + LATENESS_MS + 1))
    expect(over).toMatchObject([{ count: 5, version: 4, beyondBudget: { day: '2026-03-03', perDay: 2 }, entities: [] }])
    expect(over[0]!.rule.titleVi).toContain('quá 2 cảnh báo một ngày')
    expect(over[0]!.evidence.map(({ original }) => original)).toEqual(['line 3', 'line 4'])
    expect(engine.process(later(MIDNIGHT + 25 * HOUR_MS))).toEqual([])
    expect(engine.stats().rules['noisy']).toMatchObject({ matches: 7, withheld: 5 })
  })

  test('each day, by the wall clock here, and each agency have their own', async () => {
    const engine = await raised()
    const stands = (ms: number, agency: string, seq: number): number =>
      engine.process(at(ms, seq, { 'soc.agency': agency })).filter((a) => a.rule.id === 'noisy' && !a.beyondBudget)
        .length
    expect([1, 2, 3].map((seq) => stands(MIDNIGHT - 10 + seq, 'a', seq))).toEqual([1, 1, 0])
    expect(stands(MIDNIGHT, 'a', 4)).toBe(1)
    expect(stands(MIDNIGHT - 10, 'b', 5)).toBe(1)
  })

  test('one that comes late takes the place of the last, which is withdrawn', async () => {
    const engine = await raised()
    const out = [2_000, 3_000, 1_000].flatMap((ms, i) => engine.process(at(MIDNIGHT + ms, i + 1)))
    const own = out.filter(({ rule: { id } }) => id === 'noisy')
    expect(own.map(({ version, count, evidence }) => [version, count, evidence[0]?.original])).toEqual([
      [1, 1, 'line 1'],
      [1, 1, 'line 2'],
      [1, 1, 'line 3'],
      [2, 0, undefined],
      [1, 1, 'line 2'],
    ])
  })

  test('another budget begins the day anew; the same goes on after a restart', async () => {
    const engine = await raised()
    for (const seq of [1, 2, 3]) engine.process(at(MIDNIGHT, seq))
    const carried = async (budget: number): Promise<number> => {
      const next = await raised({ ...files, 'life.yml': `noisy: { budget: ${budget} }\n` })
      next.restore(engine.checkpoint())
      return next.process(at(MIDNIGHT, 9)).filter((a) => a.rule.id === 'noisy' && !a.beyondBudget).length
    }
    expect(await carried(2)).toBe(0)
    expect(await carried(3)).toBe(1)
  })
})

// Law 4: whatever the order of arrival within the lateness, and wherever a restart fell.
test('the order of arrival decides nothing', async () => {
  const sets = new Map<number, RuleSet>()
  for (const budget of [1, 2, 3]) {
    const life = `noisy: { budget: ${budget} }\ncounting: { budget: ${budget} }\n`
    sets.set(budget, await load({ 'n.yml': noisy, 'c.yml': counting, 'o.yml': other, 'life.yml': life }))
  }
  const happening = fc.record({
    ms: fc.integer({ min: -400, max: 400 }).map((seconds) => MIDNIGHT + seconds * 1_000),
    jitterMs: fc.integer({ min: 0, max: LATENESS_MS - 1 }),
    user: fc.constantFrom('u', 'v', 'w'),
    agency: fc.constantFrom('a', 'b'),
  })
  const stream = fc.array(happening, { maxLength: 24 })
  fc.assert(
    fc.property(fc.constantFrom(1, 2, 3), stream, fc.nat(24), (budget, happenings, restart) => {
      const play = (order: readonly (typeof happenings)[number][]): Alert[] => {
        let engine = new Engine(sets.get(budget)!, OPTIONS)
        const out = order.flatMap(({ ms, user, agency }, i) => {
          if (i === restart) {
            const state = engine.checkpoint()
            engine = new Engine(sets.get(budget)!, OPTIONS)
            engine.restore(state)
          }
          const line = `${ms} ${user} ${agency} ${happenings.findIndex((one) => one.ms === ms && one.user === user && one.agency === agency)}`
          return engine.process(at(ms, i + 1, { 'user.name': user, 'soc.agency': agency, 'event.original': line }))
        })
        // Several steps: what ends late may end what is late in turn.
        for (let days = 1; days <= 3; days++) out.push(...engine.process(later(MIDNIGHT + days * 30 * HOUR_MS)))
        return out
      }
      const inOrder = play(happenings.toSorted((a, b) => a.ms - b.ms))
      const shaken = play(happenings.toSorted((a, b) => a.ms + a.jitterMs - b.ms - b.jitterMs))
      expect(finals(shaken).map(said).sort()).toEqual(finals(inOrder).map(said).sort())
      // None is lost: those of a rule that stand and those told of are all that it raised.
      const own = finals(inOrder).filter(({ rule: { id } }) => id === 'noisy')
      const total = own.reduce((sum, { beyondBudget, count }) => sum + (beyondBudget ? count : 1), 0)
      expect(total).toBe(happenings.length)
      expect(finals(inOrder).filter(({ rule: { id } }) => id === 'other')).toHaveLength(happenings.length)
      // No version twice, and none lower than one before.
      const versions = new Map<string, number>()
      for (const { id, version } of shaken) {
        expect(version).toBeGreaterThan(versions.get(id) ?? 0)
        versions.set(id, version)
      }
    }),
    { numRuns: runs(300) },
  )
})
