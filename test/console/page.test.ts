import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { raiseIncidents } from '../../api/incidents/raise.ts'
import { addUser } from '../../store/local/users.ts'
import { hashPassword } from '../../api/access/passwords.ts'
import { NOW, PASSWORD, RULE, type World, alertOf, makeWorld } from '../api/world.ts'
import { Browser, CHROMIUM, hasChromium } from './browser.ts'

/** A line that tries everything: markup, a NUL, a right-to-left override, an escape sequence. */
const HOSTILE = `<38>Nov 22 14:05:11 web01 sshd[1]: Failed password for <img src=x onerror="document.title='owned'"> \u0000\u202E\u001B[31m from 203.0.113.9`

describe.skipIf(!hasChromium)(`the page, in ${CHROMIUM}`, () => {
  let world: World
  let browser: Browser
  let origin: string

  beforeAll(async () => {
    world = await makeWorld()
    const more = [
      alertOf('so-y-te', 20, {
        level: 'critical',
        title: 'Máy chủ web chạy lệnh của hệ điều hành sau khi nhận tệp tải lên: nghi web shell',
        '@timestamp': '2026-11-22T07:41:03.000Z',
        evidence: [
          {
            record: 'r-20',
            seq: 20,
            '@timestamp': '2026-11-22T07:41:03.000Z',
            original: HOSTILE,
            rule: RULE.id,
            proof: [
              {
                selection: 'failed',
                field: 'message',
                eventField: 'message',
                modifiers: ['contains'],
                value: 'Failed password',
                matched: 'Failed password',
                span: [HOSTILE.indexOf('Failed'), HOSTILE.indexOf('Failed') + 15],
              },
            ],
          },
        ],
      }),
      alertOf('so-gtvt', 21, {
        level: 'medium',
        title: 'Thêm người dùng vào nhóm sudo',
        entities: [{ kind: 'host', value: 'db02' }],
      }),
      alertOf('so-gtvt', 22, {
        level: 'low',
        title: 'Quét cổng từ bên ngoài',
        entities: [{ kind: 'ip', value: '198.51.100.23' }],
      }),
      alertOf('so-y-te', 23, {
        level: 'informational',
        title: 'Đăng nhập quản trị ngoài giờ',
        entities: [{ kind: 'user', value: 'nguyen.van.a' }],
      }),
    ]
    await world.store.append({ from: 20, through: 23, events: [], alerts: more, deadLetters: [] })
    raiseIncidents(world.local, more, { criticality: (agency) => (agency === 'so-y-te' ? 4 : 2), now: () => NOW })
    const phc = await hashPassword(PASSWORD)
    const fresh = {
      name: 'moi-den',
      displayName: 'Mới đến',
      role: 'analyst',
      agencies: 'all',
      mustChange: true,
    } as const
    addUser(world.local, { ...fresh, disabled: false, createdAt: NOW }, phc)
    origin = await world.app.listen({ host: '127.0.0.1', port: 0 })
    browser = await Browser.open()
    await browser.size(1440, 900)
  })
  afterAll(async () => {
    await browser.close()
    await world.close()
  })

  async function logIn(name: string, password: string): Promise<void> {
    await browser.until(`document.querySelector('#name')`)
    await browser.ask(`document.querySelector('#name').focus()`)
    await browser.type(name)
    await browser.ask(`document.querySelector('#password').focus()`)
    await browser.type(password)
    await browser.press('Enter')
  }

  const INCIDENT = 'main a[href^="/incidents/"]'

  test('log-in: a wrong password is said in words, the right one opens the list, gravest first', async () => {
    await browser.go(origin)
    await logIn('quan-tri', 'sai-mat-khau')
    await browser.until(`document.querySelector('[role=alert]').textContent !== ''`)
    expect(await browser.ask(`document.querySelector('[role=alert]').textContent`)).toBe(
      'Tên đăng nhập, mật khẩu hoặc mã không đúng.',
    )
    await browser.picture('login')
    await browser.ask(`document.querySelector('#password').select()`)
    await browser.type(PASSWORD)
    await browser.press('Enter')
    await browser.until(`document.querySelectorAll('${INCIDENT}').length === 5`)
    expect(await browser.ask(`document.querySelector('${INCIDENT}').textContent`)).toContain('nghi web shell')
    expect(await browser.ask(`document.querySelector('[role=row] time').title`)).toContain(
      'UTC: 2026-11-22T07:41:03.000Z',
    )
    await browser.picture('list')
  })

  test('a hostile line is text: lit where it matched, its invisible characters written out, nothing run', async () => {
    await browser.ask(`document.querySelector('${INCIDENT}').click()`)
    await browser.until(`document.querySelector('main mark')`)
    expect(await browser.ask(`document.querySelector('main mark').textContent`)).toBe('Failed password')
    const line = String(await browser.ask(`document.querySelector('main mark').parentElement.textContent`))
    expect(line).toContain(`<img src=x onerror="document.title='owned'"> ␀‹U+202E›␛[31m`)
    expect(await browser.ask(`document.querySelector('main img')`)).toBeNull()
    expect(await browser.ask('document.title')).not.toContain('owned')
  })

  test('English, dark, and a narrow screen', async () => {
    await browser.ask(`document.querySelector('header [lang=en]').click()`)
    await browser.until(`document.querySelector('nav a').textContent === 'Incidents'`)
    expect(await browser.ask('document.documentElement.lang')).toBe('en')
    await browser.size(1440, 900, true)
    await browser.until(`document.documentElement.dataset.mantineColorScheme === 'dark'`)
    await browser.picture('incident-dark')
    await browser.size(390, 844)
    expect(await browser.ask('document.documentElement.scrollWidth <= innerWidth')).toBe(true)
    await browser.picture('incident-narrow')
    await browser.size(1440, 900)
  })

  test('the keyboard: ? says what it does, g i goes to the incidents, and typing is typing', async () => {
    await browser.ask(`document.activeElement.blur()`)
    await browser.press('?')
    await browser.until(`document.querySelector('[role=dialog] dl')`)
    expect(await browser.ask(`document.querySelector('[role=dialog]').textContent`)).toContain('Go to Incidents')
    await browser.picture('keys')
    await browser.press('Escape')
    await browser.until(`document.querySelector('[role=dialog]') === null`)
    await browser.press('g')
    await browser.press('i')
    await browser.until(`location.pathname === '/incidents'`)
  })

  test('a session that ends leaves the page as it is, and asks who is there', async () => {
    await browser.until(`document.querySelectorAll('${INCIDENT}').length === 5`)
    world.advance(16 * 60_000)
    await browser.ask(`document.querySelectorAll('${INCIDENT}')[4].click()`) // not read before
    await browser.until(`document.querySelector('[role=dialog] #password')`)
    expect(await browser.ask(`document.querySelector('#name').value`)).toBe('quan-tri')
    await browser.picture('session-ended')
    await browser.ask(`document.querySelector('#password').focus()`)
    await browser.type(PASSWORD)
    await browser.press('Enter')
    await browser.until(`document.querySelector('main mark')`)
    expect(await browser.ask(`document.querySelector('[role=dialog]')`)).toBeNull()
  })

  test('a one-time password must be changed before anything is shown', async () => {
    await browser.ask(`document.querySelector('header [aria-haspopup=menu]').click()`)
    await browser.until(`document.querySelector('[role=menuitem]:last-child')`)
    await browser.ask(`document.querySelector('[role=menuitem]:last-child').click()`)
    await logIn('moi-den', PASSWORD)
    await browser.until(`document.querySelector('#current')`)
    expect(await browser.ask(`document.querySelector('${INCIDENT}')`)).toBeNull()
    await browser.picture('password')
    await browser.ask(`document.querySelector('#current').focus()`)
    await browser.type(PASSWORD)
    await browser.ask(`document.querySelector('#new').focus()`)
    await browser.type('mot-mat-khau-khac-2026')
    await browser.press('Enter')
    await browser.until(`document.querySelectorAll('${INCIDENT}').length > 0`)
  })

  test('the content security policy refused nothing, and no error went uncaught', () => {
    expect(browser.complaints).toEqual([])
  })
})
