import type { HistoryEntry } from '../../store/local/history.ts'
import { type Language, counted, isWord, named, plain, say, titled, wallTime } from '../words.ts'
import type { Block, ReportDocument } from './document.ts'
import type { IncidentFacts } from './facts.ts'

const LINES_SHOWN = 12
const LINE_CHARS_MAX = 600
const ROWS_SHOWN = 60

/** What the wall clock shows, for times in a report. */
export interface Wall {
  language: Language
  offset: (atMs: number) => number
  nowMs: number
}

/** The report about one incident: what it is, what it rests on, what was done, by when, and room for what only people know. */
export function incidentReport(facts: IncidentFacts, wall: Wall): ReportDocument {
  const { language, offset, nowMs } = wall
  const { incident, agency } = facts
  return {
    language,
    title: say(language, 'report.title'),
    subject: say(language, 'report.about', {
      number: incident.number,
      title: plain(titled(language, incident)),
      agency: plain(named(language, agency)),
    }),
    day: wallDay(offset, nowMs),
    blocks: [
      ...general(facts, wall),
      ...course(facts, wall),
      ...evidence(facts, wall),
      ...handling(facts, wall),
      ...deadlines(facts, wall),
      { kind: 'heading', text: `VI. ${say(language, 'report.causes')}` },
      { kind: 'room', lines: 6 },
      {
        kind: 'paragraph',
        text: say(language, 'report.made', {
          at: wallTime(offset, new Date(nowMs).toISOString()),
          version: incident.version,
          id: incident.id,
        }),
      },
    ],
  }
}

function general(facts: IncidentFacts, { language, offset }: Wall): Block[] {
  const { incident, agency, system, group, detectedAt } = facts
  const { legal, entity } = incident
  const yes = (answer: boolean | undefined): string =>
    say(language, answer === undefined ? 'unknown' : answer ? 'yes' : 'no')
  const rows: [string, string][] = [
    [say(language, 'report.number'), `#${incident.number}`],
    [say(language, 'mail.agency'), plain(named(language, agency))],
    ...(system === undefined
      ? []
      : [
          [
            say(language, 'report.system'),
            say(language, 'report.system_level', { name: plain(named(language, system)), level: system.level }),
          ] as [string, string],
        ]),
    [say(language, 'mail.entity'), `${say(language, `kind.${entity.kind}`)} ${plain(entity.value)}`],
    [say(language, 'report.group'), group === undefined ? say(language, 'unknown') : named(language, group)],
    [say(language, 'field.level'), say(language, `level.${incident.level}`)],
    [say(language, 'field.priority'), `${incident.priority}/100`],
    [say(language, 'field.state'), say(language, `state.${incident.state}`)],
    [
      say(language, 'field.verdict'),
      incident.verdict === undefined ? say(language, 'none') : say(language, `verdict.${incident.verdict}`),
    ],
    [say(language, 'field.assignee'), incident.assignee ?? say(language, 'none')],
    [say(language, 'report.first_event'), wallTime(offset, incident.firstEventAt)],
    [say(language, 'report.last_event'), wallTime(offset, incident.lastEventAt)],
    [say(language, 'report.detected'), wallTime(offset, detectedAt)],
    [say(language, 'report.serious'), yes(legal.serious)],
    [say(language, 'report.national_security'), yes(legal.nationalSecurity)],
    [say(language, 'report.personal_data'), yes(legal.personalData)],
  ]
  return [
    { kind: 'heading', text: `I. ${say(language, 'report.general')}` },
    { kind: 'facts', rows },
  ]
}

