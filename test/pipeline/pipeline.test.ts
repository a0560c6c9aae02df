import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { describe, expect, test, vi } from 'vitest'
import { keepBundle, readBundle, type Bundle, type Control } from '../../pipeline/bundle.ts'
import { Spool } from '../../collector/spool/spool.ts'
import { Engine } from '../../detection/engine.ts'
import { lineOf } from '../../detection/indicators/indicator.ts'
import { NO_NEVER } from '../../detection/indicators/never.ts'
import { keepFeed, keepManifest } from '../../indicators/files.ts'
import type { Alert } from '../../model/alert.ts'
import type { DeadLetter, Frame } from '../../model/record.ts'
import { ROOT } from '../../model/root.ts'
import { openEmbedded } from '../../store/embedded/embedded.ts'
import { readCheckpoint } from '../../store/local/checkpoint.ts'
import { hiddenBy } from '../../store/local/hidden.ts'
import { openLocal, type LocalDatabase } from '../../store/local/database.ts'
import { openUnits } from '../../store/local/integrity.ts'
import { listIncidents } from '../../store/local/incidents.ts'
import { listSources } from '../../store/local/sources.ts'
import { StoreError, type Store } from '../../store/store.ts'
import { drain } from './drain.ts'

const EVERYTHING = {
  scope: 'all',
  range: { from: '1970-01-01T00:00:00.000Z', to: '9999-01-01T00:00:00.000Z' },
  limit: 1_000,
} as const
const shipped = readBundle({
  rulesFolder: join(ROOT, 'rules'),
  registry: join(ROOT, 'registry', 'hai-duong.yml'),
  timeZone: 'Asia/Ho_Chi_Minh',
})

/** The shipped pipelines and log sources with one rule of the test: sshd lines that hold `word`. */
function bundleFor(word: string, id: string): Bundle {
  const text = `title: Says ${word}
id: ${id}
logsource: { product: linux, service: sshd }
level: high
detection:
  words:
    - ${word}
  condition: words
`
  const wiring = shipped.rules.filter(({ path }) => path.startsWith('pipelines/') || path === 'logsources.yml')
  return { ...shipped, rules: [...wiring, { path: 'test.yml', text }] }
}

const RULE_A = '6f1b6a52-54b0-4f0e-9f0a-5d6f6a7b0001'
const RULE_B = '6f1b6a52-54b0-4f0e-9f0a-5d6f6a7b0002'

function sshd(message: string, senderId?: string): Frame {
  const bytes = Buffer.from(`<38>1 2026-11-20T01:02:03.000Z motcua-web01 sshd 7 - - ${message}`)
  const origin = { input: 'syslog-tcp', address: '192.0.2.7' }
  return senderId === undefined ? { origin, bytes } : { origin, bytes, senderId }
}

function control(said: Control): Frame {
  return { origin: { input: 'control', address: '' }, bytes: Buffer.from(JSON.stringify(said)) }
}

async function fixture(): Promise<{
  folder: string
  spool: Spool
  store: Store
  local: LocalDatabase
  close: () => Promise<void>
}> {
  const folder = mkdtempSync(join(tmpdir(), 'vong-gac-pipeline-'))
  const spool = await Spool.open(join(folder, 'spool'), { segmentBytes: 65_536, freeBytesMin: 0 })
  const store = await openEmbedded(join(folder, 'events'), {})
  const local = openLocal(join(folder, 'local.db'))
  const close = async (): Promise<void> => {
    await store.close()
    await spool.close()
    local.close()
  }
  return { folder, spool, store, local, close }
}

const named = (alerts: readonly Alert[]): string[] => alerts.map(({ rule, seq }) => `${rule.title} at ${seq}`).sort()

