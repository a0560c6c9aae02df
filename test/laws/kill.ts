import { randomInt } from 'node:crypto'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { expect } from 'vitest'
import { startProductProcess, type ProductProcess } from '../../bench/product-process.ts'
import { loadBundle, type Control } from '../../pipeline/bundle.ts'
import { loadEnricher } from '../../collector/enrich.ts'
import { loadNormaliser } from '../../collector/normalise.ts'
import { Engine, loadRules } from '../../detection/engine.ts'
import type { Alert } from '../../model/alert.ts'
import type { EcsEvent } from '../../model/event.ts'
import type { SpoolRecord } from '../../model/record.ts'
import { parseRegistry } from '../../model/registry.ts'
import { findRepeats } from '../../store/local/sender-ids.ts'
import { openLocal } from '../../store/local/database.ts'
import { readCheckpoint } from '../../store/local/checkpoint.ts'
import { listIncidents } from '../../store/local/incidents.ts'
import { accountsOf, outcomesOf } from '../../store/local/ledger.ts'
import { listSources } from '../../store/local/sources.ts'
import { addToken } from '../../store/local/tokens.ts'
import type { Store } from '../../store/store.ts'
import { sendHttp, sendTcp, type Sent } from './senders.ts'
import { readSpool } from '../read-spool.ts'

const SETTLE_MS_MAX = 120_000
const MARKER = /(?:keyed|plain|tcp)-\d+(?:-\d+)?/
const EVERYTHING = {
  scope: 'all',
  range: { from: '1970-01-01T00:00:00.000Z', to: '9999-01-01T00:00:00.000Z' },
} as const

export interface KillFigures {
  kills: number
  records: number
  acknowledged: number
  inFlight: number
  surplus: number
  events: number
  repeats: number
  alerts: number
  incidents: number
}

/**
 * Sends over HTTP and TCP while the product is killed and started again on the same data, then holds what it stored against
 * what the senders know and against a plain evaluation of the whole spool in this process.
 */
export async function killAndCheck(options: {
  kills: number
  upMsMax: number
  environment?: Record<string, string>
  /** Opens the store that the product wrote, once it has ended. */
  openStore: (dataFolder: string) => Promise<Store>
}): Promise<KillFigures> {
  let product = await startProductProcess(options.environment)
  const { ports, dataFolder, environment } = product
  const ingest = mintToken(dataFolder, 'motcua')
  let stopped = false
  const isStopped = (): boolean => stopped
  const url = `http://127.0.0.1:${ports.http}`
  const senders = [
    sendHttp({ url, token: ingest, name: 'keyed', keyed: true, stopped: isStopped }),
    sendHttp({ url, token: ingest, name: 'plain', keyed: false, stopped: isStopped }),
    sendTcp({ port: ports.syslogTcp, name: 'tcp', stopped: isStopped }),
  ]
  const trouble = Promise.all(senders)
  trouble.catch(() => (stopped = true))
  try {
    for (let kill = 0; kill < options.kills; kill++) {
      await sleep(randomInt(200, options.upMsMax))
      await product.kill()
      product = await startProductProcess(environment)
    }
    await sleep(500)
    stopped = true
    const [keyed, plain, tcp] = (await trouble) as [Sent, Sent, Sent]
    const spool = await readSpool(dataFolder)
    await settled(dataFolder, spool.at(-1)!.seq, product)
    expect(await product.stop(), product.output()).toBe(0)
    const store = await options.openStore(dataFolder)
    const figures = await check({ store, dataFolder, spool, keyed, plain, tcp, kills: options.kills })
    await store.close()
    return figures
  } finally {
    stopped = true
    await product.kill()
  }
}

function mintToken(dataFolder: string, agency: string): string {
  const local = openLocal(join(dataFolder, 'local.db'))
  const createdAt = new Date().toISOString()
  const { text } = addToken(local, {
    kind: 'ingest',
    name: 'law test',
    agencies: [agency],
    scopes: [],
    createdAt,
    createdBy: 'test',
  })
  local.close()
  return text
}

