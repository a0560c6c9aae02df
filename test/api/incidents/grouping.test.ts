import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { parseGrouping, readGrouping } from '../../../api/incidents/grouping-file.ts'
import { type GroupingSettings, plainGrouping, ruleGrouping } from '../../../api/incidents/grouping-settings.ts'
import { raiseIncidents } from '../../../api/incidents/raise.ts'
import type { Alert } from '../../../model/alert.ts'
import type { Incident } from '../../../model/incident.ts'
import { ROOT } from '../../../model/root.ts'
import { say } from '../../../console/features/incidents/history-messages.ts'
import { type LocalDatabase, openLocal } from '../../../store/local/database.ts'
import { historyOf } from '../../../store/local/history.ts'
import { changeIncident, getIncident, listIncidents } from '../../../store/local/incidents.ts'
import { observablesOf } from '../../../store/local/observables.ts'
import { NOW, RULE, alertOf } from '../world.ts'

const START_MS = Date.parse('2026-11-22T07:00:00.000Z')

function raise(db: LocalDatabase, grouping: GroupingSettings, alerts: readonly Alert[]): Incident[] {
  return raiseIncidents(db, alerts, { criticality: () => 3, now: () => NOW, grouping })
}

/** One alert, `minute` minutes after the start, about one host. */
function at(seq: number, minute: number, host: string, more: Parameters<typeof alertOf>[2] = {}): Alert {
  const time = new Date(START_MS + minute * 60_000).toISOString()
  return alertOf('so-y-te', seq, {
    '@timestamp': time,
    evidence: [],
    entities: [{ kind: 'host', value: host }],
    ...more,
  })
}

const all = (db: LocalDatabase): Incident[] => listIncidents(db, { scope: 'all', order: 'updated', limit: 1_000 })
const open = (db: LocalDatabase): Incident[] => all(db).filter(({ state }) => state === 'new')
const lastReason = (db: LocalDatabase, { id }: Incident, code: string) =>
  historyOf(db, { kind: 'incident', id }, 99).findLast((entry) => entry.code === code)?.params

describe('a rule of its own', () => {
  const settings = parseGrouping(
    `format: 1
rules:
  - { rules: ['${RULE.id}'], lookBack: 72h, by: ip, afterHandled: reopen }
  - { rules: ['${RULE.id}-low'], by: rule }`,
    'x.yml',
  )
  const from = (seq: number, hours: number, address: string, host: string): Alert =>
    at(seq, hours * 60, host, {
      entities: [
        { kind: 'host', value: host },
        { kind: 'ip', value: address },
      ],
    })

  test('groups by another entity and looks further back', () => {
    const db = openLocal(':memory:')
    raise(db, settings, [
      from(1, 0, '203.0.113.9', 'web01'),
      from(2, 71, '203.0.113.9', 'db02'),
      from(3, 1, '198.51.100.1', 'web01'),
    ])
    expect(
      all(db)
        .map(({ entity, alertCount }) => `${entity.value} ${alertCount}`)
        .sort(),
    ).toEqual(['198.51.100.1 1', '203.0.113.9 2'])
  })

  test('opens what was handled again, and says why; with `follow` another incident opens', () => {
    const db = openLocal(':memory:')
    const [first] = raise(db, settings, [from(1, 0, '203.0.113.9', 'web01')])
    const { incident } = getIncident(db, first!.id, 'all')!
    changeIncident(db, incident, { ...incident, state: 'closed', verdict: 'true_positive' })
    const [again] = raise(db, settings, [from(2, 1, '203.0.113.9', 'web01')])
    expect(again).toMatchObject({ id: first!.id, state: 'in_progress', alertCount: 2 })
    expect(again).not.toHaveProperty('verdict')
    expect(historyOf(db, { kind: 'incident', id: first!.id }, 9).at(-1)).toMatchObject({
      code: 'incident_reopened',
      actor: 'system',
      params: { reason: 'reopened_by_rule', value: '203.0.113.9' },
      before: { state: 'closed', verdict: 'true_positive' },
      after: { state: 'in_progress', verdict: null },
    })
  })

  test('groups all of an agency together', () => {
    const db = openLocal(':memory:')
    raise(
      db,
      settings,
      [1, 2, 3].map((seq) => at(seq, seq, `may-${seq}`, { level: 'low' })),
    )
    expect(all(db)).toMatchObject([{ alertCount: 3 }])
  })
})