describe('a change of rules is in force from its place in the log', () => {
  test('and a replay of the whole log says the same', async () => {
    const { folder, spool, store, local, close } = await fixture()
    const [a, b] = [bundleFor('alpha', RULE_A), bundleFor('bravo', RULE_B)].map((bundle) =>
      keepBundle(join(folder, 'bundles'), bundle),
    )
    await spool.append([control({ bundle: a! }), sshd('alpha bravo')])
    await drain({ folder, spool, store, local })
    await spool.append([sshd('alpha bravo'), control({ bundle: b! }), sshd('alpha bravo')])
    await drain({ folder, spool, store, local })
    const expected = ['Says alpha at 2', 'Says alpha at 3', 'Says bravo at 5']
    expect(named(await store.searchAlerts(EVERYTHING))).toEqual(expected)

    const again = await openEmbedded(join(folder, 'again'), {})
    const fresh = openLocal(':memory:')
    await drain({ folder, spool, store: again, local: fresh })
    expect(await again.searchAlerts(EVERYTHING)).toEqual(await store.searchAlerts(EVERYTHING))
    expect(await again.searchEvents(EVERYTHING)).toEqual(await store.searchEvents(EVERYTHING))
    await again.close()
    fresh.close()
    await close()
  })
})

test('a change of indicators is in force from its place in the log, and a replay says the same', async () => {
  const { folder, spool, store, local, close } = await fixture()
  const bundle = keepBundle(join(folder, 'bundles'), bundleFor('alpha', RULE_A))
  const manifest = (...addresses: string[]): string => {
    const lines = addresses.map((value) => lineOf({ kind: 'ip', value, level: 'high' })).sort()
    const kept = { ...keepFeed(join(folder, 'indicators'), Buffer.from(lines.join(''))), indicators: lines.length }
    const feed = { name: 'thu', ...kept, fresh: kept, importedAt: '', importedBy: '' }
    return keepManifest(join(folder, 'indicators'), { feeds: [feed], never: NO_NEVER })
  }
  const [first, second] = [manifest('203.0.113.1'), manifest('203.0.113.1', '203.0.113.2')]
  const from = (address: string): Frame => sshd(`Failed password for root from ${address} port 22 ssh2`)
  await spool.append([control({ bundle }), from('203.0.113.1'), control({ indicators: first }), from('203.0.113.1')])
  await spool.append([from('203.0.113.2'), control({ indicators: second }), from('203.0.113.2')])
  await drain({ folder, spool, store, local }, { durable: 5 })
  expect(readCheckpoint(local)).toMatchObject({ seq: 5, indicators: first })
  await drain({ folder, spool, store, local }) // goes on with those of the checkpoint
  await spool.append([from('203.0.113.2')])
  await drain({ folder, spool, store, local })
  const title = 'Indicator of thu'
  expect(named(await store.searchAlerts(EVERYTHING))).toEqual([4, 7, 8].map((seq) => `${title} at ${seq}`))

  const again = await openEmbedded(join(folder, 'again'), {})
  const fresh = openLocal(':memory:')
  await drain({ folder, spool, store: again, local: fresh })
  expect(await again.searchAlerts(EVERYTHING)).toEqual(await store.searchAlerts(EVERYTHING))
  await again.close()
  fresh.close()
  await close()
})

test('doing the log again after a lost checkpoint changes nothing', async () => {
  const { folder, spool, store, local, close } = await fixture()
  const hash = keepBundle(join(folder, 'bundles'), bundleFor('alpha', RULE_A))
  await spool.append([control({ bundle: hash }), sshd('alpha'), sshd('alpha', 'k1'), sshd('alpha', 'k1'), sshd('x')])
  await drain({ folder, spool, store, local })
  const before = {
    alerts: await store.searchAlerts(EVERYTHING),
    incidents: listIncidents(local, { scope: 'all', order: 'updated', limit: 10 }),
  }
  expect(before.alerts).toHaveLength(2)
  local.exec('DELETE FROM checkpoint; DELETE FROM sources')
  await drain({ folder, spool, store, local })
  expect(await store.searchAlerts(EVERYTHING)).toEqual(before.alerts)
  expect(listIncidents(local, { scope: 'all', order: 'updated', limit: 10 })).toEqual(before.incidents)
  const [source] = listSources(local, { scope: 'all', limit: 10 })
  expect(source).toMatchObject({ events: 3, repeats: 1, deadLetters: 0 })
  expect(await store.counts('all')).toMatchObject({ events: 3, alerts: 2, deadLetters: 0 })
  await close()
})

