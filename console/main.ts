import { type Agencies, type Me, RequestError, agencies, incident, logout, whoAmI } from './client.ts'
import { button, el } from './element.ts'
import { IncidentList } from './incident-list.ts'
import { incidentPage } from './incident-page.ts'
import { named, switchLanguage, t, titled } from './language.ts'
import { loginCard, passwordCard } from './login.ts'
import { problemText } from './problem-text.ts'

const app = document.getElementById('app')!
let list: IncidentList | null = null

function signedOut(expired: boolean): void {
  list?.close()
  list = null
  app.replaceChildren(
    loginCard(expired, (me) => void signedIn(me)),
    languageButton(() => signedOut(expired)),
  )
  document.getElementById('name')?.focus()
}

/** True where there was no session any more, and the log-in stands there instead. */
function failed(error: unknown): boolean {
  if (!(error instanceof RequestError) || error.code !== 'unauthenticated') return false
  signedOut(true)
  return true
}

function languageButton(redraw: () => void): HTMLButtonElement {
  const other = button(t('app.language'), () => {
    switchLanguage()
    redraw()
  })
  other.classList.add('language')
  return other
}

async function signedIn(me: Me): Promise<void> {
  if (me.mustChangePassword) {
    app.replaceChildren(
      passwordCard(me, (fresh) => void signedIn(fresh)),
      languageButton(() => void signedIn(me)),
    )
    document.getElementById('current')?.focus()
    return
  }
  const known = await agencies().catch((): Agencies => ({ agencies: [], systems: [] }))
  const nameIn = (entries: Agencies['agencies'], key: string): string => {
    const entry = entries.find((one) => one.key === key)
    return entry === undefined ? key : named(entry.names)
  }
  const agencyName = (key: string): string => nameIn(known.agencies, key)
  const systemName = (key: string): string => nameIn(known.systems, key)

  const drawn = new IncidentList({ agencyName, failed })
  list?.close()
  list = drawn
  const pane = el('div', { class: 'pane', id: 'content' })
  const leave = async (): Promise<void> => {
    await logout().catch(() => null)
    signedOut(false)
  }
  app.replaceChildren(
    el(
      'a',
      {
        href: '#content',
        class: 'skip',
        click: (event) => {
          event.preventDefault()
          pane.querySelector<HTMLElement>('[tabindex]')?.focus()
        },
      },
      t('app.skip'),
    ),
    el(
      'header',
      { class: 'top' },
      el('img', { src: '/console/icon.svg', alt: '', width: 28, height: 28 }),
      el('strong', {}, t('app.name')),
      el('span', { class: 'subtitle' }, t('app.subtitle')),
      el('span', { class: 'grow' }),
      button('?', () => keysDialog.showModal(), 'plain'),
      languageButton(() => void signedIn(me)),
      el('span', { class: 'who' }, me.displayName),
      button(t('app.logout'), () => void leave()),
    ),
    el('main', { class: 'split' }, drawn.element, pane),
  )
  const keysDialog = keysTable()
  app.append(keysDialog)

  const open = async (): Promise<void> => {
    const id = /^#\/incidents\/([\w-]+)$/.exec(location.hash)?.[1] ?? ''
    drawn.select(id)
    app.classList.toggle('opened', id !== '')
    document.title = t('app.name')
    if (id === '') {
      pane.replaceChildren(
        el('div', { class: 'empty' }, el('strong', {}, t('incident.pick')), el('span', {}, t('incident.pick_hint'))),
      )
      return
    }
    pane.replaceChildren(el('p', { class: 'quiet', role: 'status' }, t('list.loading')))
    try {
      const read = await incident(id)
      if (location.hash !== `#/incidents/${id}` || list !== drawn) return
      const page = incidentPage(read, {
        me,
        agencyName,
        systemName,
        failed,
        changed: (changed) => drawn.replace(changed),
      })
      pane.replaceChildren(page)
      pane.scrollTop = 0
      document.title = `#${read.number} ${titled(read)} · ${t('app.name')}`
      page.focus({ preventScroll: true })
    } catch (error) {
      if (failed(error)) return
      pane.replaceChildren(
        el(
          'div',
          { class: 'empty', role: 'alert' },
          el('strong', {}, problemText(error)),
          button(t('error.retry'), () => void open()),
        ),
      )
    }
  }
  onhashchange = () => void open()
  onkeydown = (event) => pressed(event, drawn, keysDialog)
  await Promise.all([drawn.load(), open()])
}

function pressed(event: KeyboardEvent, drawn: IncidentList, keysDialog: HTMLDialogElement): void {
  // Telex and VNI compose letters out of keys; modifiers belong to the browser.
  if (list !== drawn || event.isComposing || event.ctrlKey || event.metaKey || event.altKey || keysDialog.open) return
  const typing = event.target instanceof Element && event.target.matches('input, select, textarea')
  if (event.key === 'Escape') {
    if (typing) (event.target as HTMLElement).blur()
    else if (location.hash.length > 2) {
      location.hash = '#/'
      drawn.focusSelected()
    }
    return
  }
  if (typing) return
  const act: Record<string, () => void> = {
    j: () => drawn.move(1),
    k: () => drawn.move(-1),
    '/': () => drawn.focusSearch(),
    '?': () => keysDialog.showModal(),
  }
  if (act[event.key] === undefined) return
  event.preventDefault()
  act[event.key]!()
}

function keysTable(): HTMLDialogElement {
  const rows = [
    ['j  k', t('keys.move')],
    ['Enter', t('keys.open')],
    ['Esc', t('keys.close')],
    ['/', t('keys.search')],
    ['?', t('keys.help')],
  ] as const
  return el(
    'dialog',
    { 'aria-label': t('app.keys') },
    el('h2', {}, t('app.keys')),
    el(
      'dl',
      { class: 'keys' },
      ...rows.map(([keys, what]) =>
        el('div', {}, el('dt', {}, ...keys.split('  ').map((key) => el('kbd', {}, key))), el('dd', {}, what)),
      ),
    ),
    el('form', { method: 'dialog' }, el('button', { class: 'primary' }, t('keys.done'))),
  )
}

async function start(): Promise<void> {
  try {
    await signedIn(await whoAmI())
  } catch (error) {
    if (error instanceof RequestError && error.code === 'unauthenticated') signedOut(false)
    else
      app.replaceChildren(
        el(
          'main',
          { class: 'card' },
          el('p', { role: 'alert' }, problemText(error)),
          button(t('error.retry'), () => void start()),
        ),
      )
  }
}

void start()