function course({ incident, agency }: IncidentFacts, { language, offset }: Wall): Block[] {
  const { rules, entities, attack } = incident
  return [
    { kind: 'heading', text: `II. ${say(language, 'report.course')}` },
    {
      kind: 'paragraph',
      text: say(language, 'report.course_text', {
        from: wallTime(offset, incident.firstEventAt),
        to: wallTime(offset, incident.lastEventAt),
        alerts: counted(language, incident.alertCount),
        rules: rules.length,
        agency: plain(named(language, agency)),
      }),
    },
    {
      kind: 'table',
      head: [
        say(language, 'report.no'),
        say(language, 'report.rule'),
        say(language, 'field.level'),
        say(language, 'mail.alerts'),
      ],
      widths: [8, 60, 18, 14],
      rows: rules
        .slice(0, ROWS_SHOWN)
        .map((rule, i) => [
          String(i + 1),
          plain(titled(language, rule)),
          say(language, `level.${rule.level}`),
          counted(language, rule.count),
        ]),
    },
    {
      kind: 'facts',
      rows: [
        [
          say(language, 'report.entities'),
          entities
            .slice(0, ROWS_SHOWN)
            .map(({ kind, value }) => `${say(language, `kind.${kind}`)} ${plain(value)}`)
            .join('; '),
        ],
        [say(language, 'report.attack'), techniques(attack) || say(language, 'none')],
      ],
    },
  ]
}

/** `attack.t1110.001` as ATT&CK writes it: T1110.001. */
export function techniques(attack: readonly string[]): string {
  return attack.flatMap((tag) => /^attack[.](t\d{4}(?:[.]\d{3})?)$/.exec(tag)?.[1]?.toUpperCase() ?? []).join(', ')
}

function evidence({ alerts, attachments, observables }: IncidentFacts, { language, offset }: Wall): Block[] {
  const seen = new Map(alerts.flatMap((alert) => alert.evidence).map((each) => [each.record, each]))
  const lines = [...seen.values()].sort((a, b) => a.seq - b.seq)
  return [
    { kind: 'heading', text: `III. ${say(language, 'report.evidence')}` },
    {
      kind: 'paragraph',
      text: say(language, 'report.lines', { shown: Math.min(lines.length, LINES_SHOWN), n: lines.length }),
    },
    {
      kind: 'lines',
      lines: lines
        .slice(0, LINES_SHOWN)
        .map((each) => `${wallTime(offset, each['@timestamp'])} · ${plain(each.original, LINE_CHARS_MAX)}`),
    },
    ...(observables.length === 0
      ? []
      : [
          {
            kind: 'table' as const,
            head: [
              say(language, 'report.kind'),
              say(language, 'report.observable'),
              say(language, 'report.first'),
              say(language, 'report.last'),
            ],
            widths: [12, 48, 20, 20],
            rows: observables
              .slice(0, ROWS_SHOWN)
              .map(({ kind, value, firstAt, lastAt }) => [
                say(language, `kind.${kind}`),
                plain(value),
                wallTime(offset, firstAt),
                wallTime(offset, lastAt),
              ]),
          },
        ]),
    ...(attachments.length === 0
      ? []
      : [
          {
            kind: 'table' as const,
            head: [say(language, 'report.file'), say(language, 'report.bytes'), 'SHA-256'],
            widths: [34, 16, 50],
            rows: attachments.map(({ name, bytes, sha256 }) => [plain(name), counted(language, bytes), sha256]),
          },
        ]),
  ]
}

function handling({ tasks, history }: IncidentFacts, { language, offset }: Wall): Block[] {
  const done = tasks.filter(({ doneAt }) => doneAt !== undefined)
  const open = tasks.filter(({ doneAt }) => doneAt === undefined)
  return [
    { kind: 'heading', text: `IV. ${say(language, 'report.handling')}` },
    ...(tasks.length === 0
      ? []
      : [
          {
            kind: 'table' as const,
            head: [say(language, 'report.task'), say(language, 'report.done'), say(language, 'report.by')],
            widths: [60, 22, 18],
            rows: [...done, ...open]
              .slice(0, ROWS_SHOWN)
              .map((task) => [
                plain(titled(language, task)),
                task.doneAt === undefined ? say(language, 'report.not_done') : wallTime(offset, task.doneAt),
                task.doneBy ?? '',
              ]),
          },
        ]),
    {
      kind: 'table',
      head: [say(language, 'report.time'), say(language, 'report.by'), say(language, 'report.event')],
      widths: [22, 18, 60],
      rows: history
        .slice(-ROWS_SHOWN)
        .map((entry) => [
          wallTime(offset, entry.at),
          entry.actor === 'system' ? 'Vọng Gác' : entry.actor,
          happened(entry, { language, offset }),
        ]),
    },
  ]
}