test('an exception is in force from its place in the log, and what it hides is counted exactly, whatever crash comes between', async () => {
  const { folder, spool, store, local, close } = await fixture()
  const plain = bundleFor('alpha', RULE_A)
  const text = `title: E\nlogsource: { product: linux, service: sshd }\nfilter:\n  rules: [${RULE_A}]\n  words: [backup]\n  condition: not words\n`
  const excepted = {
    ...plain,
    exceptions: [{ path: 'exceptions/e.yml', text, exception: { id: 'e', agencies: 'all' } }],
  }
  const [before, after] = [plain, excepted as Bundle].map((bundle) => keepBundle(join(folder, 'bundles'), bundle))
  const both = [sshd('alpha backup'), sshd('alpha'), sshd('backup')]
  await spool.append([control({ bundle: before! }), ...both, control({ bundle: after! }), ...both, ...both])
  await drain({ folder, spool, store, local })
  expect(named(await store.searchAlerts(EVERYTHING))).toEqual([2, 3, 7, 10].map((n) => `Says alpha at ${n}`).sort())
  expect(hiddenBy(local, 'e', 'all')).toMatchObject({ events: 2, rules: [{ rule: RULE_A, events: 2 }] })

  local.exec('DELETE FROM checkpoint; DELETE FROM hidden; DELETE FROM ledger_spools; DELETE FROM ledger')
  await drain({ folder, spool, store, local }, { durable: 6 })
  await spool.append([...both, control({ bundle: before! }), ...both])
  await drain({ folder, spool, store, local })
  expect(hiddenBy(local, 'e', 'all').events).toBe(3)
  await close()
})

test('an equal identity of another sender is another record', async () => {
  const { folder, spool, store, local, close } = await fixture()
  const hash = keepBundle(join(folder, 'bundles'), bundleFor('alpha', RULE_A))
  const other = sshd('alpha', 'k1')
  await spool.append([
    control({ bundle: hash }),
    sshd('alpha', 'k1'),
    { ...other, origin: { ...other.origin, address: '192.0.2.8' } },
  ])
  await drain({ folder, spool, store, local })
  expect(await store.counts('all')).toMatchObject({ events: 2 })
  await close()
})

test('while the store is away it waits, says so, and then goes on', async () => {
  const { folder, spool, store, local, close } = await fixture()
  const hash = keepBundle(join(folder, 'bundles'), bundleFor('alpha', RULE_A))
  await spool.append([control({ bundle: hash }), sshd('alpha')])
  let refusals = 2
  const shaky: Store = {
    ...boundMethods(store),
    append: (batch) => (refusals-- > 0 ? Promise.reject(new StoreError('unavailable', 'gone')) : store.append(batch)),
  }
  const reports = await drain({ folder, spool, store: shaky, local })
  expect(reports.map(({ kind }) => kind).filter((kind) => kind === 'waiting' || kind === 'resumed')).toEqual([
    'waiting',
    'waiting',
    'resumed',
  ])
  expect(await store.counts('all')).toMatchObject({ events: 1, alerts: 1 })
  await close()
})

