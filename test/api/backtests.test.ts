import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { backtest, bothSides, type Question } from '../../api/backtests/backtest.ts'
import { Spool } from '../../collector/spool/spool.ts'
import type { RuleFile } from '../../detection/types.ts'
import type { Frame } from '../../model/record.ts'
import { readHeld } from '../../store/embedded/held.ts'
import { eventsOf } from '../../store/event-source.ts'
import { hiddenBy } from '../../store/local/hidden.ts'
import { placesOfAlerts } from '../../store/local/incident-alerts.ts'
import { ALL, BUDGET, byId, groundOf, realIncidents, run, saidBy, shipped, simulated, wiring } from './replayed-day.ts'

const RUNS = 4 * Number(process.env['FUZZ'] ?? 1)
/** Ways to write a rule of one id; each day has some of them, before and after. */
const rule = (id: string, detection: string): RuleFile => ({
  path: `${id}.yml`,
  text: `title: Rule ${id}\nid: ${id}\nname: ${id}\nlevel: high\nlogsource: { product: linux, service: sshd }\ndetection:\n${detection.replace(/^/gm, '  ')}\n`,
})
const count = (id: string, of: string, gte: number, more = ''): RuleFile => ({
  path: `${id}.yml`,
  text: `title: Count ${id}\nid: ${id}\nlevel: medium\ncorrelation:\n  type: event_count\n  rules: [${of}]\n  group-by: [source.ip]\n  timespan: 10m\n  condition: { gte: ${gte} }\n${more}`,
})
const WAYS: RuleFile[][] = [
  [
    rule('words', "w: ['alpha']\ncondition: w"),
    rule('words', "w: ['alpha', 'bravo']\ncondition: w"),
    rule('words', "w: { '|re': '[q4][u0]{1,2}[^ ]{3}' }\ncondition: w"),
  ],
  [
    rule('failed', 's: { event.outcome: failure }\ncondition: s'),
    rule('failed', 's: { event.outcome: failure, user.name: [root, quantri] }\ncondition: s'),
    rule('failed', 's: { event.outcome: failure }\nf: { user.name|startswith: ro }\ncondition: s and not f'),
  ],
  [
    rule('net', "s: { source.ip|cidr: '203.0.113.0/25' }\ncondition: s"),
    rule('net', "s: { source.ip: '203.0.113.200' }\ncondition: s"),
  ],
  [
    rule('lacks', 's: { user.name: root }\ncondition: not s'),
    rule('lacks', "s: { user.name|re: '^q.*i$' }\ncondition: s"),
  ],
  [rule('port', 's: { source.port|gte: 30000 }\ncondition: s'), rule('port', 's: { source.port: 22 }\ncondition: s')],
  [count('guess', 'failed', 2), count('guess', 'failed', 3), count('guess', 'failed', 2, '  generate: true\n')],
]
const EXCEPTIONS: RuleFile[] = [
  ['root', 'rules: [failed]\n  s: { user.name: root }\n  condition: not s'],
  ['net', "rules: any\n  s: { source.ip|cidr: '203.0.113.0/26' }\n  condition: not s"],
].map(([id = '', body = '']) => ({
  path: `exceptions/${id}.yml`,
  text: `title: ${id}\nlogsource: { product: linux, service: sshd }\nfilter:\n  ${body}\n`,
  exception: { id, agencies: 'all' as const },
}))

interface Line {
  minute: number
  lateSeconds: number
  host: number
  user: string
  last: number
  port: number
  kind: string
}
const line: fc.Arbitrary<Line> = fc.record({
  minute: fc.integer({ min: 0, max: 3_000 }),
  lateSeconds: fc.integer({ min: 0, max: 200 }),
  host: fc.integer({ min: 1, max: 3 }),
  user: fc.constantFrom('root', 'quantri', 'Root', 'an'),
  last: fc.constantFrom(7, 60, 100, 200),
  port: fc.constantFrom(22, 30_000, 40_022),
  kind: fc.constantFrom('Failed', 'Failed', 'Accepted', 'alpha', 'bravo'),
})
/** Some of the rules, each in one of its ways; a correlation brings what it counts. */
const rules = fc
  .tuple(...WAYS.map((ways) => fc.option(fc.constantFrom(...ways), { freq: 3 })))
  .map((chosen) => chosen.flatMap((file) => file ?? []))
  .filter((files) => !files.some(({ path }) => path === 'guess.yml') || files.some(({ path }) => path === 'failed.yml'))
