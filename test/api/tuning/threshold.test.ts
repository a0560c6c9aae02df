import fc from 'fast-check'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { contributionsOf, groupName } from '../../../api/tuning/judged.ts'
import { thresholdFor, type Contribution } from '../../../api/tuning/threshold.ts'
import { Engine } from '../../../detection/engine.ts'
import type { RuleFile } from '../../../detection/types.ts'
import { event, finals, load, rule } from '../../detection/made-up.ts'
import { runs } from '../../runs.ts'
import { RULE, type World, makeWorld } from '../world.ts'

const START = Date.parse('2026-03-02T08:00:00.000Z')
const options = { timespanMs: 60_000, now: 3, days: 1, alertsPerDay: 1, threats: new Set<string>() }
const at = (group: string, ...seconds: number[]): Contribution[] =>
  seconds.map((second) => ({ group, atMs: START + second * 1_000 }))

test('the least threshold that few enough reach, and every threat does', () => {
  const seen = [...at('a', 0, 1, 2), ...at('b', 0, 1, 2, 3, 4, 5), ...at('c', 0), ...at('c', 200)]
  const found = thresholdFor(seen, options)
  expect(found.steps).toEqual([
    { threshold: 1, groups: 3, alerts: 4 },
    { threshold: 2, groups: 2, alerts: 2 },
    { threshold: 3, groups: 2, alerts: 2 },
    { threshold: 4, groups: 1, alerts: 1 },
    { threshold: 5, groups: 1, alerts: 1 },
  ])
  expect(found).toMatchObject({ suggested: 4, peaks: { p50: 3, p90: 6, max: 6 } })
  expect(thresholdFor(seen, { ...options, threats: new Set(['a']) }).suggested).toBeUndefined()
  expect(thresholdFor([], options)).toMatchObject({ peaks: { max: 0 }, suggested: 3 })
})

test('the alerts it counts are those the engine raises', async () => {
  const happening = fc.record({
    ms: fc.nat(300).map((second) => START + second * 1_000),
    user: fc.constantFrom('u', 'v'),
    host: fc.constantFrom('x', 'y', 'z'),
  })
  await fc.assert(
    fc.asyncProperty(
      fc.array(happening, { maxLength: 20 }),
      fc.constantFrom('event_count', 'value_count'),
      fc.integer({ min: 1, max: 5 }),
      async (happenings, type, threshold) => {
        const field = type === 'value_count' ? ', field: host.name' : ''
        const correlation = `title: c\nid: c\nlevel: high\ncorrelation: { type: ${type}, rules: [r], group-by: [user.name], timespan: 1m, condition: { gte: ${threshold}${field} } }\n`
        const set = await load({ 'r.yml': rule('s: { act: x }\ncondition: s'), 'c.yml': correlation })
        const engine = new Engine(set)
        const ordered = happenings.toSorted((a, b) => a.ms - b.ms)
        const alerts = ordered.flatMap(({ ms, user, host }, i) =>
          engine.process(
            event({ act: 'x', 'user.name': user, 'host.name': host, '@timestamp': new Date(ms).toISOString() }, i + 1),
          ),
        )
        const contributions = ordered.map(({ ms, user, host }) => ({
          group: user,
          atMs: ms,
          ...(type === 'value_count' && { value: host }),
        }))
        const { steps } = thresholdFor(contributions, { ...options, now: threshold })
        expect(steps.find((step) => step.threshold === threshold)!.alerts).toBe(finals(alerts).length)
      },
    ),
    { numRuns: runs(200) },
  )
})

const FILES: RuleFile[] = [
  {
    path: 'logsources.yml',
    text: 'logsources:\n  - when: { event.dataset: system.auth }\n    product: linux\n    service: sshd\n',
  },
  {
    path: 'r.yml',
    text: rule("s: { event.original|contains: 'Failed password' }\ncondition: s").replace(
      'product: t',
      'service: sshd',
    ),
  },
  {
    path: 'c.yml',
    text: `title: c\nid: ${RULE.id}\nlevel: high\ncorrelation: { type: event_count, rules: [r], group-by: [source.ip], timespan: 5m, condition: { gt: 5 } }\n`,
  },
]
let world: World
beforeAll(async () => {
  world = await makeWorld({ filesOf: () => FILES })
})
afterAll(() => world.close())

test('what the store has is held against the parts of the rule; each agency is a group of its own', async () => {
  const { local, store } = world
  const range = { from: '2026-11-22T00:00:00.000Z', to: '2026-11-23T00:00:00.000Z' }
  const counted = await contributionsOf({ local, store, scope: 'all', range }, RULE, FILES)
  expect(counted).toMatchObject({ timespanMs: 300_000, threshold: 6, complete: true })
  const groups = counted!.contributions.map(({ group }) => group).sort()
  expect(groups).toEqual([
    ...Array<string>(2).fill(groupName('so-gtvt', ['203.0.113.9'])),
    ...Array<string>(3).fill(groupName('so-y-te', ['203.0.113.9'])),
  ])
})

test('the API suggests for who tunes rules, of what they see', async () => {
  const ask = async (headers: Record<string, string>) =>
    world.app.inject({ url: `/api/v1/rules/${RULE.id}/suggestions?days=30`, headers })
  const answer = (await ask(await world.browser('viet-luat'))).json()
  expect(answer).toMatchObject({ alerts: 3, exceptions: [], threshold: { now: 6, complete: true, peaks: { max: 3 } } })
  expect((await ask(await world.as('lead', ['so-gtvt']))).json()).toMatchObject({
    alerts: 1,
    threshold: { peaks: { max: 2 } },
  })
  expect((await ask(await world.browser('phan-tich'))).statusCode).toBe(403)
})