test('batches are on their way at once where the store takes several, and what is said of them comes in order', async () => {
  const { folder, spool, store, local, close } = await fixture()
  const [a, b] = [bundleFor('alpha', RULE_A), bundleFor('bravo', RULE_B)].map((bundle) =>
    keepBundle(join(folder, 'bundles'), bundle),
  )
  const lines = Array.from({ length: 9_000 }, (_, i) => sshd(i % 1_500 === 1_499 ? `alpha bravo ${i}` : `quiet ${i}`))
  await spool.append([
    control({ bundle: a! }),
    ...lines.slice(0, 6_000),
    control({ bundle: b! }),
    ...lines.slice(6_000),
  ])

  // The embedded store wants them in order; what a cluster would hold of them:
  const stored = new Set<number>()
  const alerts: Alert[] = []
  let [underWay, most, appends] = [0, 0, 0]
  const wide: Store = {
    ...boundMethods(store),
    batchesAtOnce: 3,
    append: async (batch) => {
      most = Math.max(most, ++underWay)
      for (const { evidence } of batch.alerts) {
        for (const { seq } of evidence) expect(stored, 'an alert never comes before its events').toContain(seq)
      }
      // Time for as many to be under way as may be, unless a checkpoint waits for this one.
      await vi.waitUntil(() => most === 3, { timeout: 300 }).catch(() => undefined)
      // The later a batch begins, the sooner it ends; one in four has to be tried again.
      await sleep(30 - 10 * (appends % 3))
      underWay--
      if (appends++ % 4 === 2) throw new StoreError('unavailable', 'gone')
      for (const event of batch.events) stored.add(event['soc.seq'])
      alerts.push(...batch.alerts)
      return { refused: [] }
    },
  }
  const through: number[] = []
  await drain(
    { folder, spool, store: wide, local },
    {
      onReport: (report) => {
        if (report.kind === 'progress') through.push(report.seq)
        if (report.kind !== 'checkpoint') return
        const missing = lines
          .map((_, i) => i + 2 + Number(i >= 6_000))
          .filter((seq) => seq <= report.seq && !stored.has(seq))
        expect(missing, 'a checkpoint says only of what is stored that it is').toEqual([])
      },
    },
  )
  expect(most).toBe(3)
  expect(through).toEqual(through.toSorted((x, y) => x - y))
  expect(through.at(-1)).toBe(lines.length + 2)

  const again = await openEmbedded(join(folder, 'again'), {})
  const fresh = openLocal(':memory:')
  await drain({ folder, spool, store: again, local: fresh })
  expect(named(alerts)).toEqual(named(await again.searchAlerts(EVERYTHING)))
  expect([stored.size, alerts.length]).toEqual([lines.length, 6])
  expect(listSources(local, { scope: 'all', limit: 10 })).toEqual(listSources(fresh, { scope: 'all', limit: 10 }))
  expect(openUnits(local)).toEqual(openUnits(fresh))
  await again.close()
  fresh.close()
  await close()
})

test('stopped while a batch waits for the store, it counts nothing behind that batch as done, though it is stored', async () => {
  const { folder, spool, store, local, close } = await fixture()
  const bundle = keepBundle(join(folder, 'bundles'), bundleFor('alpha', RULE_A))
  await spool.append([control({ bundle }), ...Array.from({ length: 6_000 }, (_, i) => sshd(`alpha ${i}`))])
  let waits = 0
  const wide: Store = {
    ...boundMethods(store),
    batchesAtOnce: 3,
    append: ({ from }) =>
      from > 1_000 && from <= 2_000
        ? Promise.reject(new StoreError('unavailable', 'gone'))
        : Promise.resolve({ refused: [] }),
  }
  await drain(
    { folder, spool, store: wide, local },
    { onReport: ({ kind }) => void (waits += Number(kind === 'waiting')), stopped: () => waits >= 3 },
  )
  const { seq } = readCheckpoint(local)
  expect(seq).toBeLessThanOrEqual(1_000)
  await drain({ folder, spool, store, local })
  expect(await store.counts('all')).toMatchObject({ events: 6_001 - Math.max(seq, 1) })
  await close()
})

test('what the store refuses for good becomes a dead letter, and is counted as one', async () => {
  const { folder, spool, store, local, close } = await fixture()
  const hash = keepBundle(join(folder, 'bundles'), bundleFor('alpha', RULE_A))
  await spool.append([control({ bundle: hash }), sshd('one'), sshd('two')])
  const letters: string[] = []
  const picky: Store = {
    ...boundMethods(store),
    append: (batch) => {
      letters.push(...batch.deadLetters.map(({ seq, code, reason }) => `${seq} ${code} ${reason}`))
      return Promise.resolve({
        refused: batch.events.some((e) => e['soc.seq'] === 3) ? [{ seq: 3, reason: 'too odd' }] : [],
      })
    },
  }
  await drain({ folder, spool, store: picky, local })
  expect(letters).toEqual(['3 store_refused too odd'])
  expect(listSources(local, { scope: 'all', limit: 10 })[0]).toMatchObject({ events: 1, deadLetters: 1 })
  await close()
})

