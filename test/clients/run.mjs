// Real programs ship lines to the real product, and everything must be there once, byte for byte: `npm run test:clients`.
// Arguments are parts of client names: `node test/clients/run.mjs rsyslog` runs those only.
import { mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { homedir, tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { compare, linesOf } from './lines.mjs'
import { makeCertificate, startProduct } from './product.mjs'
import { Unavailable } from './programs.mjs'

const LINES = 10_000
const CLIENT_TIMEOUT_MS = 120_000
const POLL_MS = 250
/** How far back to search: its own time for what says its zone, whole seconds allowed; else any. */
const CLOCKS_MS = 2_000
const DAY_MS = 86_400_000
/** Long enough for a client to notice that nobody listens. */
const OUTAGE_MS = 3_000
/** Between two parts of what a client sends, so that it is still at it when the product is killed. */
const PAUSE_MS = 50
const KILLED_MS = 500
/** After the last line: long enough for a second copy to show up. */
const SETTLE_MS = 1_000

const senders = await Promise.all(
  readdirSync(new URL('senders/', import.meta.url))
    .filter((name) => name.endsWith('.mjs'))
    .sort()
    .map(async (name) => (await import(new URL(`senders/${name}`, import.meta.url).href)).default),
)
const wanted = process.argv.slice(2)
const clients = senders.flat().filter(({ name }) => wanted.length === 0 || wanted.some((part) => name.includes(part)))

/** Sends, waits until as much has arrived as was sent or nothing moves any more, and compares. @returns what is wrong, and what else to say */
async function check(client, product, folder, ca) {
  const tag = `vg-${client.name}`
  const marker = `«${tag}»`
  const lines = linesOf(marker, LINES)
  const before = await product.api.counts(client.input)
  const startedAt = Date.now()
  const deadline = startedAt + CLIENT_TIMEOUT_MS
  if (client.inputs !== undefined) {
    await product.stop()
    await product.start(client.inputs(folder))
  }
  if (client.outage) await product.stop()
  const { host, token } = product
  const port = product.ports[client.input]
  const { end } = await client.start({ lines, tag, folder, ca, host, port, token, pauseMs: client.kill ? PAUSE_MS : 0 })
  const since = async () => {
    const counts = await product.api.counts(client.input)
    return Object.fromEntries(Object.entries(counts).map(([name, count]) => [name, count - before[name]]))
  }
  try {
    if (client.outage) {
      await sleep(OUTAGE_MS)
      await product.start()
    }
    let counts = await since()
    const notes = []
    if (client.kill) {
      while (counts.events < LINES / 4 && Date.now() < deadline) {
        await sleep(POLL_MS)
        counts = await since()
      }
      notes.push(`killed after ${counts.events}`)
      if (counts.events >= LINES) return { wrong: ['all was there before the kill'], notes }
      await product.kill()
      await sleep(KILLED_MS)
      await product.start()
      counts = await since()
    }
    while (counts.events + counts.deadLetters + counts.dropped < LINES && Date.now() < deadline) {
      await sleep(POLL_MS)
      counts = await since()
    }
    await sleep(SETTLE_MS)
    counts = await since()
    const stored = await product.api.originals(marker, client.zoneless ? DAY_MS : Date.now() - startedAt + CLOCKS_MS)
    const { wrong, missing, surplus } = compare(marker, lines, stored, client.lineOf)
    if (missing > 0 && missing === counts.dropped && wrong.length === 1) {
      wrong.length = 0 // a datagram may be lost, but not without being counted, and the count must be exact
      notes.push(`${missing} datagrams dropped, and counted`)
    }
    if (surplus > (client.sentTwiceMax ?? 0)) wrong.push(`${surplus} stored more than once`)
    else if (surplus > 0) notes.push(`${surplus} sent twice by the client`)
    if (wrong.length > 0) notes.push(JSON.stringify(counts))
    return { wrong, notes }
  } finally {
    await end()
    if (client.inputs !== undefined) {
      await product.stop()
      await product.start()
    }
  }
}

const folder = mkdtempSync(join(tmpdir(), 'vong-gac-clients-'))
let passed = 0
let failed = 0
/** Why, and which. */
const skipped = new Map()
let product
try {
  const cache = join(homedir(), '.cache', 'vong-gac-clients')
  const prepared = clients.flatMap((client) => {
    try {
      return [{ client, version: client.prepare({ cache }) }]
    } catch (error) {
      if (!(error instanceof Unavailable)) throw error
      skipped.set(error.message, [...(skipped.get(error.message) ?? []), client.name])
      return []
    }
  })
  const { certificate, key } = await makeCertificate(folder)
  product = await startProduct(join(folder, 'product'), { certificate, key })
  for (const { client, version } of prepared) {
    const own = join(folder, client.name)
    mkdirSync(own)
    const startedAt = Date.now()
    const { wrong, notes = [] } = await check(client, product, own, certificate).catch((error) => ({
      wrong: [String(error)],
    }))
    const took = `${((Date.now() - startedAt) / 1_000).toFixed(1)} s`
    if (wrong.length === 0) passed++
    else failed++
    console.log(
      `${wrong.length === 0 ? 'ok' : 'NOT OK'}  ${client.name}: ${LINES} lines, ${took}  (${version}) ${[...wrong, ...notes].join('; ')}`,
    )
  }
} finally {
  await product?.stop()
  rmSync(folder, { recursive: true, force: true })
}
for (const [reason, names] of skipped) console.log(`skipped  ${names.join(', ')}: ${reason}`)
console.log(`${passed} passed, ${failed} failed`)
process.exitCode = failed > 0 ? 1 : passed === 0 ? 2 : 0