/** An entry of the history in words. */
function happened(
  { code, params, before = {}, after = {} }: HistoryEntry,
  { language, offset }: Pick<Wall, 'language' | 'offset'>,
): string {
  const title = String(params['title'] ?? '')
  const key = `history.${code}`
  const shown = Object.fromEntries(Object.entries(params).map(([name, value]) => [name, plain(String(value))]))
  const text = isWord(key)
    ? say(language, key, {
        ...shown,
        title: plain(titled(language, { title, titleVi: String(params['titleVi'] ?? title) })),
        dueAt: wallTime(offset, String(params['dueAt'] ?? '')),
      })
    : code
  const value = (field: string, held: unknown): string => {
    if (typeof held !== 'string' && typeof held !== 'number') return say(language, 'none')
    const word = `${field}.${held}`
    return isWord(word) ? say(language, word) : plain(String(held))
  }
  const changes = Object.keys(after).flatMap((field) => {
    const name = `field.${field}`
    return isWord(name)
      ? [`${say(language, name)}: ${value(field, before[field])} → ${value(field, after[field])}`]
      : []
  })
  return [text, ...changes].join(' · ')
}

function deadlines({ service, legal }: IncidentFacts, { language, offset }: Wall): Block[] {
  return [
    { kind: 'heading', text: `V. ${say(language, 'report.deadlines')}` },
    {
      kind: 'table',
      head: [
        say(language, 'report.clock'),
        say(language, 'report.took'),
        say(language, 'report.target'),
        say(language, 'field.state'),
      ],
      widths: [40, 20, 20, 20],
      rows: [
        [say(language, 'clock.detect'), duration(language, service.detectMs), '', ''],
        ...service.clocks.map(({ key, elapsedMs, targetMs, state }) => [
          say(language, `clock.${key}`),
          duration(language, elapsedMs),
          duration(language, targetMs),
          say(language, `clock.${state}`),
        ]),
      ],
    },
    ...(legal.length === 0
      ? [{ kind: 'paragraph' as const, text: say(language, 'report.no_deadline') }]
      : [
          {
            kind: 'table' as const,
            head: [
              say(language, 'report.duty'),
              say(language, 'report.basis'),
              say(language, 'report.due'),
              say(language, 'field.state'),
            ],
            widths: [36, 26, 18, 20],
            rows: legal.map(({ deadline, dueAt, state, report }) => [
              named(language, deadline),
              `${named(language, deadline.document)}, ${deadline.article}`,
              wallTime(offset, dueAt),
              report === undefined
                ? say(language, `clock.${state}`)
                : `${say(language, `clock.${state}`)}: ${plain(report.reference)}`,
            ]),
          },
        ]),
  ]
}

/** `2 giờ 05 phút`. */
export function duration(language: Language, ms: number): string {
  const minutes = Math.round(ms / 60_000)
  const [days, hours, rest] = [Math.floor(minutes / 1_440), Math.floor((minutes % 1_440) / 60), minutes % 60]
  if (days > 0) return say(language, 'duration.days', { days, hours })
  return hours > 0
    ? say(language, 'duration.hours', { hours, minutes: rest })
    : say(language, 'duration.minutes', { minutes: rest })
}

/** Day of the wall clock, `YYYY-MM-DD`. */
export function wallDay(offset: (atMs: number) => number, atMs: number): string {
  return new Date(atMs + offset(atMs)).toISOString().slice(0, 10)
}