/** Waits until everything that is durable is stored, raised and counted. */
async function settled(dataFolder: string, seq: number, product: ProductProcess): Promise<void> {
  const local = openLocal(join(dataFolder, 'local.db'))
  const deadline = Date.now() + SETTLE_MS_MAX
  while (readCheckpoint(local).seq < seq) {
    if (Date.now() > deadline) throw new Error(`stuck at ${readCheckpoint(local).seq} of ${seq}:\n${product.output()}`)
    await sleep(100)
  }
  local.close()
}

interface Expected {
  originals: Map<number, string>
  deadLetters: Set<number>
  repeats: Set<number>
  alerts: Map<string, Alert>
}

/** The spool as one plain function in spool order, without batches, checkpoints or restarts. */
async function evaluate(records: readonly SpoolRecord[], dataFolder: string, spoolId: string): Promise<Expected> {
  const local = openLocal(':memory:')
  const expected: Expected = { originals: new Map(), deadLetters: new Set(), repeats: new Set(), alerts: new Map() }
  let understood: { normalise: Awaited<ReturnType<typeof loadNormaliser>>; engine: Engine } | undefined
  for (const record of records) {
    if (record.origin.input === 'control') {
      const control = JSON.parse(Buffer.from(record.bytes).toString()) as Control
      if (!('bundle' in control)) continue
      const bundle = loadBundle(join(dataFolder, 'bundles'), control.bundle)
      const enrich = await loadEnricher({ registry: parseRegistry(bundle.registry.text, bundle.registry.path) })
      const state = understood?.engine.checkpoint()
      understood = {
        normalise: await loadNormaliser({ spoolId, timeZone: bundle.timeZone, enrich }),
        engine: new Engine(await loadRules(bundle.rules)),
      }
      if (state !== undefined) understood.engine.restore(state)
      continue
    }
    const { normalise, engine } = understood!
    const { seq, receivedAtMs, origin } = record
    const result = normalise(record)
    const senderId = record.senderId ?? (result.kind === 'event' ? result.senderId : undefined)
    const sender = origin.agency ?? origin.address
    if (
      senderId !== undefined &&
      findRepeats(local, [{ seq, sender, senderId, receivedAtMs }], 7 * 86_400_000).has(seq)
    ) {
      expected.repeats.add(seq)
    } else if (result.kind === 'dead') {
      expected.deadLetters.add(seq)
    } else {
      expected.originals.set(seq, Buffer.from(record.bytes).toString())
      for (const alert of engine.process(result.event)) expected.alerts.set(alert.id, alert)
    }
  }
  local.close()
  return expected
}

async function everyEvent(store: Store): Promise<EcsEvent[]> {
  const events: EcsEvent[] = []
  for (;;) {
    const last = events.at(-1)
    const page = await store.searchEvents({
      ...EVERYTHING,
      limit: 1_000,
      ...(last && { after: { timestamp: last['@timestamp'], seq: last['soc.seq'] } }),
    })
    events.push(...page)
    if (page.length < 1_000) return events
  }
}

async function everyAlert(store: Store): Promise<Alert[]> {
  const alerts: Alert[] = []
  for (;;) {
    const last = alerts.at(-1)
    const page = await store.searchAlerts({
      ...EVERYTHING,
      limit: 1_000,
      ...(last && { after: { timestamp: last['@timestamp'], seq: last.seq, id: last.id } }),
    })
    alerts.push(...page)
    if (page.length < 1_000) return alerts
  }
}

