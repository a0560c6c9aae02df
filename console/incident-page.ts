import type { Alert, Evidence, Proof } from '../model/alert.ts'
import { type Incident, STATES, type State, VERDICTS, type Verdict } from '../model/incident.ts'
import {
  type Decision,
  type HistoryEntry,
  type IncidentDetail,
  type Me,
  RequestError,
  type Rule,
  change,
  incident,
  rule,
} from './client.ts'
import { button, el, levelBadge, timeElement } from './element.ts'
import { segments, visible } from './highlight.ts'
import { t, titled } from './language.ts'
import { type MessageKey, isMessageKey } from './messages.ts'
import { problemText } from './problem-text.ts'

export interface PageDeps {
  me: Me
  agencyName: (key: string) => string
  systemName: (key: string) => string
  changed: (incident: Incident) => void
  failed: (error: unknown) => boolean
}

/** Raw lines shown of an alert before a click shows all. */
const LINES_SHOWN = 8

/** The page of one incident. `hint` says what became of a change just made. */
export function incidentPage(read: IncidentDetail, deps: PageDeps, hint = ''): HTMLElement {
  const page = el('article', { class: 'incident', tabindex: -1, 'aria-labelledby': 'incident-title' })
  const reload = async (said: string): Promise<void> => {
    const fresh = await incident(read.id)
    deps.changed(fresh)
    page.replaceWith(incidentPage(fresh, deps, said))
  }
  page.append(
    el('a', { href: '#/', class: 'back' }, `← ${t('incident.back')}`),
    el(
      'header',
      { class: `incident-head edge-${read.level}` },
      el(
        'p',
        { class: 'row-top' },
        levelBadge(read.level),
        el('span', { class: `state state-${read.state}` }, t(`state.${read.state}`)),
        read.verdict !== undefined && el('span', { class: 'chip' }, t(`verdict.${read.verdict}`)),
        el('span', { class: 'quiet' }, t('incident.number', { n: read.number })),
      ),
      el('h1', { id: 'incident-title' }, titled(read)),
      facts(read, deps),
    ),
    decision(read, deps, hint, reload),
    ...alertSections(read),
    history(read.history),
  )
  return page
}

function facts(read: IncidentDetail, deps: PageDeps): HTMLElement {
  const reasons = read.priorityReasons.map((reason) => {
    const [code = '', value = ''] = reason.split(':')
    const key = `reason.${code}`
    const word = isMessageKey(`level.${value}`) ? t(`level.${value}` as MessageKey) : value
    return isMessageKey(key) ? t(key, { value: word.toLowerCase() }) : reason
  })
  const others = read.entities.filter(({ kind, value }) => kind !== read.entity.kind || value !== read.entity.value)
  const rows: [MessageKey, Node | string][] = [
    ['incident.priority', el('span', {}, el('b', {}, String(read.priority)), ` (${reasons.join(' × ')})`)],
    ['incident.agency', deps.agencyName(read.agency)],
    ...(read.system === undefined ? [] : [['incident.system', deps.systemName(read.system)] as [MessageKey, string]]),
    ['incident.entity', entityText(read.entity)],
    ['incident.first', timeElement(read.firstEventAt, true)],
    ['incident.last', timeElement(read.lastEventAt, true)],
    ['incident.alerts', String(read.alertCount)],
    ['incident.assignee', read.assignee ?? t('incident.nobody')],
  ]
  return el(
    'div',
    {},
    el(
      'dl',
      { class: 'facts' },
      ...rows.map(([key, value]) => el('div', {}, el('dt', {}, t(key)), el('dd', {}, value))),
    ),
    others.length > 0 &&
      el(
        'p',
        { class: 'chips' },
        el('span', { class: 'quiet' }, t('incident.other_entities')),
        ...others.map(entityChip),
      ),
    read.attack.length > 0 &&
      el(
        'p',
        { class: 'chips' },
        el('span', { class: 'quiet' }, 'ATT&CK'),
        ...read.attack.map((tag) => el('span', { class: 'chip' }, attackName(tag))),
      ),
  )
}

/** `attack.t1110.001` as `T1110.001`, `attack.credential-access` as `credential access`. */
function attackName(tag: string): string {
  const name = tag.replace(/^attack\./, '')
  return /^[tgs]\d/.test(name) ? name.toUpperCase() : name.replaceAll(/[-_]/g, ' ')
}

