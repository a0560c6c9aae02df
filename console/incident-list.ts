import { LEVELS, type Level } from '../model/alert.ts'
import type { Incident, State } from '../model/incident.ts'
import { type ListQuery, type Page, incidents, sources } from './client.ts'
import { LEVEL_KEYS, button, el, levelBadge, timeElement } from './element.ts'
import { counted, t, titled } from './language.ts'
import type { MessageKey } from './messages.ts'
import { problemText } from './problem-text.ts'
import { vietnamTime } from './time.ts'

const VIEWS = {
  open: { label: 'list.open', states: ['new', 'in_progress', 'on_hold'] },
  handled: { label: 'list.handled', states: ['resolved', 'closed'] },
  all: { label: 'list.all', states: [] },
} as const satisfies Record<string, { label: MessageKey; states: readonly State[] }>
type View = keyof typeof VIEWS

const REFRESH_MS = 15_000
const TYPING_MS = 300

export interface ListDeps {
  agencyName: (key: string) => string
  /** What failed for want of a session. */
  failed: (error: unknown) => boolean
}

/** The list of incidents: filters, rows, and a quiet question now and then whether they have changed. */
export class IncidentList {
  readonly element: HTMLElement
  readonly #deps: ListDeps
  readonly #rows = el('ol', { class: 'rows', 'aria-label': t('list.title') })
  readonly #status = el('p', { class: 'quiet', role: 'status' })
  readonly #pill = button(t('list.changed'), () => void this.load(), 'pill')
  readonly #foot = el('p', { class: 'quiet' })
  readonly #search = el('input', {
    type: 'search',
    id: 'search',
    placeholder: t('list.search'),
    'aria-label': t('list.search'),
  })
  #view: View = 'open'
  #level: Level | '' = ''
  #sort: ListQuery['sort'] = 'priority'
  #items: Incident[] = []
  #next: string | undefined
  #total = 0
  #totalIsAtLeast = false
  #selected = ''
  /** Rises with each load, so that a slow answer to an older question is dropped. */
  #asked = 0
  #typing: ReturnType<typeof setTimeout> | undefined
  readonly #timer: ReturnType<typeof setInterval>

  constructor(deps: ListDeps) {
    this.#deps = deps
    this.#pill.hidden = true
    this.#search.addEventListener('input', () => {
      clearTimeout(this.#typing)
      this.#typing = setTimeout(() => void this.load(), TYPING_MS)
    })
    this.element = el(
      'section',
      { class: 'list', 'aria-label': t('list.title') },
      el('div', { class: 'filters' }, this.#search, this.#tabs(), this.#selects()),
      el('div', { class: 'bar' }, this.#status, this.#pill),
      this.#rows,
      this.#foot,
    )
    this.#timer = setInterval(() => void this.#look(), REFRESH_MS)
  }

  /** Ends its questions; the element is thrown away with it. */
  close(): void {
    clearInterval(this.#timer)
    clearTimeout(this.#typing)
  }

  async load(): Promise<void> {
    const asked = ++this.#asked
    this.#pill.hidden = true
    if (this.#items.length === 0) this.#status.textContent = t('list.loading')
    try {
      const page = await incidents(this.#query())
      if (asked !== this.#asked) return
      this.#items = page.items
      this.#take(page)
      this.#show()
      await this.#showSources()
    } catch (error) {
      if (asked === this.#asked) this.#fail(error)
    }
  }

  /** Lights the row of the incident that is open. */
  select(id: string): void {
    this.#selected = id
    for (const link of this.#links()) {
      if (link.dataset['id'] === id) link.setAttribute('aria-current', 'true')
      else link.removeAttribute('aria-current')
    }
  }

  /** Puts a changed incident in its place, without moving anything. */
  replace(incident: Incident): void {
    const at = this.#items.findIndex(({ id }) => id === incident.id)
    if (at === -1) return
    this.#items[at] = incident
    this.#rows.children[at]?.replaceWith(this.#row(incident))
    this.select(this.#selected)
  }

  /** Moves the focus by `step` rows, from the focused one or the open one. */
  move(step: 1 | -1): void {
    const links = this.#links()
    const focused = links.findIndex((link) => link === document.activeElement)
    const from = focused === -1 ? links.findIndex((link) => link.dataset['id'] === this.#selected) : focused
    const to = from === -1 ? 0 : from + step
    links[Math.min(links.length - 1, Math.max(0, to))]?.focus()
  }

  focusSearch(): void {
    this.#search.focus()
  }

  focusSelected(): void {
    this.#links()
      .find((link) => link.dataset['id'] === this.#selected)
      ?.focus()
  }

  #links(): HTMLAnchorElement[] {
    return [...this.#rows.querySelectorAll<HTMLAnchorElement>('a[data-id]')]
  }

  #query(): ListQuery {
    return { states: VIEWS[this.#view].states, level: this.#level, text: this.#search.value.trim(), sort: this.#sort }
  }

  #tabs(): HTMLElement {
    const tabs = (Object.keys(VIEWS) as View[]).map((view) => {
      const tab = button(t(VIEWS[view].label), () => {
        this.#view = view
        for (const other of tabs) other.setAttribute('aria-pressed', String(other === tab))
        void this.load()
      })
      tab.setAttribute('aria-pressed', String(view === this.#view))
      return tab
    })
    return el('div', { class: 'tabs', role: 'group', 'aria-label': t('list.state') }, ...tabs)
  }

  #selects(): HTMLElement {
    const level = el(
      'select',
      { 'aria-label': t('list.level') },
      el('option', { value: '' }, t('list.any_level')),
      ...LEVELS.toReversed().map((value) => el('option', { value }, t(LEVEL_KEYS[value]))),
    )
    level.addEventListener('change', () => {
      this.#level = level.value as Level | ''
      void this.load()
    })
    const sort = el(
      'select',
      { 'aria-label': t('list.sort') },
      el('option', { value: 'priority' }, t('list.by_priority')),
      el('option', { value: 'updated' }, t('list.by_update')),
    )
    sort.addEventListener('change', () => {
      this.#sort = sort.value as ListQuery['sort']
      void this.load()
    })
    return el('div', { class: 'selects' }, level, sort)
  }

  #take(page: Page<Incident>): void {
    this.#next = page.next
    if (page.total === undefined) return
    this.#total = page.total
    this.#totalIsAtLeast = page.totalIsAtLeast ?? false
  }

  #show(): void {
    this.#status.textContent =
      this.#items.length === 0
        ? ''
        : counted(this.#total, 'list.one', this.#totalIsAtLeast ? 'list.more_than' : 'list.total')
    if (this.#items.length === 0) {
      const { text, level } = this.#query()
      const plain = this.#view === 'open' && text === '' && level === ''
      this.#rows.replaceChildren(
        el(
          'li',
          { class: 'empty' },
          el('strong', {}, t(plain ? 'list.empty_open' : 'list.empty_filtered')),
          el('span', {}, t(plain ? 'list.empty_open_hint' : 'list.empty_filtered_hint')),
        ),
      )
      return
    }
    this.#rows.replaceChildren(...this.#items.map((incident) => this.#row(incident)))
    if (this.#next !== undefined)
      this.#rows.append(
        el(
          'li',
          {},
          button(t('list.more'), () => void this.#more(), 'more'),
        ),
      )
    this.select(this.#selected)
  }

  async #more(): Promise<void> {
    const asked = this.#asked
    try {
      const page = await incidents(this.#query(), this.#next)
      if (asked !== this.#asked) return
      const known = new Set(this.#items.map(({ id }) => id))
      const focus = this.#items.length
      this.#items.push(...page.items.filter(({ id }) => !known.has(id)))
      this.#take(page)
      this.#show()
      this.#links()[focus]?.focus()
    } catch (error) {
      this.#fail(error)
    }
  }

  /** Asks what the list would be now, and offers it: nothing moves under the cursor. */
  async #look(): Promise<void> {
    if (document.hidden || this.#asked === 0) return
    const asked = this.#asked
    const page = await incidents(this.#query()).catch((error: unknown) => {
      this.#deps.failed(error)
      return null
    })
    if (page === null || asked !== this.#asked) return
    const print = (items: readonly Incident[]): string =>
      items.map((i) => `${i.id}.${i.version}.${i.alertCount}`).join()
    const changed = print(page.items) !== print(this.#items.slice(0, page.items.length)) || page.total !== this.#total
    if (changed && this.#items.length === 0) await this.load()
    else this.#pill.hidden = !changed
  }

  async #showSources(): Promise<void> {
    const { items } = await sources()
    const latest = items
      .map(({ lastSeen }) => lastSeen)
      .sort()
      .at(-1)
    this.#foot.textContent =
      latest === undefined ? t('list.no_sources') : t('list.sources', { n: items.length, time: vietnamTime(latest) })
  }

  #fail(error: unknown): void {
    if (this.#deps.failed(error)) return
    this.#items = []
    this.#status.textContent = ''
    this.#rows.replaceChildren(
      el(
        'li',
        { class: 'empty', role: 'alert' },
        el('strong', {}, problemText(error)),
        button(t('error.retry'), () => void this.load()),
      ),
    )
  }

  #row(incident: Incident): HTMLLIElement {
    return el(
      'li',
      {},
      el(
        'a',
        { href: `#/incidents/${incident.id}`, 'data-id': incident.id, class: `row edge-${incident.level}` },
        el(
          'span',
          { class: 'row-top' },
          levelBadge(incident.level),
          el('span', { class: `state state-${incident.state}` }, t(`state.${incident.state}`)),
          el('span', { class: 'priority', title: t('incident.priority') }, String(incident.priority)),
        ),
        el('strong', { class: 'row-title' }, titled(incident)),
        el(
          'span',
          { class: 'row-meta' },
          el('span', { class: 'entity' }, incident.entity.value),
          el('span', {}, this.#deps.agencyName(incident.agency)),
        ),
        el(
          'span',
          { class: 'row-meta' },
          el(
            'span',
            {},
            `#${incident.number} · ${counted(incident.alertCount, 'incident.one_alert', 'incident.alert_count')}`,
          ),
          incident.assignee !== undefined && el('span', {}, incident.assignee),
          timeElement(incident.lastEventAt),
        ),
      ),
    )
  }
}
