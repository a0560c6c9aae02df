import { LEVELS, type Level } from '../../model/alert.ts'
import type { Incident } from '../../model/incident.ts'
import type { Names } from '../../model/registry.ts'
import type { Notice } from '../../store/local/notices.ts'
import { type Language, isWord, named, plain, say, titled, wallTime } from '../words.ts'
import type { Letter } from './way.ts'

/** Incidents that a message tells of one by one. */
const INCIDENTS_MAX = 40
const NEWS_MAX = 10

export interface Composing {
  language: Language
  offset: (atMs: number) => number
  agency: (key: string) => Names
  /** Where people reach the console; absent: no links. */
  consoleUrl?: string
}

export interface News {
  incident: Incident
  notices: readonly Notice[]
}

/**
 * The message about `news`, the gravest incident first, and `budgets`, rules that went over theirs; a trial where there is neither.
 */
export function compose(news: readonly News[], budgets: readonly Notice[], composing: Composing): Omit<Letter, 'id'> {
  const { language } = composing
  if (news.length + budgets.length === 0) {
    const text = say(language, 'mail.trial_text')
    return { subject: say(language, 'mail.trial'), text, html: page(language, [paragraph(text)]) }
  }
  const sorted = [...news].sort(
    (a, b) => Number(isDeadline(b)) - Number(isDeadline(a)) || b.incident.priority - a.incident.priority,
  )
  const shown = sorted.slice(0, INCIDENTS_MAX).map((one) => linesOf(one, composing))
  const more = [
    ...(sorted.length > INCIDENTS_MAX ? [say(language, 'mail.more', { n: sorted.length - INCIDENTS_MAX })] : []),
    ...budgets.map((notice) => newsOf(notice, composing)),
  ]
  const foot = [say(language, 'mail.inert'), say(language, 'mail.why')]
  return {
    subject: plain(
      sorted.length === 0
        ? say(language, 'mail.over_budget', { n: new Set(budgets.map(({ params }) => params['rule'])).size })
        : subjectOf(sorted, composing),
    ),
    text: [...shown.map(({ head, rows, link }) => [head, ...rows, ...link].join('\n')), ...more, foot.join('\n')].join(
      '\n\n',
    ),
    html: page(language, [
      ...shown.map(
        ({ head, rows, link }) =>
          `<h2 style="font-size:16px;margin:20px 0 4px">${escaped(head)}</h2>${rows.map(paragraph).join('')}${link
            .map((url) => `<p style="margin:2px 0"><a href="${escaped(url)}">${escaped(url)}</a></p>`)
            .join('')}`,
      ),
      ...more.map(paragraph),
      `<p style="color:#555;font-size:12px;margin-top:24px">${foot.map(escaped).join('<br>')}</p>`,
    ]),
  }
}

/** What a subject tells first: what the law asks goes before what was promised. */
const DEADLINES = ['deadline_missed', 'deadline_warning', 'clock_missed', 'clock_warning'] as const

function isDeadline({ notices }: News): boolean {
  return notices.some(({ code }) => (DEADLINES as readonly string[]).includes(code))
}

function subjectOf(sorted: readonly News[], { language, offset }: Composing): string {
  const [{ incident, notices }] = sorted as [News]
  const { number, level } = incident
  const params = { number, level: say(language, `level.${level}`), title: titled(language, incident) }
  for (const code of DEADLINES) {
    const due = notices.find((notice) => notice.code === code)
    if (due === undefined) continue
    const dueAt = wallTime(offset, String(due.params['dueAt'] ?? ''))
    return say(language, `mail.${code}`, { ...params, dueAt })
  }
  if (sorted.length === 1) return say(language, 'mail.one', params)
  const gravest = sorted.reduce<Level>(
    (most, one) => (LEVELS.indexOf(one.incident.level) > LEVELS.indexOf(most) ? one.incident.level : most),
    'informational',
  )
  return say(language, 'mail.many', { n: sorted.length, level: say(language, `level.${gravest}`) })
}

function linesOf({ incident, notices }: News, composing: Composing): { head: string; rows: string[]; link: string[] } {
  const { language, agency, consoleUrl } = composing
  const { number, level, state, entity, alertCount } = incident
  const head = `#${number} · ${say(language, `level.${level}`)} · ${say(language, `state.${state}`)} · ${inert(titled(language, incident))}`
  const about = `${say(language, `kind.${entity.kind}`)} ${inert(entity.value)}`
  const counted = new Map<string, number>()
  for (const notice of notices) {
    const text = newsOf(notice, composing)
    counted.set(text, (counted.get(text) ?? 0) + 1)
  }
  const news = [...counted].slice(0, NEWS_MAX).map(([text, n]) => (n === 1 ? text : `${text} ×${n}`))
  return {
    head,
    rows: [
      `${say(language, 'mail.agency')}: ${plain(named(language, agency(incident.agency)))}`,
      `${say(language, 'mail.entity')}: ${about}`,
      `${say(language, 'mail.alerts')}: ${alertCount}`,
      `${say(language, 'mail.news')}: ${news.join('; ')}${counted.size > NEWS_MAX ? '; …' : ''}`,
    ],
    link: consoleUrl === undefined ? [] : [`${consoleUrl}/incidents/${encodeURIComponent(incident.id)}`],
  }
}

function newsOf({ code, params }: Notice, { language, offset, agency }: Composing): string {
  const key = `history.${code}`
  if (!isWord(key)) return code
  const title = String(params['title'] ?? '')
  return say(language, key, {
    ...Object.fromEntries(
      Object.entries(params).map(([name, value]) => [name, typeof value === 'number' ? value : inert(value)]),
    ),
    title: inert(titled(language, { title, titleVi: String(params['titleVi'] ?? title) })),
    dueAt: wallTime(offset, String(params['dueAt'] ?? '')),
    agency: plain(named(language, agency(String(params['agency'] ?? '')))),
  })
}

/** Text of a log in which no mail program finds an address to make a link of. */
function inert(text: string): string {
  return plain(text)
    .replaceAll(/[.@](?=[^\s.@])/g, (mark) => `[${mark}]`)
    .replaceAll('://', '[://]')
}

function paragraph(text: string): string {
  return `<p style="margin:2px 0">${escaped(text)}</p>`
}

function page(language: Language, parts: readonly string[]): string {
  return `<!doctype html><html lang="${language}"><head><meta charset="utf-8"></head><body style="font-family:sans-serif;font-size:14px">${parts.join('')}</body></html>`
}

function escaped(text: string): string {
  const names: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' }
  return text.replaceAll(/[&<>"']/g, (char) => names[char]!)
}