describe('risk', () => {
  const settings = parseGrouping(
    'format: 1\nrisk: { points: { informational: 2, low: 10 }, threshold: 30, window: 24h, repeats: 2 }',
    'x.yml',
  )
  const low = (seq: number, minute: number, rule: string, host = 'web01'): Alert => {
    const alert = at(seq, minute, host, { level: 'low' })
    return { ...alert, rule: { ...alert.rule, id: rule } }
  }

  test('mild alerts wait; at the threshold they are one incident that says what made it', () => {
    const db = openLocal(':memory:')
    const mild = [low(1, 0, 'a'), low(2, 1, 'a'), low(3, 2, 'a'), low(4, 3, 'a')].map((alert, i) => ({
      ...alert,
      entities: [...alert.entities, ...(i < 3 ? [{ kind: 'ip' as const, value: '203.0.113.9' }] : [])],
    }))
    expect(raise(db, settings, mild)).toEqual([]) // however often: one rule counts twice
    const [incident] = raise(db, settings, [low(5, 4, 'b')])
    expect(incident).toMatchObject({
      alertCount: 5,
      level: 'low',
      rules: [
        { id: 'b', count: 1 },
        { id: 'a', count: 4 },
      ],
    })
    // What stood in those that waited is the incident's as well.
    expect(observablesOf(db, incident!.id)).toContainEqual({
      kind: 'ip',
      value: '203.0.113.9',
      firstAt: '2026-11-22T07:00:00.000Z',
      lastAt: '2026-11-22T07:02:00.000Z',
    })
    const params = lastReason(db, incident!, 'risk_added')!
    expect(params).toMatchObject({ score: 30, threshold: 30, rules: 2, alerts: 5, windowHours: 24 })
    expect(say('risk_added', params, 'vi')).toBe(
      'Đủ điểm rủi ro cho host web01: 30/30, 5 cảnh báo nhẹ của 2 luật trong 24 giờ',
    )
    expect(say('risk_added', params, 'en')).toContain('30 of 30, 5 mild alerts of 2 rules within 24 hours')
    // From here on they join, and the score begins anew for the next.
    expect(raise(db, settings, [low(6, 5, 'a')])).toMatchObject([{ id: incident!.id, alertCount: 6 }])
    expect(db.prepare('SELECT * FROM risk_alerts').all()).toEqual([])
  })

  test('another entity, another agency, and what is older than the window do not count', () => {
    const db = openLocal(':memory:')
    const strangers = [low(1, 0, 'a', 'db02'), { ...low(2, 0, 'b'), agency: 'so-gtvt' }, low(3, -24 * 60 - 1, 'c')]
    expect(raise(db, settings, [...strangers, low(4, 0, 'd'), low(5, 0, 'e')])).toEqual([])
  })

  test('a grave alert takes what waited for its entity along', () => {
    const db = openLocal(':memory:')
    raise(db, settings, [low(1, 0, 'a')])
    const [incident] = raise(db, settings, [at(2, 1, 'web01')])
    expect(incident).toMatchObject({ alertCount: 2, level: 'high', version: 1 })
  })

  test('a mild alert that is withdrawn, or comes again, counts no more than it is', () => {
    const db = openLocal(':memory:')
    const first = low(1, 0, 'a')
    raise(db, settings, [first, first, { ...first, version: 2 }, low(2, 1, 'b')])
    raise(db, settings, [{ ...first, version: 3, count: 0 }])
    expect(raise(db, settings, [low(3, 2, 'b')])).toEqual([])
    expect(raise(db, settings, [low(4, 3, 'c')])).toMatchObject([{ alertCount: 3 }])
  })
})

