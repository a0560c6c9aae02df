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

  test('log-in: a wrong password is said in words, the right one opens the list, gravest first', async () => {
    await browser.go(origin)
    await logIn('quan-tri', 'sai-mat-khau')
    await browser.until(`document.querySelector('[role=alert]').textContent !== ''`)
    expect(await browser.ask(`document.querySelector('[role=alert]').textContent`)).toBe(
      'Tên đăng nhập hoặc mật khẩu không đúng.',
    )
    await browser.picture('login')
    await browser.ask(`document.querySelector('#password').value = ''`)
    await browser.ask(`document.querySelector('#name').value = ''`)
    await logIn('quan-tri', PASSWORD)
    await browser.until(`document.querySelectorAll('a.row').length === 5`)
    expect(await browser.ask(`document.querySelector('a.row .row-title').textContent`)).toContain('nghi web shell')
    expect(await browser.ask(`document.querySelector('a.row time').textContent`)).toBe('22/11/2026 14:41')
    expect(await browser.ask(`document.querySelector('a.row time').title`)).toContain('2026-11-22T07:41:03.000Z')
  })

  test('keyboard alone: j, Enter opens an incident; Esc goes back', async () => {
    await browser.ask(`document.activeElement.blur()`)
    await browser.press('j')
    await browser.press('Enter')
    await browser.until(`document.querySelector('.incident mark')`)
    expect(await browser.ask(`document.querySelector('.incident h1').textContent`)).toContain('nghi web shell')
    await browser.until(
      `document.querySelector('.rule-text').textContent !== '' || document.querySelector('.rule .quiet').textContent !== ''`,
    )
    await browser.picture('incident')
    await browser.press('Escape')
    await browser.until(`location.hash === '#/'`)
    await browser.picture('list')
    await browser.press('Enter')
    await browser.until(`document.querySelector('.incident mark')`)
  })

  test('a hostile line is text: lit where it matched, its invisible characters written out, nothing run', async () => {
    expect(await browser.ask(`document.querySelector('.incident mark').textContent`)).toBe('Failed password')
    const line = String(await browser.ask(`document.querySelector('.lines code').textContent`))
    expect(line).toContain(`<img src=x onerror="document.title='owned'"> ␀‹U+202E›␛[31m`)
    expect(await browser.ask(`document.querySelector('.lines img')`)).toBeNull()
    expect(await browser.ask('document.title')).not.toContain('owned')
  })

  test('the rule of an alert is beside its lines, and a later alert of the incident shows its own', async () => {
    await browser.ask(`document.querySelectorAll('.rule')[1].open = true`)
    await browser.until(`document.querySelectorAll('.rule-text')[1].textContent !== ''`)
    expect(await browser.ask(`document.querySelectorAll('.rule-text')[1].textContent`)).toBe(RULE.text)
    await browser.ask(`document.querySelectorAll('.alert')[1].scrollIntoView()`)
    await browser.picture('rule')
  })

  test('a decision without its verdict is refused in words; with it, it is kept and told', async () => {
    await browser.ask(`document.querySelector('#incident-state').value = 'resolved'`)
    await browser.ask(`document.querySelector('.decision .primary').click()`)
    await browser.until(`document.querySelector('.decision .notice').textContent.includes('kết luận')`)
    await browser.ask(`document.querySelector('#incident-verdict').value = 'true_positive'`)
    await browser.ask(`document.querySelector('.decision .primary').click()`)
    await browser.until(`document.querySelector('.decision .notice').textContent === 'Đã lưu.'`)
    expect(await browser.ask(`document.querySelector('.history li').textContent`)).toContain(
      'Trạng thái: Mới → Đã xử lý',
    )
    await browser.ask(`document.querySelector('.history').scrollIntoView()`)
    await browser.picture('history')
  })

  test('English, dark, and a narrow screen', async () => {
    await browser.ask(`document.querySelector('.language').click()`)
    await browser.until(`document.querySelector('.incident h2')?.textContent === 'Alerts'`)
    expect(await browser.ask('document.documentElement.lang')).toBe('en')
    await browser.size(1440, 900, true)
    await browser.picture('incident-dark')
    await browser.size(400, 900)
    expect(await browser.ask('document.documentElement.scrollWidth <= innerWidth')).toBe(true)
    await browser.picture('incident-narrow')
    await browser.ask(`location.hash = '#/'`)
    await browser.until(`document.querySelector('a.row') && document.querySelector('.list').offsetHeight > 0`)
    await browser.picture('list-narrow')
    await browser.size(1440, 900)
  })

  test('nothing fits: an empty list says so', async () => {
    await browser.ask(`document.querySelector('#search').focus()`)
    await browser.type('khong-co-gi-nhu-the')
    await browser.until(`document.querySelector('.rows .empty')`)
    expect(await browser.ask(`document.querySelector('.rows .empty strong').textContent`)).toBe(
      'No incident fits the filters',
    )
    await browser.press('Escape')
    await browser.press('?')
    await browser.until(`document.querySelector('dialog').open`)
    await browser.picture('keys')
    await browser.press('Escape')
  })

  test('a one-time password must be changed before anything is shown', async () => {
    await browser.ask(`[...document.querySelectorAll('.top button')].at(-1).click()`)
    await logIn('moi-den', PASSWORD)
    await browser.until(`document.querySelector('#current')`)
    expect(await browser.ask(`document.querySelector('a.row')`)).toBeNull()
    await browser.picture('password')
    await browser.ask(`document.querySelector('#current').focus()`)
    await browser.type(PASSWORD)
    await browser.ask(`document.querySelector('#new').focus()`)
    await browser.type('mot-mat-khau-khac-2026')
    await browser.press('Enter')
    await browser.until(`document.querySelectorAll('a.row').length > 0`)
  })

  test('the content security policy refused nothing, and no error went uncaught', () => {
    expect(browser.complaints).toEqual([])
  })
})
