import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Browser, Page } from 'playwright-core'
import { hashPassword } from '../api/access/passwords.ts'
import { raiseIncidents } from '../api/incidents/raise.ts'
import { openLocal } from '../store/local/database.ts'
import { addToken } from '../store/local/tokens.ts'
import { addUser } from '../store/local/users.ts'
import { logIn, openBrowser } from './chromium.ts'
import { alertOfAnother } from './many-incidents.ts'
import { type ProductProcess, startProductProcess } from './product-process.ts'

export const ROW = '[role=grid] [data-id]'
/** A new window of Chromium draws its own furniture for more than a second, on as much CPU as the page takes. */
const WINDOW_MS = 2_500
const SIZE = { width: 1440, height: 900 }
const NAME = 'phan-tich'
const PASSWORD = 'mat-khau-du-dai-2026'
const RAISED_AT_ONCE = 1_000
/** Agencies of the example registry. */
const AGENCIES = ['hp-so-yt', 'hp-so-khcn', 'hp-so-nnmt', 'hp-so-tc', 'hp-so-xd', 'hp-so-gddt']
const CHANGES_PER_ROUND = 25
const ROUND_MS = 500

/** One opening of the list in a browser that has nothing of it yet; milliseconds since the navigation began. */
interface Opening {
  /** The first rows are on the screen; the window had come to rest before. */
  listMs: number
  /** Largest contentful paint. */
  largestMs: number
  rows: number
  total: string
  /** Of script, as it came over the wire, until the rows were there. */
  scriptBytes: number
  /** CPU time of the page's main thread up to when nothing more came. */
  cpuMs: number
}

/** The list while incidents in it and beside it change, and somebody works in it. */
interface Storm {
  /** Changes that the stream told the page. */
  changes: number
  seconds: number
  /** What the page saw change in its rows. */
  rowsRedrawn: number
  rowsMax: number
  /** CPU time of the page's main thread, of a second of the clock. */
  cpuMsPerSecond: number
  /** Tasks of the main thread that took more than 50 ms, the longest first. */
  longTasksMs: number[]
}

/**
 * Starts the product with so many incidents, opens the list in Chromium, and works in it while incidents change.
 * @param openings how often it is opened, each time in a new browser context
 */
export async function consoleSession(options: {
  incidents: number
  openings: number
  stormSeconds: number
}): Promise<{ openings: Opening[]; storm: Storm; browser: string }> {
  const { incidents, openings, stormSeconds } = options
  const { product, token } = await startWith(incidents)
  const browser = await openBrowser()
  try {
    const cookie = await logIn(product.url, { name: NAME, password: PASSWORD })
    const opened: Opening[] = []
    for (let i = 0; i < openings; i++) opened.push(await open(browser, product.url, cookie))
    const storm = await work(browser, { url: product.url, cookie, token, seconds: stormSeconds })
    return { openings: opened, storm, browser: browser.version() }
  } finally {
    await browser.close()
    await product.stop()
    rmSync(product.dataFolder, { recursive: true, force: true })
  }
}

/** A data folder that the product made, and incidents put into it the way they always come. */
async function startWith(incidents: number): Promise<{ product: ProductProcess; token: string }> {
  const empty = await startProductProcess()
  await empty.stop()
  const local = openLocal(join(empty.dataFolder, 'local.db'))
  const createdAt = new Date().toISOString()
  const startMs = Date.now() - incidents * 6_000
  const user = { name: NAME, displayName: 'Nguyễn Văn Phân Tích', role: 'analyst', agencies: 'all' } as const
  addUser(local, { ...user, mustChange: false, disabled: false, createdAt }, await hashPassword(PASSWORD))
  for (let from = 0; from < incidents; from += RAISED_AT_ONCE) {
    const alerts = Array.from({ length: Math.min(RAISED_AT_ONCE, incidents - from) }, (_, n) => {
      const i = from + n
      return alertOfAnother(i, { rule: `rule-${i % 97}`, agency: AGENCIES[i % AGENCIES.length]!, startMs })
    })
    raiseIncidents(local, alerts, { criticality: () => 3 })
  }
  const { text } = addToken(local, {
    kind: 'api',
    name: 'storm',
    agencies: 'all',
    scopes: ['incidents:read', 'incidents:write', 'incidents:merge'],
    createdAt,
    createdBy: 'bench',
  })
  local.close()
  return { product: await startProductProcess(empty.environment), token: text }
}

/** What the page notes about itself from its very beginning. */
interface Noted {
  listMs: number
  largestMs: number
  longTasksMs: number[]
  redrawn: number
  changes: number
  rowsMax: number
}
type Cookie = Awaited<ReturnType<typeof logIn>>
type NotingWindow = typeof globalThis & { noted: Noted }

