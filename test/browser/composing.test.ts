import type { Browser, CDPSession, Page } from 'playwright-core'
import { afterAll, beforeAll, expect, inject, test } from 'vitest'
import { STRANGER } from './lines.ts'
import { openBrowser, openSheet } from './page.ts'

let browser: Browser
beforeAll(async () => void (browser = await openBrowser()))
afterAll(() => browser.close())

const TAKEN = 229
const CONTROL = 2

interface InputMethod {
  /** Letters that may still change, as Telex shows them between two keys. */
  compose: (text: string) => Promise<void>
  /** A key that the input method takes: the page hears of it as of one that is not for it (keyCode 229). */
  key: (key: string, modifiers?: number) => Promise<void>
  /** The word as it stays. */
  settle: (text: string) => Promise<void>
}

/** The browser’s own input method, so that the page gets the composition events that a person’s would give it. */
async function inputMethod(page: Page): Promise<InputMethod> {
  const session: CDPSession = await page.context().newCDPSession(page)
  return {
    compose: async (text) => {
      const [selectionStart, selectionEnd] = [text.length, text.length]
      await session.send('Input.imeSetComposition', { text, selectionStart, selectionEnd })
    },
    key: async (key, modifiers = 0) => {
      const event = { key, code: key, windowsVirtualKeyCode: TAKEN, modifiers }
      await session.send('Input.dispatchKeyEvent', { type: 'rawKeyDown', ...event })
      await session.send('Input.dispatchKeyEvent', { type: 'keyUp', ...event })
    },
    settle: async (text) => void (await session.send('Input.insertText', { text })),
  }
}

/** What the page was told of keys: whether each came while a word was being made. */
async function heard(page: Page): Promise<() => Promise<string[]>> {
  await page.evaluate(() => {
    const keys: string[] = []
    ;(globalThis as unknown as { heard: string[] }).heard = keys
    addEventListener('keydown', ({ key, isComposing }) => void keys.push(`${key} ${isComposing}`), true)
  })
  return () => page.evaluate(() => (globalThis as unknown as { heard: string[] }).heard)
}

test('in the words of the list: no key of a word that is being made is a shortcut, nor its Enter the end', async () => {
  const { page, complaints, close } = await openSheet(browser, 'phan-tich')
  await page.goto(`${inject('url')}/incidents?state=any`)
  await page.waitForSelector('[role=grid] [data-id]')
  const { compose, key, settle } = await inputMethod(page)
  const keys = await heard(page)
  await page.keyboard.press('/')
  await compose('do')
  await compose('dò')
  await key('Enter')
  await key('Escape')
  expect((await keys()).slice(-2)).toEqual(['Enter true', 'Escape true'])
  expect(await page.evaluate(() => document.activeElement?.id)).toBe('incident-search')
  await settle('dò')
  await page.keyboard.type(' ')
  await compose('mật')
  await settle('mật')
  await page.waitForURL(/q=d%C3%B2(%20|\+)m%E1%BA%ADt/)
  expect(await page.inputValue('#incident-search')).toBe('dò mật')
  expect(await page.$('[role=dialog]')).toBeNull()
  expect(complaints).toEqual([])
  await close()
})

test('in the palette: Enter ends the word, the next one runs the command', async () => {
  const { page, complaints, close } = await openSheet(browser, 'phan-tich')
  await page.goto(`${inject('url')}/incidents`)
  await page.waitForSelector('nav')
  await page.keyboard.press('Control+k')
  await page.waitForSelector('[role=dialog][aria-label="Lệnh"] input:focus')
  const { compose, key, settle } = await inputMethod(page)
  await compose('tìm')
  await page.waitForSelector('[role=dialog] [role=option]:has-text("Tìm kiếm")')
  for (const each of ['Enter', 'Escape', 'ArrowDown']) await key(each)
  expect(await page.isVisible('[role=dialog] input')).toBe(true)
  expect(new URL(page.url()).pathname).toBe('/incidents')
  await settle('tìm')
  await page.keyboard.press('Enter')
  await page.waitForURL('**/search')
  expect(complaints).toEqual([])
  await close()
})

test('in a query: Enter does not search for half a word', async () => {
  const { page, complaints, close } = await openSheet(browser, 'phan-tich')
  await page.goto(`${inject('url')}/search`)
  await page.waitForSelector('[role=grid] [data-index="0"]')
  const { compose, key, settle } = await inputMethod(page)
  await page.keyboard.press('/')
  await compose('thất ba')
  await key('Enter')
  expect(new URL(page.url()).search).toBe('')
  await compose('thất bại')
  await settle('thất bại')
  await page.keyboard.press('Enter')
  await page.waitForURL(/q=/)
  expect(new URL(page.url()).searchParams.get('q')).toBe('thất bại')
  expect(complaints).toEqual([])
  await close()
})

test('in a comment and in the reason of a dialog: nothing is sent before the word is whole', async () => {
  const { page, complaints, close } = await openSheet(browser, 'phan-tich')
  await page.goto(`${inject('url')}/incidents?state=any&q=${STRANGER}`)
  await page.click('[role=grid] [data-id] a')
  await page.waitForSelector('[data-testid=evidence] mark')
  const { compose, key, settle } = await inputMethod(page)
  await page.keyboard.press('c')
  await page.waitForSelector('#comment:focus')
  await compose('đã bá')
  await key('Enter', CONTROL)
  expect(await page.inputValue('#comment')).toBe('đã bá')
  await compose('đã báo')
  await settle('đã báo cơ quan')
  await page.keyboard.press('Control+Enter')
  await page.waitForSelector('ol li:has-text("đã báo cơ quan"), ul li:has-text("đã báo cơ quan")')
  await page.waitForFunction(() => document.querySelector<HTMLTextAreaElement>('#comment')?.value === '')

  await page.focus(`button[aria-label="Đề nghị chặn ${STRANGER}"]`)
  await page.keyboard.press('Enter')
  const reason = page.getByRole('dialog').locator('input:focus, textarea:focus')
  await reason.waitFor()
  await compose('dò m')
  for (const each of ['Enter', 'Escape']) await key(each)
  expect(await reason.inputValue()).toBe('dò m')
  await settle('dò mật khẩu')
  await page.keyboard.press('Escape')
  await page.getByRole('dialog').waitFor({ state: 'detached' })
  expect(complaints).toEqual([])
  await close()
})