describe('storms', () => {
  const settings = parseGrouping('format: 1\nstorm: { incidents: 20, within: 1m, quiet: 10m }', 'x.yml')
  /** Ten thousand hosts, one rule, one minute. */
  const storm = Array.from({ length: 10_000 }, (_, i) => at(i, i / 10_000, `may-${i}`))

  test('10,000 alerts of one rule in a minute are one open incident with a count; another rule is not hidden in it', () => {
    const db = openLocal(':memory:')
    raise(db, settings, storm)
    expect(open(db)).toMatchObject([{ alertCount: 10_000, rules: [{ id: RULE.id, count: 10_000 }], version: 1 }])
    const drawn = all(db).filter(({ mergedInto }) => mergedInto === open(db)[0]!.id)
    expect(drawn).toHaveLength(20)
    expect(lastReason(db, drawn[0]!, 'incident_merged')).toMatchObject({ reason: 'storm', incidents: 20 })

    // On a host that the storm has drawn in, and on one that it only counted.
    const others = [
      at(20_001, 0.5, 'may-3', { level: 'critical', title: 'Web shell' }),
      at(20_002, 0.5, 'may-9000', { level: 'critical', title: 'Web shell' }),
    ]
    raise(db, settings, others)
    expect(
      open(db)
        .map(({ title, alertCount, level }) => `${title} ${alertCount} ${level}`)
        .sort(),
    ).toEqual(['Web shell 1 critical', 'Web shell 1 critical', `${RULE.title} 10000 high`])
  })

  test('what somebody works on, or another rule has joined, is not drawn in', () => {
    const db = openLocal(':memory:')
    raise(db, settings, storm.slice(0, 10))
    const [mine, other] = open(db)
    const { incident } = getIncident(db, mine!.id, 'all')!
    changeIncident(db, incident, { ...incident, state: 'in_progress', assignee: 'phan-tich' })
    raise(db, settings, [at(30_000, 0, other!.entity.value, { level: 'critical', title: 'Web shell' })])
    raise(db, settings, storm.slice(10, 40))
    expect(all(db).filter(({ mergedInto }) => mergedInto === undefined)).toHaveLength(3)
    expect(getIncident(db, mine!.id, 'all')!.incident.state).toBe('in_progress')
  })

  test('it goes on while the rule does, ends when it was quiet, and twenty incidents in an hour are no storm', () => {
    const db = openLocal(':memory:')
    raise(db, settings, storm.slice(0, 500))
    raise(db, settings, [at(40_000, 9, 'muon'), at(40_001, 18, 'muon-hon')])
    expect(open(db)).toMatchObject([{ alertCount: 502 }])
    raise(db, settings, [at(40_002, 60, 'sau-do')])
    expect(open(db)).toHaveLength(2)
    const calm = openLocal(':memory:')
    raise(
      calm,
      settings,
      Array.from({ length: 30 }, (_, i) => at(i, i * 2, `may-${i}`)),
    )
    expect(open(calm)).toHaveLength(30)
  })

  test('cut anywhere and done again, the same', () => {
    const [whole, pieces] = [openLocal(':memory:'), openLocal(':memory:')]
    const some = storm.slice(0, 60)
    raise(whole, settings, some)
    for (const [from, to] of [
      [0, 19],
      [10, 21],
      [0, 22],
      [15, 60],
      [0, 60],
    ])
      raise(pieces, settings, some.slice(from, to))
    const shown = (db: LocalDatabase) =>
      all(db).map(({ id, number, alertCount, mergedInto, version }) => ({
        id,
        number,
        alertCount,
        mergedInto,
        version,
      }))
    expect(shown(pieces)).toEqual(shown(whole))
  })
})

describe('the settings', () => {
  test('those that are shipped read', () => {
    const shipped = readGrouping(join(ROOT, 'registry', 'grouping.yml'), 1_000)
    expect(ruleGrouping(shipped, RULE_OF('087dcb6c-5410-4427-98ba-84ee5e77ccbd'))).toEqual({
      lookBackMs: 72 * 3_600_000,
      by: 'ip',
      afterHandled: 'follow',
    })
    expect(ruleGrouping(shipped, RULE_OF('khác'))).toEqual({ lookBackMs: 1_000, afterHandled: 'follow' })
    expect([shipped.risk?.threshold, shipped.storm?.incidentsMax]).toEqual([30, 20])
  })

  test.each([
    ['a rule twice', 'format: 1\nrules: [{ rules: [a] }, { rules: [a] }]', 'twice'],
    ['a misspelt key', 'format: 1\nstorm: { incidents: 1, within: 1m, quite: 1m }', 'storm'],
    ['no unit', 'format: 1\nlookBack: 24', '/lookBack'],
    ['another format', 'format: 2', '/format'],
  ])('refused: %s', (_name, text, message) => {
    expect(() => parseGrouping(text, 'x.yml')).toThrow(message)
  })

  test('without a file: a day, no score, no storm', () => {
    expect(plainGrouping()).not.toHaveProperty('risk')
  })
})

function RULE_OF(id: string): Alert['rule'] {
  return { ...alertOf('so-y-te', 1).rule, id }
}