test('what the store refuses keeps its whole origin, so that sending it through again is not another sender', async () => {
  const { folder, spool, store, local, close } = await fixture()
  const hash = keepBundle(join(folder, 'bundles'), bundleFor('alpha', RULE_A))
  const origin = { input: 'http-ndjson', address: '192.0.2.7', agency: 'motcua', stream: 'cong' }
  await spool.append([control({ bundle: hash }), { origin, bytes: Buffer.from([0xff, 0x41, 0x0a]) }])
  const letters: DeadLetter[] = []
  const picky: Store = {
    ...boundMethods(store),
    append: (batch) => {
      letters.push(...batch.deadLetters)
      return Promise.resolve({ refused: batch.events.map((event) => ({ seq: event['soc.seq'], reason: 'too odd' })) })
    },
  }
  await drain({ folder, spool, store: picky, local })
  expect(letters).toMatchObject([{ seq: 2, agency: 'motcua', origin, bytes: '/0EK' }])
  await close()
})

describe('while the local database takes nothing', () => {
  test('because the disk is full, it waits with nothing lost or twice, and then goes on', async () => {
    const { folder, spool, store, local, close } = await fixture()
    const hash = keepBundle(join(folder, 'bundles'), bundleFor('alpha', RULE_A))
    await spool.append([control({ bundle: hash }), ...Array.from({ length: 300 }, (_, i) => sshd('alpha', `k${i}`))])
    const { page_count: pages } = local.prepare('PRAGMA page_count').get() as { page_count: number }
    local.pragma(`max_page_count = ${pages}`)
    let waits = 0
    const reports = await drain(
      { folder, spool, store, local },
      {
        onReport: ({ kind }) => {
          if (kind === 'waiting' && ++waits % 2 === 0) local.pragma(`max_page_count = ${pages + waits * 20}`)
        },
      },
    )
    expect(reports.find(({ kind }) => kind === 'waiting')).toMatchObject({
      reason: expect.stringMatching('local database'),
    })
    expect(reports.at(-1)).toMatchObject({ kind: 'checkpoint', seq: 301 })
    expect(await store.counts('all')).toMatchObject({ events: 300, alerts: 300, deadLetters: 0 })
    expect(listSources(local, { scope: 'all', limit: 10 })).toMatchObject([{ events: 300, repeats: 0 }])
    expect(listIncidents(local, { scope: 'all', order: 'updated', limit: 10 })).toMatchObject([{ alertCount: 300 }])
    await close()
  })

  test('because another program has it locked, it waits', async () => {
    const { folder, spool, store, local, close } = await fixture()
    const hash = keepBundle(join(folder, 'bundles'), bundleFor('alpha', RULE_A))
    await spool.append([control({ bundle: hash }), sshd('alpha')])
    local.pragma('busy_timeout = 1')
    const other = openLocal(join(folder, 'local.db'))
    const reports = await drain(
      { folder, spool, store, local },
      {
        onReport: ({ kind }) => {
          if (kind === 'rules') other.exec('BEGIN IMMEDIATE')
          if (kind === 'waiting') other.exec('ROLLBACK')
        },
      },
    )
    expect(reports.map(({ kind }) => kind)).toEqual(['rules', 'waiting', 'resumed', 'progress', 'stats', 'checkpoint'])
    other.close()
    await close()
  })
})

test('a state of correlations too large to be written puts the checkpoint off, and nothing else', async () => {
  const { folder, spool, store, local, close } = await fixture()
  const hash = keepBundle(join(folder, 'bundles'), bundleFor('alpha', RULE_A))
  await spool.append([control({ bundle: hash }), sshd('alpha')])
  const tooLarge = vi.spyOn(Engine.prototype, 'checkpoint').mockImplementation(() => 'x'.repeat(2 ** 30))
  const reports = await drain({ folder, spool, store, local })
  expect(reports).toContainEqual({
    kind: 'trouble',
    message: expect.stringContaining('no checkpoint since position 0'),
  })
  expect(await store.counts('all')).toMatchObject({ events: 1, alerts: 1 })
  tooLarge.mockRestore()
  await drain({ folder, spool, store, local })
  expect(readCheckpoint(local).seq).toBe(2)
  expect(await store.counts('all')).toMatchObject({ events: 1, alerts: 1 })
  expect(listSources(local, { scope: 'all', limit: 10 })).toMatchObject([{ events: 1 }])
  await close()
})