function entityText({ kind, value }: Incident['entity']): string {
  return `${t(`kind.${kind}`)} ${visible(value)}`
}

function entityChip(entity: Incident['entity']): HTMLElement {
  return el('span', { class: 'chip' }, entityText(entity))
}

/** State, verdict and assignee; the page is built anew from the server's answer. */
function decision(
  read: IncidentDetail,
  deps: PageDeps,
  hint: string,
  reload: (said: string) => Promise<void>,
): HTMLElement {
  const said = el('p', { class: 'notice', role: 'status' }, hint)
  const state = choice(
    'incident-state',
    STATES.map((value) => [value, t(`state.${value}`)]),
    read.state,
  )
  const verdict = choice(
    'incident-verdict',
    [['', t('incident.no_verdict')], ...VERDICTS.map((value): [string, string] => [value, t(`verdict.${value}`)])],
    read.verdict ?? '',
  )
  const send = async (wanted: Decision): Promise<void> => {
    try {
      await change(read, wanted)
      await reload(t('incident.saved'))
    } catch (error) {
      if (deps.failed(error)) return
      said.textContent = problemText(error)
      if (error instanceof RequestError && error.code === 'precondition_failed') await reload(problemText(error))
    }
  }
  const mine = read.assignee === deps.me.name
  const started: Decision = read.state === 'new' ? { state: 'in_progress' } : {}
  const assign = mine
    ? button(t('incident.release'), () => void send({ assignee: null }))
    : button(t('incident.take'), () => void send({ assignee: deps.me.name, ...started }))
  const save = (event: Event): void => {
    event.preventDefault()
    void send({ state: state.value as State, verdict: verdict.value === '' ? null : (verdict.value as Verdict) })
  }
  if (!deps.me.actions.includes('incidents:write')) return el('div', {}, said)
  return el(
    'form',
    { class: 'decision', submit: save, 'aria-label': t('incident.decision') },
    el('label', { for: 'incident-state' }, t('list.state'), state),
    el('label', { for: 'incident-verdict' }, t('incident.verdict'), verdict),
    el('button', { type: 'submit', class: 'primary' }, t('incident.save')),
    assign,
    said,
  )
}

function choice(id: string, options: readonly (readonly [string, string])[], value: string): HTMLSelectElement {
  return el(
    'select',
    { id },
    ...options.map(([key, label]) => el('option', { value: key, selected: key === value }, label)),
  )
}

function alertSections(read: IncidentDetail): HTMLElement[] {
  const older = read.alertCount - read.alerts.length
  return [
    el('h2', {}, t('incident.alerts')),
    ...read.alerts.map(alertSection),
    ...(older > 0
      ? [
          el(
            'p',
            { class: 'quiet' },
            read.alerts.length === 0 ? t('incident.alerts_gone') : t('incident.older_alerts', { n: older }),
          ),
        ]
      : []),
  ]
}

/** One alert: its raw lines with what matched lit, why, and the rule beside them. */
function alertSection(alert: Alert, index: number): HTMLElement {
  const lines = el('ol', { class: 'lines' })
  const show = (count: number): void => {
    lines.replaceChildren(...alert.evidence.slice(0, count).map(evidenceLine))
    const hidden = alert.evidence.length - count
    if (hidden > 0)
      lines.append(
        el(
          'li',
          {},
          button(t('incident.more_lines', { n: hidden }), () => show(alert.evidence.length)),
        ),
      )
  }
  show(LINES_SHOWN)
  const text = el('pre', { class: 'rule-text', tabindex: 0, 'aria-label': t('incident.rule') })
  const note = el('p', { class: 'quiet' })
  const first = el('p', { class: 'triage', hidden: true })
  const load = async (): Promise<void> => {
    if (text.textContent !== '') return
    try {
      const current = await rule(alert.rule.id)
      text.textContent = current.text
      const advice = adviceOf(current)
      first.hidden = advice === undefined
      first.replaceChildren(el('b', {}, t('incident.triage')), ' ', advice ?? '')
      if (current.hash !== alert.rule.hash) note.textContent = t('incident.rule_changed')
    } catch (error) {
      note.textContent =
        error instanceof RequestError && error.code === 'not_found' ? t('incident.rule_gone') : problemText(error)
    }
  }
  const details = el(
    'details',
    { class: 'rule', open: index === 0 },
    el('summary', {}, `${t('incident.rule')} · ${alert.rule.path}`),
    note,
    first,
    text,
  )
  details.addEventListener('toggle', () => void load())
  if (index === 0) void load()
  return el(
    'section',
    { class: 'alert', 'aria-label': titled(alert.rule) },
    el('h3', {}, levelBadge(alert.rule.level), titled(alert.rule), timeElement(alert['@timestamp'], true)),
    el(
      'div',
      { class: 'alert-body' },
      el(
        'div',
        {},
        el(
          'h4',
          {},
          t('incident.evidence'),
          el('span', { class: 'quiet' }, t('incident.evidence_of', { shown: alert.evidence.length, n: alert.count })),
        ),
        alert.count === 0 ? el('p', { class: 'quiet' }, t('alert.withdrawn')) : lines,
        reasons(alert),
      ),
      details,
    ),
  )
}

