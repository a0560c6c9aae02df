import { type ChildProcess, spawn } from 'node:child_process'
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Readable, Writable } from 'node:stream'

export const CHROMIUM = process.env['CHROMIUM'] ?? '/usr/bin/chromium'
export const hasChromium = existsSync(CHROMIUM)

interface Answer {
  id?: number
  method?: string
  params?: Record<string, unknown>
  result?: Record<string, unknown>
  error?: { message: string }
}

/** A headless Chromium with one page, driven by the DevTools protocol over pipes: no port is opened. */
export class Browser {
  /** What the page complained of: uncaught errors, and what the content security policy refused. */
  readonly complaints: string[] = []
  readonly #process: ChildProcess
  readonly #folder: string
  readonly #waiting = new Map<
    number,
    { resolve: (answer: Record<string, unknown>) => void; reject: (error: Error) => void }
  >()
  #id = 0
  #session = ''
  #rest = ''

  private constructor() {
    this.#folder = mkdtempSync(join(tmpdir(), 'vong-gac-chromium-'))
    const options = ['--headless', '--no-sandbox', '--disable-gpu', '--remote-debugging-pipe', '--hide-scrollbars']
    this.#process = spawn(CHROMIUM, [...options, `--user-data-dir=${this.#folder}`, 'about:blank'], {
      stdio: ['ignore', 'ignore', 'ignore', 'pipe', 'pipe'],
    })
    ;(this.#process.stdio[4] as Readable).setEncoding('utf8').on('data', (text: string) => this.#read(text))
  }

  static async open(): Promise<Browser> {
    const browser = new Browser()
    const { targetInfos } = await browser.#send('Target.getTargets')
    const page = (targetInfos as { type: string; targetId: string }[]).find(({ type }) => type === 'page')
    const attached = await browser.#send('Target.attachToTarget', { targetId: page!.targetId, flatten: true })
    browser.#session = String(attached['sessionId'])
    for (const domain of ['Page', 'Runtime', 'Log']) await browser.#send(`${domain}.enable`)
    return browser
  }

  async go(url: string): Promise<void> {
    await this.#send('Page.navigate', { url })
  }

  async size(width: number, height: number, dark = false): Promise<void> {
    await this.#send('Emulation.setDeviceMetricsOverride', { width, height, deviceScaleFactor: 1, mobile: false })
    const features = [{ name: 'prefers-color-scheme', value: dark ? 'dark' : 'light' }]
    await this.#send('Emulation.setEmulatedMedia', { features })
  }

  /** The value of an expression in the page. */
  async ask(expression: string): Promise<unknown> {
    const answer = await this.#send('Runtime.evaluate', { expression, returnByValue: true, awaitPromise: true })
    if (answer['exceptionDetails'] !== undefined) throw new Error(JSON.stringify(answer['exceptionDetails']))
    return (answer['result'] as { value?: unknown }).value
  }

  /** Waits until the expression is true. @throws after a minute, with what the page says. */
  async until(expression: string): Promise<void> {
    const end = Date.now() + 60_000
    while (!(await this.#holds(expression))) {
      if (Date.now() > end)
        throw new Error(`never: ${expression}\n${String(await this.ask('document.body.innerText'))}`)
      await new Promise((resolve) => setTimeout(resolve, 50))
    }
  }

  /** Whether the expression is true now; a page that is going to another address holds nothing. */
  async #holds(expression: string): Promise<boolean> {
    try {
      return (await this.ask(`Boolean(${expression})`)) === true
    } catch (error) {
      if (/navigated or closed|[Cc]ontext was destroyed|Cannot find context/u.test(String(error))) return false
      throw error
    }
  }

  /** Types into the focused element, as a keyboard does. */
  async type(text: string): Promise<void> {
    await this.#send('Input.insertText', { text })
  }

  async press(key: string): Promise<void> {
    const text = key === 'Enter' ? '\r' : key.length === 1 ? key : ''
    const code = { Enter: 13, Escape: 27, Tab: 9 }[key] ?? key.toUpperCase().charCodeAt(0)
    const event = { key, windowsVirtualKeyCode: code, ...(text !== '' && { text }) }
    await this.#send('Input.dispatchKeyEvent', { type: 'keyDown', ...event })
    await this.#send('Input.dispatchKeyEvent', { type: 'keyUp', key, windowsVirtualKeyCode: code })
  }

  /** Saves a picture to the folder in the environment variable `PICTURES`, where there is one. */
  async picture(name: string): Promise<void> {
    const folder = process.env['PICTURES']
    if (folder === undefined) return
    const { data } = await this.#send('Page.captureScreenshot', { format: 'png' })
    writeFileSync(join(folder, `${name}.png`), Buffer.from(String(data), 'base64'))
  }

  async close(): Promise<void> {
    const ended = new Promise((resolve) => this.#process.once('exit', resolve))
    await this.#send('Browser.close').catch(() => this.#process.kill('SIGKILL'))
    await ended
    rmSync(this.#folder, { recursive: true, force: true, maxRetries: 5 })
  }

  #send(method: string, params: Record<string, unknown> = {}): Promise<Record<string, unknown>> {
    const id = ++this.#id
    const message = {
      id,
      method,
      params,
      ...(this.#session !== '' && !method.startsWith('Browser.') && { sessionId: this.#session }),
    }
    ;(this.#process.stdio[3] as Writable).write(`${JSON.stringify(message)}\0`)
    return new Promise((resolve, reject) => this.#waiting.set(id, { resolve, reject }))
  }

  #read(text: string): void {
    const messages = (this.#rest + text).split('\0')
    this.#rest = messages.pop() ?? ''
    for (const message of messages) {
      const { id, method, params, result, error } = JSON.parse(message) as Answer
      if (id !== undefined) {
        const asked = this.#waiting.get(id)
        this.#waiting.delete(id)
        if (error === undefined) asked?.resolve(result ?? {})
        else asked?.reject(new Error(error.message))
      } else if (method === 'Runtime.exceptionThrown') this.complaints.push(JSON.stringify(params))
      else if (method === 'Log.entryAdded') {
        const { source, text } = params!['entry'] as { source: string; text: string }
        if (source !== 'network') this.complaints.push(text) // a 401 before the log-in is no complaint
      }
    }
  }
}