test('a spool begun anew is done from its first position, though the checkpoint of the former one was further', async () => {
  const { folder, spool, store, local, close } = await fixture()
  const hash = keepBundle(join(folder, 'bundles'), bundleFor('alpha', RULE_A))
  await spool.append([control({ bundle: hash }), sshd('alpha'), sshd('alpha'), sshd('alpha', 'k1')])
  await drain({ folder, spool, store, local })
  await spool.close()
  rmSync(join(folder, 'spool'), { recursive: true })
  const anew = await Spool.open(join(folder, 'spool'), { freeBytesMin: 0 })
  await anew.append([sshd('alpha', 'k1'), sshd('alpha', 'k1')])
  await drain({ folder, spool: anew, store, local })
  expect(await store.counts('all')).toMatchObject({ events: 4, alerts: 4 })
  expect(readCheckpoint(local)).toMatchObject({ spool: anew.id, seq: 2, bundle: hash })
  await anew.close()
  await close()
})

test('drops that an input counted are counted for their source', async () => {
  const { folder, spool, store, local, close } = await fixture()
  const hash = keepBundle(join(folder, 'bundles'), bundleFor('alpha', RULE_A))
  const drops = [
    { source: 'syslog-udp/192.0.2.8', agency: 'so-y-te', count: 2 },
    { source: 'syslog-udp/192.0.2.9', count: 4 },
  ]
  await spool.append([control({ bundle: hash }), control({ drops })])
  await drain({ folder, spool, store, local })
  expect(listSources(local, { scope: 'all', limit: 10 })).toMatchObject([
    { source: 'syslog-udp/192.0.2.8', agency: 'so-y-te', dropped: 2 },
    { source: 'syslog-udp/192.0.2.9', agency: 'unregistered', dropped: 4 },
  ])
  await close()
})

test('what the disk does not give back is a dead letter, and the rest goes on', async () => {
  const { folder, spool, store, local, close } = await fixture()
  const hash = keepBundle(join(folder, 'bundles'), bundleFor('alpha', RULE_A))
  await spool.append([control({ bundle: hash }), sshd('one')])
  await spool.append([sshd('rotten'), sshd('three')])
  await spool.append([sshd('four')])
  const segment = readdirSync(join(folder, 'spool')).find((name) => name !== 'spool.json')
  const path = join(folder, 'spool', segment!)
  const bytes = readFileSync(path)
  bytes[bytes.indexOf('rotten')]! ^= 1
  writeFileSync(path, bytes)
  const reports = await drain({ folder, spool, store, local })
  expect(reports).toContainEqual({ kind: 'trouble', message: 'spool positions 3 to 3 do not read back' })
  expect((await store.searchEvents(EVERYTHING)).map((event) => event['soc.seq']).toSorted((a, b) => a - b)).toEqual([
    2, 4, 5,
  ])
  expect(await store.searchDeadLetters({ scope: 'all', limit: 10 })).toMatchObject([{ seq: 3, code: 'spool_damaged' }])
  const [letter] = await store.searchDeadLetters({ scope: 'all', limit: 1 })
  expect(letter!.receivedAt.slice(0, 10), 'near the loss, so that retention keeps its evidence').toBe(
    new Date().toISOString().slice(0, 10),
  )
  await close()
})

function boundMethods(store: Store): Store {
  return {
    engine: store.engine,
    append: (batch) => store.append(batch),
    searchEvents: (query) => store.searchEvents(query),
    aggregate: (query) => store.aggregate(query),
    getEvents: (ids, scope) => store.getEvents(ids, scope),
    searchAlerts: (query) => store.searchAlerts(query),
    searchDeadLetters: (query) => store.searchDeadLetters(query),
    counts: (scope) => store.counts(scope),
    stored: (query) => store.stored(query),
    partitions: () => store.partitions(),
    drop: (partitions) => store.drop(partitions),
    files: () => store.files(),
    fileDigest: (path) => store.fileDigest(path),
    ready: () => store.ready(),
    close: () => store.close(),
  }
}
