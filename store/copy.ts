import { createHash, type Hash } from 'node:crypto'
import type { EcsEvent } from '../model/event.ts'
import type { DeadLetter } from '../model/record.ts'
import { eventEvidence, leafOf, letterEvidence, type StoredRecord } from './integrity/leaf.ts'
import { LIMIT_MAX, type Store } from './store.ts'

/** What of a store's day is compared: its records in order of position, events with all their fields. */
export interface DayDigest {
  day: string
  events: number
  deadLetters: number
  /** SHA-256, hex. */
  sha256: string
}

export interface Copied {
  events: number
  deadLetters: number
  alerts: number
  /** Events that the target refuses for good: the first hundred. */
  refused: { record: string; reason: string }[]
  moreRefused: number
}

/** Positions at once; at most so many events come back from one question. */
const POSITIONS = LIMIT_MAX
const RECORDS_MAX = 10_000
const REFUSED_MAX = 100

interface Span {
  day: string
  first: number
  last: number
}

/**
 * Copies all that `from` has and `to` has not, in order of position: what a store demands that knows how far it has come.
 * Doing it again changes nothing.
 * @param after continue behind this position
 * @param onProgress told of each position up to which all is copied
 */
export async function copyStore(
  from: Store,
  to: Store,
  options: { after: number; classes: readonly string[]; onProgress: (through: number, last: number) => void },
): Promise<Copied> {
  const { after, classes, onProgress } = options
  const copied: Copied = { events: 0, deadLetters: 0, alerts: 0, refused: [], moreRefused: 0 }
  const spans = await spansOf(from)
  const last = Math.max(0, ...spans.map((span) => span.last))
  for await (const { first, through, events, letters } of windows(from, spans, after)) {
    const names = [...events.map((event) => event['soc.record']), ...letters.map(({ record }) => record)]
    for (const spool of new Set(names.map(spoolOfName))) {
      const batch = {
        from: first,
        through,
        events: events.filter((event) => spoolOfName(event['soc.record']) === spool),
        deadLetters: letters.filter(({ record }) => spoolOfName(record) === spool),
        alerts: [],
        classes,
      }
      const { refused } = await to.append(batch)
      copied.events += batch.events.length - refused.length
      copied.deadLetters += batch.deadLetters.length
      for (const { seq, reason } of refused) {
        const record = batch.events.find((event) => event['soc.seq'] === seq)!['soc.record']
        if (copied.refused.length < REFUSED_MAX) copied.refused.push({ record, reason })
        else copied.moreRefused++
      }
    }
    onProgress(through, last)
  }
  copied.alerts = await copyAlerts(from, to)
  return copied
}

async function copyAlerts(from: Store, to: Store): Promise<number> {
  let copied = 0
  const query = { scope: 'all', limit: LIMIT_MAX } as const
  for (let alerts = await from.searchAlerts(query); alerts.length > 0;) {
    await to.append({ from: 0, through: 0, events: [], deadLetters: [], alerts })
    copied += alerts.length
    const { '@timestamp': timestamp, seq, id } = alerts.at(-1)!
    alerts = await from.searchAlerts({ ...query, after: { timestamp, seq, id } })
  }
  return copied
}

/** Days that differ between two stores, of those that `from` has: as it is in either. */
export async function* differingDays(
  from: Store,
  to: Store,
): AsyncGenerator<{ from: DayDigest; to: DayDigest; same: boolean }> {
  const there = new Map((await spansOf(to)).map((span) => [span.day, span]))
  for (const span of await spansOf(from)) {
    const [one, other] = [
      await digestDay(from, span),
      await digestDay(to, there.get(span.day) ?? { ...span, last: -1 }),
    ]
    yield { from: one, to: other, same: one.sha256 === other.sha256 }
  }
}

async function digestDay(store: Store, span: Span): Promise<DayDigest> {
  const hash = createHash('sha256')
  const digest = { day: span.day, events: 0, deadLetters: 0 }
  for await (const { events, letters } of windows(store, [span], -1)) {
    for (const event of events) addEvent(hash, event)
    for (const letter of letters) hash.update(leafOf(letterEvidence(letter)))
    digest.events += events.length
    digest.deadLetters += letters.length
  }
  return { ...digest, sha256: hash.digest('hex') }
}