async function newPage(browser: Browser, cookie: Cookie): Promise<Page> {
  const context = await browser.newContext({ viewport: SIZE, locale: 'vi-VN', reducedMotion: 'reduce' })
  await context.addCookies([cookie])
  await context.addInitScript((row) => {
    const noted: Noted = { listMs: 0, largestMs: 0, longTasksMs: [], redrawn: 0, changes: 0, rowsMax: 0 }
    ;(globalThis as NotingWindow).noted = noted
    const observe = (type: string, seen: (entry: PerformanceEntry) => void): void =>
      new PerformanceObserver((list) => list.getEntries().forEach(seen)).observe({ type, buffered: true })
    observe('largest-contentful-paint', ({ startTime }) => (noted.largestMs = startTime))
    observe('longtask', ({ duration }) => noted.longTasksMs.push(duration))
    new MutationObserver((changes) => {
      const rows = document.querySelectorAll(row).length
      noted.rowsMax = Math.max(noted.rowsMax, rows)
      noted.redrawn += changes.filter(({ target }) => target.parentElement?.closest('[data-id]')).length
      // The frame that draws them has begun when the second callback runs.
      if (rows > 0 && noted.listMs === 0) {
        noted.listMs = -1
        requestAnimationFrame(() => requestAnimationFrame((atMs) => (noted.listMs = atMs)))
      }
    }).observe(document, { subtree: true, childList: true, characterData: true })
    const Plain = EventSource
    globalThis.EventSource = class extends Plain {
      constructor(url: string | URL, init?: EventSourceInit) {
        super(url, init)
        this.addEventListener('change', () => noted.changes++)
      }
    }
  }, ROW)
  const page = await context.newPage()
  await sleep(WINDOW_MS) // an address is opened in a window that stands
  return page
}

/** CPU time that the page's main thread has taken, in milliseconds; the first call begins it. */
async function cpuClock(page: Page): Promise<() => Promise<number>> {
  const session = await page.context().newCDPSession(page)
  await session.send('Performance.enable', { timeDomain: 'threadTicks' })
  return async () => {
    const { metrics } = await session.send('Performance.getMetrics')
    return (metrics.find(({ name }) => name === 'TaskDuration')?.value ?? 0) * 1_000
  }
}

const notes = (page: Page): Promise<Noted> => page.evaluate(() => (globalThis as NotingWindow).noted)

async function open(browser: Browser, url: string, cookie: Cookie): Promise<Opening> {
  const page = await newPage(browser, cookie)
  const cpuMs = await cpuClock(page)
  await page.goto(`${url}/incidents`)
  await page.waitForFunction(() => (globalThis as NotingWindow).noted.listMs > 0)
  const scriptBytes = await page.evaluate(() => {
    const all = performance.getEntriesByType('resource') as PerformanceResourceTiming[]
    const { listMs } = (globalThis as NotingWindow).noted
    return all
      .filter(({ name, responseEnd }) => name.endsWith('.js') && responseEnd <= listMs)
      .reduce((bytes, { encodedBodySize }) => bytes + encodedBodySize, 0)
  })
  // Counts beside the filters, and what else comes later, may still draw something larger.
  await page.waitForLoadState('networkidle')
  const { listMs, largestMs } = await notes(page)
  const rows = await page.locator(ROW).count()
  const total = (await page.textContent('[role=status]')) ?? ''
  const spent = await cpuMs()
  await page.context().close()
  return { listMs, largestMs, rows, total, scriptBytes, cpuMs: spent }
}

/** Fifty incidents change each second, half of them in the part of the list that is loaded, while rows are walked and scrolled. */
async function work(
  browser: Browser,
  { url, cookie, token, seconds }: { url: string; cookie: Cookie; token: string; seconds: number },
): Promise<Storm> {
  const page = await newPage(browser, cookie)
  const cpuMs = await cpuClock(page)
  await page.goto(`${url}/incidents`)
  await page.waitForSelector(ROW)
  await page.waitForLoadState('networkidle').catch(() => undefined) // the stream stays open
  await page.evaluate(() => {
    const { noted } = globalThis as NotingWindow
    noted.longTasksMs = []
    noted.redrawn = 0
    noted.changes = 0
  })
  const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' }
  const read = async (query: string): Promise<string[]> => {
    const answer = await fetch(`${url}/api/v1/incidents?${query}`, { headers })
    return ((await answer.json()) as { items: { id: string }[] }).items.map(({ id }) => id)
  }
  const open = 'state=new&state=in_progress&state=on_hold'
  const ids = [await read(`${open}&limit=100`), await read('sort=updated&level=low&limit=100')]
  const [startMs, cpuBefore] = [Date.now(), await cpuMs()]
  for (let round = 0; Date.now() - startMs < seconds * 1_000; round++) {
    const body = {
      ids: Array.from({ length: CHANGES_PER_ROUND }, (_, n) => {
        const list = ids[n % 2]!
        return list[(round * CHANGES_PER_ROUND + n) % list.length]!
      }),
      change: { assignee: round % 8 < 4 ? NAME : null },
    }
    const asked = fetch(`${url}/api/v1/incidents/bulk`, { method: 'POST', headers, body: JSON.stringify(body) })
    await page.keyboard.press('j')
    await page.mouse.move(800, 500)
    await page.mouse.wheel(0, round % 12 < 8 ? 1_500 : -3_000)
    const answer = await asked
    if (!answer.ok) throw new Error(`bulk: ${answer.status} ${await answer.text()}`)
    await sleep(Math.max(0, startMs + (round + 1) * ROUND_MS - Date.now()))
  }
  const took = (Date.now() - startMs) / 1_000
  const cpuMsPerSecond = ((await cpuMs()) - cpuBefore) / took
  await sleep(1_000) // what was told last is drawn
  const { changes, longTasksMs, redrawn, rowsMax } = await notes(page)
  await page.context().close()
  return {
    changes,
    seconds: Math.round(took),
    rowsRedrawn: redrawn,
    rowsMax,
    cpuMsPerSecond,
    longTasksMs: longTasksMs.sort((a, b) => b - a),
  }
}