const exceptions = fc.subarray(EXCEPTIONS)

function frameOf({ minute, lateSeconds, host, user, last, port, kind }: Line): Frame {
  const at = new Date(Date.parse('2026-11-20T00:00:00Z') + minute * 60_000 - lateSeconds * 1_000).toISOString()
  const message = kind.endsWith('ed')
    ? `${kind} password for ${user} from 203.0.113.${last} port ${port} ssh2`
    : `says ${kind}`
  const bytes = Buffer.from(`<38>1 ${at} motcua-web0${host} sshd 7 - - ${message}`)
  return { origin: { input: 'syslog-tcp', address: '192.0.2.7' }, bytes }
}

test(
  'whatever the day and the change: alerts, incidents and what exceptions hide are those of a replay of the raw records',
  { timeout: 600_000 },
  async () => {
    const lines = fc
      .array(line, { minLength: 1, maxLength: 60 })
      .map((list) => list.sort((a, b) => a.minute - b.minute))
    await fc.assert(
      fc.asyncProperty(
        lines,
        rules,
        rules,
        exceptions,
        exceptions,
        fc.boolean(),
        async (day, old, now, oldExc, newExc, held) => {
          const folder = mkdtempSync(join(tmpdir(), 'vong-gac-backtest-'))
          const spool = await Spool.open(join(folder, 'spool'), { segmentBytes: 1 << 20, freeBytesMin: 0 })
          try {
            const control = { origin: { input: 'control', address: '' }, bytes: Buffer.from('{"bundle":"any"}') }
            await spool.append([control, ...day.map(frameOf)])
            const [before, after] = [
              { ...shipped, rules: [...wiring, ...old], exceptions: oldExc },
              { ...shipped, rules: [...wiring, ...now], exceptions: newExc },
            ]
            const [was, would] = [
              await run({ folder, spool }, before, 'was'),
              await run({ folder, spool }, after, 'would'),
            ]
            const hold = held ? await was.store.hold!() : undefined
            const source = hold === undefined ? eventsOf(was.store) : await readHeld(hold)
            const question: Question = {
              before: [...before.rules, ...oldExc],
              after: [...after.rules, ...newExc],
              full: true,
              scope: 'all',
              range: ALL,
              budget: BUDGET,
            }
            const sides = await bothSides(question, groundOf(was.store, source))
            expect(simulated(sides.before.grouped), 'as it was').toEqual(realIncidents(was.local))
            expect(simulated(sides.after.grouped), 'as it would be').toEqual(realIncidents(would.local))
            const standing = (await would.store.searchAlerts({ scope: 'all', limit: 1_000 })).filter(
              (alert) => alert.count > 0,
            )
            expect([...sides.after.grouped.alerts.values()].map(saidBy).sort(byId)).toEqual(
              standing.map(saidBy).sort(byId),
            )

            // Run for the rules that differ alone, with the others' alerts as they are stored.
            const answer = await backtest({ ...question, full: false }, groundOf(was.store, source))
            const real = [was, would].map(({ local }) => new Set(placesOfAlerts(local).map(({ alertId }) => alertId)))
            expect(answer.gone.sort()).toEqual([...real[0]!].filter((id) => !real[1]!.has(id)).sort())
            expect(answer.alerts.new).toBe([...real[1]!].filter((id) => !real[0]!.has(id)).length)
            expect(
              answer.appear.length + answer.vanish.length + answer.change.length > 0 || answer.gone.length === 0,
            ).toBe(true)
            if (oldExc.length === 0) {
              for (const { exception } of newExc) {
                const { id } = exception!
                const told = answer.hiddenBy
                  .filter(({ filter }) => filter === id)
                  .reduce((sum, { events }) => sum + events, 0)
                expect(told, `hidden by ${id}`).toBe(hiddenBy(would.local, id, 'all').events)
              }
            }
            await source.close()
            if (hold !== undefined) await was.store.release!(hold.id)
            for (const { store, local } of [was, would]) {
              await store.close()
              local.close()
            }
          } finally {
            await spool.close()
            rmSync(folder, { recursive: true, force: true })
          }
        },
      ),
      { numRuns: RUNS, endOnFailure: true },
    )
  },
)
