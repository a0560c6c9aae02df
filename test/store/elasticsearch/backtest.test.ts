import { randomBytes } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { backtest, bothSides, type Question } from '../../../api/backtests/backtest.ts'
import { Spool } from '../../../collector/spool/spool.ts'
import type { RuleFile } from '../../../detection/types.ts'
import { openElasticsearch } from '../../../store/elasticsearch/elasticsearch.ts'
import { eventsOf } from '../../../store/event-source.ts'
import { placesOfAlerts } from '../../../store/local/incident-alerts.ts'
import { ALL, BUDGET, groundOf, realIncidents, runInto, shipped, simulated, wiring } from '../../api/replayed-day.ts'
import { remove } from './remove.ts'

const node = process.env['ELASTICSEARCH_URL']

const rule = (id: string, detection: string): RuleFile => ({
  path: `${id}.yml`,
  text: `title: Rule ${id}\nid: ${id}\nname: ${id}\nlevel: high\nlogsource: { product: linux, service: sshd }\ndetection:\n${detection.replace(/^/gm, '  ')}\n`,
})
const GUESS: RuleFile = {
  path: 'guess.yml',
  text: 'title: Guess\nid: guess\nlevel: medium\ncorrelation:\n  type: event_count\n  rules: [failed]\n  group-by: [source.ip]\n  timespan: 1d\n  condition: { gte: 3 }\n',
}
const EXCEPTION: RuleFile = {
  path: 'exceptions/e.yml',
  text: 'title: E\nlogsource: { product: linux, service: sshd }\nfilter:\n  rules: [failed]\n  s: { user.name: root }\n  condition: not s\n',
  exception: { id: 'e', agencies: 'all' },
}
const FAILED = rule('failed', 's: { event.outcome: failure }\ncondition: s')

/** What changes, from what the cluster looks up by a term to what it can look up nothing of. */
const CHANGES: [string, RuleFile[], RuleFile[]][] = [
  [
    'a value',
    [FAILED, GUESS],
    [rule('failed', 's: { event.outcome: failure, user.name: quantri }\ncondition: s'), GUESS],
  ],
  [
    'a network',
    [rule('net', "s: { source.ip|cidr: '203.0.113.0/25' }\ncondition: s")],
    [rule('net', "s: { source.ip: '203.0.113.200' }\ncondition: s")],
  ],
  [
    'a number',
    [rule('port', 's: { source.port|gte: 30000 }\ncondition: s')],
    [rule('port', 's: { source.port: 22 }\ncondition: s')],
  ],
  [
    'a word anywhere',
    [rule('words', "w: ['alpha']\ncondition: w")],
    [rule('words', "w: ['alpha', 'bravo']\ncondition: w")],
  ],
  [
    'an expression',
    [rule('lacks', 's: { user.name: root }\ncondition: not s')],
    [rule('lacks', "s: { user.name|re: '^q.*i$' }\ncondition: s")],
  ],
  ['an exception', [FAILED, GUESS], [FAILED, GUESS, EXCEPTION]],
]

/** Ninety lines of three days, each kind of what the rules ask about. */
const LINES = Array.from({ length: 90 }, (_, i) => {
  const at = new Date(Date.parse('2026-11-20T00:00:00Z') + i * 43 * 60_000 - (i % 7) * 20_000).toISOString()
  const [user, last, port] = [
    ['root', 'quantri', 'Root', 'an'][i % 4],
    [7, 60, 100, 200][i % 3],
    [22, 30_000, 40_022][(i % 5) % 3],
  ]
  const said = [
    `Failed password for ${user} from 203.0.113.${last} port ${port} ssh2`,
    `Accepted password for ${user} from 203.0.113.${last} port ${port} ssh2`,
    'says alpha',
    'says bravo',
  ]
  const burst = i % 9 < 4 ? said[0] : said[i % 4]
  return `<38>1 ${at} motcua-web0${1 + (i % 3)} sshd 7 - - ${burst}`
})

test.skipIf(node === undefined)(
  'a backtest that reads a cluster is a replay of the raw records, whatever changed',
  { timeout: 300_000 },
  async () => {
    const folder = mkdtempSync(join(tmpdir(), 'vong-gac-backtest-es-'))
    const spool = await Spool.open(join(folder, 'spool'), { segmentBytes: 1 << 20, freeBytesMin: 0 })
    const bytes = ['{"bundle":"any"}', ...LINES].map((text) => Buffer.from(text))
    await spool.append(
      bytes.map((each, i) => ({
        origin: { input: i === 0 ? 'control' : 'syslog-tcp', address: i === 0 ? '' : '192.0.2.7' },
        bytes: each,
      })),
    )
    const alike: string[] = []
    for (const [name, old, now] of CHANGES) {
      const prefixes = [0, 1].map(() => `t${randomBytes(6).toString('hex')}`)
      const stores = await Promise.all(
        prefixes.map((prefix) => openElasticsearch({ node: node!, prefix, replicas: 0 })),
      )
      const exceptions = now.filter((file) => file.exception !== undefined)
      const rules = now.filter((file) => file.exception === undefined)
      const before = { ...shipped, rules: [...wiring, ...old] }
      const after = { ...shipped, rules: [...wiring, ...rules], exceptions }
      const was = await runInto(stores[0]!, { folder, spool }, before, `${name}-was`)
      const would = await runInto(stores[1]!, { folder, spool }, after, `${name}-would`)
      await stores[0]!.refresh()
      const question: Question = {
        before: before.rules,
        after: [...after.rules, ...exceptions],
        full: true,
        scope: 'all',
        range: ALL,
        budget: BUDGET,
      }
      const sides = await bothSides(question, groundOf(stores[0]!, eventsOf(stores[0]!)))
      expect([name, simulated(sides.before.grouped)]).toEqual([name, realIncidents(was)])
      expect([name, simulated(sides.after.grouped)]).toEqual([name, realIncidents(would)])
      const { gone } = await backtest({ ...question, full: false }, groundOf(stores[0]!, eventsOf(stores[0]!)))
      const [real, then] = [was, would].map((local) => placesOfAlerts(local).map(({ alertId }) => alertId))
      expect([name, gone.sort()]).toEqual([name, real!.filter((id) => !then!.includes(id)).sort()])
      if (JSON.stringify(realIncidents(was)) === JSON.stringify(realIncidents(would))) alike.push(name)
      for (const [i, store] of stores.entries()) {
        await store.close()
        await remove(prefixes[i]!)
      }
      was.close()
      would.close()
    }
    expect(alike).toEqual([]) // or nothing was held against anything
    await spool.close()
    rmSync(folder, { recursive: true, force: true })
  },
)
