import { LEVELS } from '../../model/alert.ts'
import { SOURCE_STATES } from '../../model/health.ts'
import { VERDICTS } from '../../model/incident.ts'
import { csvLine } from '../exports/formats.ts'
import { type Language, counted, isWord, named, plain, say, titled, wallTime } from '../words.ts'
import type { Block, ReportDocument } from './document.ts'
import { type Wall, duration, wallDay } from './incident.ts'
import type { PeriodFacts, Spread } from './period-facts.ts'

/** The report about a week or a month. */
export function periodReport(facts: PeriodFacts, wall: Wall): ReportDocument {
  const { language, offset, nowMs } = wall
  return {
    language,
    title: say(language, 'report.title'),
    subject: say(language, 'period.about', { from: day(facts.period.from), to: day(before(facts.period.to)) }),
    day: wallDay(offset, nowMs),
    blocks: [
      ...summary(facts, language),
      ...byAgency(facts, language),
      ...byRule(facts, language),
      ...watched(facts, language),
      ...complete(facts, language),
      { kind: 'heading', text: `VI. ${say(language, 'period.remarks')}` },
      { kind: 'room', lines: 4 },
      {
        kind: 'paragraph',
        text: say(language, 'period.made', { at: wallTime(offset, new Date(nowMs).toISOString()) }),
      },
    ],
  }
}

function summary(facts: PeriodFacts, language: Language): Block[] {
  const { opened, byLevel, byVerdict, inTime, legal } = facts
  const share = ({ met, of }: { met: number; of: number }): string =>
    of === 0 ? say(language, 'none') : `${met}/${of} (${((100 * met) / of).toFixed(0)} %)`
  return [
    { kind: 'heading', text: `I. ${say(language, 'period.summary')}` },
    {
      kind: 'paragraph',
      text: say(language, 'period.summary_text', {
        opened: counted(language, opened),
        grave: counted(language, byLevel.high + byLevel.critical),
        open: counted(language, facts.openNow),
        real: counted(language, byVerdict.true_positive),
        false: counted(language, byVerdict.false_positive),
      }),
    },
    {
      kind: 'table',
      head: [say(language, 'field.level'), ...LEVELS.toReversed().map((level) => say(language, `level.${level}`))],
      widths: [25, 15, 15, 15, 15, 15],
      rows: [
        [say(language, 'period.incidents'), ...LEVELS.toReversed().map((level) => counted(language, byLevel[level]))],
      ],
    },
    {
      kind: 'table',
      head: [say(language, 'field.verdict'), say(language, 'period.incidents')],
      widths: [70, 30],
      rows: [...VERDICTS, 'none' as const].map((verdict) => [
        verdict === 'none' ? say(language, 'period.no_verdict') : say(language, `verdict.${verdict}`),
        counted(language, byVerdict[verdict]),
      ]),
    },
    {
      kind: 'table',
      head: [
        say(language, 'report.clock'),
        say(language, 'period.n'),
        say(language, 'period.median'),
        say(language, 'period.mean'),
        say(language, 'period.in_time'),
      ],
      widths: [32, 12, 20, 20, 16],
      rows: [
        [say(language, 'clock.detect'), ...spreadCells(facts.detect, language), ''],
        [say(language, 'clock.acknowledge'), ...spreadCells(facts.acknowledge, language), share(inTime.acknowledge)],
        [say(language, 'clock.resolve'), ...spreadCells(facts.resolve, language), share(inTime.resolve)],
      ],
    },
    { kind: 'paragraph', text: say(language, 'period.legal', legal) },
  ]
}

function spreadCells({ n, medianMs, meanMs }: Spread, language: Language): string[] {
  const cell = (ms: number | undefined): string => (ms === undefined ? say(language, 'none') : duration(language, ms))
  return [counted(language, n), cell(medianMs), cell(meanMs)]
}

function byAgency({ agencies }: PeriodFacts, language: Language): Block[] {
  return [
    { kind: 'heading', text: `II. ${say(language, 'period.by_agency')}` },
    {
      kind: 'table',
      head: [
        say(language, 'mail.agency'),
        say(language, 'period.opened'),
        say(language, 'period.grave'),
        say(language, 'period.open_now'),
        say(language, 'clock.acknowledge'),
        say(language, 'clock.resolve'),
      ],
      widths: [34, 11, 11, 12, 16, 16],
      rows: agencies.map((agency) => [
        plain(named(language, agency)),
        counted(language, agency.opened),
        counted(language, agency.grave),
        counted(language, agency.openNow),
        spreadCells(agency.acknowledge, language)[1]!,
        spreadCells(agency.resolve, language)[1]!,
      ]),
    },
  ]
}

function byRule({ rules }: PeriodFacts, language: Language): Block[] {
  return [
    { kind: 'heading', text: `III. ${say(language, 'period.by_rule')}` },
    {
      kind: 'table',
      head: [
        say(language, 'report.no'),
        say(language, 'report.rule'),
        say(language, 'field.level'),
        say(language, 'period.incidents'),
        say(language, 'mail.alerts'),
        say(language, 'verdict.false_positive'),
      ],
      widths: [7, 43, 15, 12, 12, 11],
      rows: rules.map((rule, i) => [
        String(i + 1),
        plain(titled(language, rule)),
        say(language, `level.${rule.level}`),
        counted(language, rule.incidents),
        counted(language, rule.alerts),
        counted(language, rule.false),
      ]),
    },
  ]
}