function addEvent(hash: Hash, event: EcsEvent): void {
  hash.update(leafOf(eventEvidence(event)))
  hash.update(JSON.stringify(event, sortedKeys))
}

/** Stores give fields back in different orders. */
function sortedKeys(_key: string, value: unknown): unknown {
  if (value === null || typeof value !== 'object' || Array.isArray(value)) return value
  return Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)))
}

interface Window {
  first: number
  through: number
  events: EcsEvent[]
  letters: DeadLetter[]
}

/** Whole records of these days, some positions at a time; where nothing is, is passed over. */
async function* windows(store: Store, spans: readonly Span[], after: number): AsyncGenerator<Window> {
  for (let at = after + 1; ;) {
    const open = spans.filter(({ last }) => last >= at)
    if (open.length === 0) return
    const first = Math.max(at, Math.min(...open.map((span) => span.first)))
    let through = first + POSITIONS - 1
    const stored: StoredRecord[] = []
    for (const { day, first: begin } of open) {
      if (begin > through) continue
      const page = await store.stored({ day, from: first, through, limit: RECORDS_MAX })
      stored.push(...page)
      // Many spools have the same positions: what did not come along comes with the next ones.
      if (page.length === RECORDS_MAX) through = page.at(-1)!.seq - 1
    }
    if (through < first) throw new Error(`more than ${RECORDS_MAX} records stand at position ${first}`)
    const records = new Set(stored.flatMap(({ seq, record }) => (seq <= through ? [record] : [])))
    const events = (await eventsOf(store, [...records])).sort(byPosition)
    for (const event of events) records.delete(event['soc.record'])
    const letters = records.size === 0 ? [] : await lettersOf(store, first, through)
    yield { first, through, events, letters: letters.filter(({ record }) => records.has(record)) }
    at = through + 1
  }
}

async function eventsOf(store: Store, records: readonly string[]): Promise<EcsEvent[]> {
  const events: EcsEvent[] = []
  for (let at = 0; at < records.length; at += LIMIT_MAX) {
    events.push(...(await store.getEvents(records.slice(at, at + LIMIT_MAX), 'all')))
  }
  return events
}

async function lettersOf(store: Store, first: number, through: number): Promise<DeadLetter[]> {
  const letters: DeadLetter[] = []
  for (let beforeSeq = through + 1; beforeSeq > first;) {
    const page = await store.searchDeadLetters({ scope: 'all', limit: LIMIT_MAX, beforeSeq })
    letters.push(...page.filter(({ seq }) => seq >= first))
    if (page.length === 0) break
    beforeSeq = page.at(-1)!.seq
  }
  return letters.sort((a, b) => a.seq - b.seq || (a.record < b.record ? -1 : 1))
}

function byPosition(a: EcsEvent, b: EcsEvent): number {
  return a['soc.seq'] - b['soc.seq'] || (a['soc.record'] < b['soc.record'] ? -1 : 1)
}

function spoolOfName(record: string): string {
  return record.slice(0, record.lastIndexOf('-'))
}

/** Between which positions the records of each day are, found by halving: a store tells only whether there are any. */
async function spansOf(store: Store): Promise<Span[]> {
  const days = [...new Set((await store.partitions()).map(({ day }) => day))].sort()
  const spans: Span[] = []
  for (const day of days) {
    const isAny = async (from: number, through: number): Promise<boolean> =>
      (await store.stored({ day, from, through, limit: 1 })).length > 0
    if (!(await isAny(0, Number.MAX_SAFE_INTEGER))) continue
    let end = 1
    while (await isAny(end, Number.MAX_SAFE_INTEGER)) end *= 2
    const first = await least(0, end, (position) => isAny(0, position))
    const last = await least(0, end, async (position) => !(await isAny(position + 1, Number.MAX_SAFE_INTEGER)))
    spans.push({ day, first, last })
  }
  return spans
}

/** The least whole number from `low` to `high` for which it holds, where it holds for all above. */
async function least(low: number, high: number, holds: (value: number) => Promise<boolean>): Promise<number> {
  let [from, to] = [low, high]
  while (from < to) {
    const middle = Math.floor((from + to) / 2)
    if (await holds(middle)) to = middle
    else from = middle + 1
  }
  return from
}