async function check(found: {
  store: Store
  dataFolder: string
  spool: SpoolRecord[]
  keyed: Sent
  plain: Sent
  tcp: Sent
  kills: number
}): Promise<KillFigures> {
  const { store, dataFolder, spool, keyed, plain, tcp } = found
  expect(
    spool.map(({ seq }) => seq),
    'positions without a gap',
  ).toEqual(spool.map((_, i) => i + 1))

  const events = await everyEvent(store)
  const spoolId = events[0]!['soc.record'].split('-')[0]!
  const expected = await evaluate(spool, dataFolder, spoolId)
  const stored = new Map(events.map((event) => [event['soc.seq'], event['event.original']]))
  expect(events.length, 'every event once').toBe(stored.size)
  expect(stored, 'the raw lines of the spool, no more and no fewer').toEqual(expected.originals)

  const markers = events.map((event) => MARKER.exec(event['event.original'])?.[0] ?? '')
  const times = new Map<string, number>()
  for (const marker of markers) times.set(marker, (times.get(marker) ?? 0) + 1)
  const lost = [...keyed.acknowledged, ...plain.acknowledged].filter((marker) => !times.has(marker))
  expect(lost, 'acknowledged and lost').toEqual([])
  const doubled = [...keyed.sent].filter((marker) => times.get(marker)! > 1)
  expect(doubled, "stored twice in spite of the sender's identity").toEqual([])
  expect(
    [...keyed.sent].filter((marker) => !times.has(marker)),
    'sent with an identity until answered',
  ).toEqual([])
  const surplus = [...plain.sent].filter((marker) => times.has(marker) && !plain.acknowledged.has(marker))
  expect(surplus.length, 'beyond what was acknowledged').toBeLessThanOrEqual(plain.inFlight)
  const overTcp = spool.filter(({ origin }) => origin.input === 'syslog-tcp')
  expect(overTcp.length, 'TCP did reach the spool').toBeGreaterThan(0)
  const strangers = [...times.keys()].filter((m) => !keyed.sent.has(m) && !plain.sent.has(m) && !tcp.sent.has(m))
  expect(strangers.length, 'lines that nobody sent: at most a frame torn per broken connection').toBeLessThanOrEqual(
    found.kills,
  )

  const alerts = await everyAlert(store)
  const versions = (list: Iterable<Alert>): string[] => [...list].map((a) => `${a.id} ${a.version} ${a.count}`).sort()
  expect(expected.alerts.size, 'there was something to raise').toBeGreaterThan(0)
  expect(versions(alerts), 'every alert once, in its final version').toEqual(versions(expected.alerts.values()))

  const local = openLocal(join(dataFolder, 'local.db'))
  const raised = local.prepare('SELECT alert_id AS id FROM incident_alerts').all() as { id: string }[]
  expect(raised.map(({ id }) => id).sort(), 'every alert in exactly one incident').toEqual(
    alerts.map(({ id }) => id).sort(),
  )
  const incidents = listIncidents(local, { scope: 'all', order: 'updated', limit: 10_000 })
  const standing = alerts.filter(({ count }) => count > 0)
  const own = incidents.filter(({ mergedInto }) => mergedInto === undefined)
  expect(own.reduce((sum, { alertCount }) => sum + alertCount, 0)).toBe(standing.length)

  const sources = listSources(local, { scope: 'all', limit: 1_000 })
  const { positions, counted } = accountsOf(local)
  expect(counted, 'positions with a known end').toBe(positions)
  const outcomes = outcomesOf(local, { from: '0000', to: '9999', scope: 'all' })
  const ended = (...ends: string[]): number =>
    outcomes.reduce((n, { what, records }) => n + (ends.includes(what.replace(/:.*/, '')) ? records : 0), 0)
  expect(
    { events: ended('evaluated', 'unrouted'), failed: ended('failed'), dead: ended('dead'), repeats: ended('repeat') },
    'accepted = evaluated + dead letters + repeats',
  ).toEqual({
    events: expected.originals.size,
    failed: 0,
    dead: expected.deadLetters.size,
    repeats: expected.repeats.size,
  })
  local.close()
  const sum = (field: 'events' | 'deadLetters' | 'repeats'): number =>
    sources.reduce((n, source) => n + source[field], 0)
  expect({ events: sum('events'), deadLetters: sum('deadLetters'), repeats: sum('repeats') }, 'accounts').toEqual({
    events: expected.originals.size,
    deadLetters: expected.deadLetters.size,
    repeats: expected.repeats.size,
  })
  return {
    kills: found.kills,
    records: spool.length,
    acknowledged: keyed.acknowledged.size + plain.acknowledged.size,
    inFlight: plain.inFlight,
    surplus: surplus.length,
    events: events.length,
    repeats: expected.repeats.size,
    alerts: alerts.length,
    incidents: incidents.length,
  }
}