const STATES_SHOWN = SOURCE_STATES.filter((state) => state !== 'unregistered')

function watched({ sources }: PeriodFacts, language: Language): Block[] {
  return [
    { kind: 'heading', text: `IV. ${say(language, 'period.watched')}` },
    {
      kind: 'table',
      head: [
        say(language, 'mail.agency'),
        say(language, 'period.sources'),
        ...STATES_SHOWN.map((state) => say(language, `source.${state}`)),
      ],
      widths: [34, 11, ...STATES_SHOWN.map(() => 55 / STATES_SHOWN.length)],
      rows: sources.map(({ agency, total, states }) => [
        plain(named(language, agency)),
        counted(language, total),
        ...STATES_SHOWN.map((state) => counted(language, states[state] ?? 0)),
      ]),
    },
  ]
}

/** What became of every record; and whether any is without an end. */
function complete({ outcomes, accounts, head }: PeriodFacts, language: Language): Block[] {
  const lost = accounts === undefined ? 0 : accounts.positions - accounts.counted
  const total = outcomes.reduce((sum, { records }) => sum + records, 0)
  return [
    { kind: 'heading', text: `V. ${say(language, 'period.complete')}` },
    { kind: 'paragraph', text: say(language, 'period.complete_text', { total: counted(language, total) }) },
    outcomes.length === 0
      ? { kind: 'paragraph', text: say(language, 'period.no_records') }
      : {
          kind: 'table',
          head: [say(language, 'period.end'), say(language, 'period.records')],
          widths: [70, 30],
          rows: outcomes.map(({ what, records }) => [outcomeWord(language, what), counted(language, records)]),
        },
    ...(accounts === undefined
      ? []
      : [
          {
            kind: 'paragraph' as const,
            text: say(language, lost === 0 ? 'period.nothing_lost' : 'period.lost', {
              positions: counted(language, accounts.positions),
              counted: accounts.counted,
              lost,
            }),
          },
        ]),
    ...(head === undefined
      ? []
      : [{ kind: 'paragraph' as const, text: say(language, 'period.head', { id: head.id, hash: head.hash }) }]),
  ]
}

function outcomeWord(language: Language, what: string): string {
  const key = `outcome.${what.split(':')[0]!}`
  const word = isWord(key) ? say(language, key) : what
  return what.includes(':') ? `${word}: ${what.slice(what.indexOf(':') + 1)}` : word
}

/** All figures in long form: part, item, measure, value; durations in seconds. */
export function periodCsv(facts: PeriodFacts): string {
  const rows: string[][] = [['part', 'item', 'measure', 'value']]
  const add = (part: string, item: string, measure: string, value: number | string | undefined): void =>
    void rows.push([part, item, measure, value === undefined ? '' : String(value)])
  const seconds = (ms: number | undefined): number | undefined =>
    ms === undefined ? undefined : Math.round(ms / 1_000)
  const spread = (part: string, item: string, name: string, { n, medianMs, meanMs }: Spread): void => {
    add(part, item, `${name}_n`, n)
    add(part, item, `${name}_median_s`, seconds(medianMs))
    add(part, item, `${name}_mean_s`, seconds(meanMs))
  }
  add('period', '', 'from', facts.period.from)
  add('period', '', 'to', facts.period.to)
  add('summary', '', 'opened', facts.opened)
  add('summary', '', 'open_now', facts.openNow)
  for (const level of LEVELS) add('level', level, 'opened', facts.byLevel[level])
  for (const [verdict, n] of Object.entries(facts.byVerdict)) add('verdict', verdict, 'incidents', n)
  for (const name of ['detect', 'acknowledge', 'resolve'] as const) spread('clock', '', name, facts[name])
  for (const [name, { met, of }] of Object.entries(facts.inTime)) {
    add('clock', '', `${name}_in_time`, met)
    add('clock', '', `${name}_ended`, of)
  }
  for (const [state, n] of Object.entries(facts.legal)) add('legal', state, 'deadlines', n)
  for (const agency of facts.agencies) {
    const item = `${agency.key} ${agency.vi}`
    add('agency', item, 'opened', agency.opened)
    add('agency', item, 'high_or_critical', agency.grave)
    add('agency', item, 'open_now', agency.openNow)
    spread('agency', item, 'acknowledge', agency.acknowledge)
    spread('agency', item, 'resolve', agency.resolve)
  }
  for (const rule of facts.rules) {
    const item = `${rule.id} ${rule.titleVi}`
    add('rule', item, 'incidents', rule.incidents)
    add('rule', item, 'alerts', rule.alerts)
    add('rule', item, 'false_positive', rule.false)
  }
  for (const { key, total, states } of facts.sources) {
    add('sources', key, 'total', total)
    for (const [state, n] of Object.entries(states)) add('sources', key, state, n)
  }
  for (const { what, records } of facts.outcomes) add('completeness', what, 'records', records)
  if (facts.accounts !== undefined) {
    add('completeness', '', 'positions', facts.accounts.positions)
    add('completeness', '', 'counted', facts.accounts.counted)
  }
  return `\uFEFF${rows.map(csvLine).join('')}`
}

function day(text: string): string {
  const [year, month, date] = text.split('-')
  return `${date}/${month}/${year}`
}

function before(text: string): string {
  return new Date(Date.parse(`${text}T00:00:00Z`) - 86_400_000).toISOString().slice(0, 10)
}