function evidenceLine(evidence: Evidence): HTMLLIElement {
  const spans = evidence.proof.flatMap(({ span }) => (span === undefined ? [] : [span]))
  return el(
    'li',
    {},
    timeElement(evidence['@timestamp'], true),
    el(
      'code',
      { dir: 'ltr' },
      ...segments(evidence.original, spans).map(({ text, matched }) =>
        matched ? el('mark', {}, visible(text)) : visible(text),
      ),
    ),
  )
}

/** What to look at first, where the rule says so; in English its description serves. */
function adviceOf({ triageVi, description }: Rule): string | undefined {
  return titled({ title: description ?? '', titleVi: triageVi ?? description ?? '' }) || undefined
}

/** Each distinct predicate once, however many lines it held in. */
function reasons(alert: Alert): HTMLElement | null {
  const distinct = new Map<string, Proof>()
  for (const { proof } of alert.evidence) {
    for (const one of proof) distinct.set(JSON.stringify([one.selection, one.field, one.modifiers, one.value]), one)
  }
  if (distinct.size === 0) return null
  const predicate = ({ field, modifiers, value }: Proof): string =>
    `${[field === '' ? t('keyword') : field, ...modifiers].join('|')}: ${visible(value)}`
  return el(
    'div',
    {},
    el('h4', {}, t('incident.why')),
    el(
      'ul',
      { class: 'proof' },
      ...[...distinct.values()].map((proof) =>
        el('li', {}, el('span', { class: 'quiet' }, proof.selection), ' ', el('code', {}, predicate(proof))),
      ),
    ),
  )
}

function history(entries: readonly HistoryEntry[]): HTMLElement {
  return el(
    'section',
    { class: 'history', 'aria-labelledby': 'history-title' },
    el('h2', { id: 'history-title' }, t('incident.history')),
    el(
      'ol',
      {},
      ...entries
        .toReversed()
        .map((entry) =>
          el(
            'li',
            {},
            timeElement(entry.at, true),
            el('b', {}, entry.actor === 'system' ? t('history.system') : entry.actor),
            el('span', {}, historyText(entry)),
          ),
        ),
    ),
  )
}

function historyText({ code, params, before = {}, after = {} }: HistoryEntry): string {
  const kind = `kind.${params['kind'] ?? ''}`
  const shown = {
    ...params,
    ...(params['title'] !== undefined && {
      title: titled({ title: String(params['title']), titleVi: String(params['titleVi'] ?? params['title']) }),
    }),
    hours: params['lookBackHours'] ?? '',
    number: params['followsNumber'] ?? '',
    ...(isMessageKey(kind) && { kind: t(kind) }),
  }
  const say = (key: string): string => (isMessageKey(key) ? t(key, shown) : '')
  const changes = Object.keys(after).map((name) => {
    const value = (side: Record<string, unknown>): string => {
      const held = side[name]
      if (typeof held !== 'string' && typeof held !== 'number') return t('nothing')
      const key = `${name}.${held}`
      return isMessageKey(key) ? t(key) : String(held)
    }
    const field = `field.${name}`
    return t('history.change', {
      field: isMessageKey(field) ? t(field) : name,
      before: value(before),
      after: value(after),
    })
  })
  const reason = say(`history.${params['reason'] ?? ''}`)
  return [say(`history.${code}`) || code, reason, ...changes].filter(Boolean).join(' · ')
}
