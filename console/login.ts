import { type Me, RequestError, changePassword, login } from './client.ts'
import { el } from './element.ts'
import { t } from './language.ts'
import { isMessageKey } from './messages.ts'
import { problemText } from './problem-text.ts'

function field(id: string, label: string, properties: Record<string, string | boolean>): HTMLElement {
  return el(
    'div',
    { class: 'field' },
    el('label', { for: id }, label),
    el('input', { id, required: true, ...properties }),
  )
}

function valueOf(id: string): string {
  return (document.getElementById(id) as HTMLInputElement).value
}

/** A card with one form: while it is sent its button rests, and what goes wrong is said in it. */
function card(
  title: string,
  notice: string,
  submit: string,
  fields: HTMLElement[],
  send: () => Promise<void>,
): HTMLElement {
  const alert = el('p', { class: 'notice', role: 'alert' }, notice)
  const go = el('button', { type: 'submit', class: 'primary' }, submit)
  const sent = async (): Promise<void> => {
    go.disabled = true
    alert.textContent = ''
    try {
      await send()
    } catch (error) {
      alert.textContent = error instanceof Error && error.name === 'Said' ? error.message : problemText(error)
      go.disabled = false
    }
  }
  const form = el(
    'form',
    {
      submit: (event) => {
        event.preventDefault()
        void sent()
      },
    },
    el('h1', {}, title),
    alert,
    ...fields,
    go,
  )
  const brand = el(
    'div',
    { class: 'brand' },
    el('img', { src: '/console/icon.svg', alt: '', width: 48, height: 48 }),
    el('div', {}, el('strong', {}, t('app.name')), el('span', {}, t('app.subtitle'))),
  )
  return el('main', { class: 'card', id: 'content' }, brand, form)
}

/** A sentence that is ready to be shown. */
class Said extends Error {
  override readonly name = 'Said'
}

export function loginCard(expired: boolean, done: (me: Me) => void): HTMLElement {
  const fields = [
    field('name', t('login.name'), { autocomplete: 'username', autocapitalize: 'none', spellcheck: 'false' }),
    field('password', t('login.password'), { type: 'password', autocomplete: 'current-password' }),
  ]
  return card(t('login.title'), expired ? t('login.expired') : '', t('login.submit'), fields, async () => {
    const me = await login(valueOf('name'), valueOf('password')).catch((error: unknown) => {
      if (error instanceof RequestError && error.code === 'bad_credentials') throw new Said(t('login.wrong'))
      throw error
    })
    done(me)
  })
}

export function passwordCard(me: Me, done: (me: Me) => void): HTMLElement {
  const fields = [
    // For password managers: whose password this is.
    el('input', { type: 'text', autocomplete: 'username', value: me.name, readonly: true, hidden: true }),
    field('current', t('password.current'), { type: 'password', autocomplete: 'current-password' }),
    field('new', t('password.new'), { type: 'password', autocomplete: 'new-password', minlength: '12' }),
  ]
  return card(t('password.title'), t('password.why'), t('password.submit'), fields, async () => {
    const me = await changePassword(valueOf('current'), valueOf('new')).catch((error: unknown) => {
      const key = `password.${error instanceof RequestError ? error.part : ''}`
      throw isMessageKey(key) ? new Said(t(key)) : error
    })
    done(me)
  })
}
