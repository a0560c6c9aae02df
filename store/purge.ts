import type { LocalDatabase } from './local/database.ts'
import { addHistory } from './local/history.ts'
import { type Hold, holdsInForce } from './local/holds.ts'
import { addToChain, entriesOf, type MarksFolder } from './local/integrity.ts'
import { inTransaction } from './local/transaction.ts'
import { COUNT_SORT, type Condition, rangeOf } from './query/query.ts'
import { expired, type RetentionPolicy, whole } from './retention.ts'
import { LIMIT_MAX, type Partition, type Store, type TimeRange } from './store.ts'

export interface Purged {
  dropped: Partition[]
  /** Whose time is over, and that a legal hold keeps. */
  held: Partition[]
}

/**
 * Deletes what the policy lets go and no legal hold keeps. History and chain say so before anything is deleted: what a crash leaves in
 * between is deleted by the next purge, and never is something gone that nothing speaks of.
 */
export async function purge(
  store: Store,
  local: LocalDatabase,
  policy: RetentionPolicy,
  { today, at, marks }: { today: string; at: string; marks: MarksFolder },
): Promise<Purged> {
  const partitions = await store.partitions()
  const over = expired(partitions, policy, today)
  if (over.length === 0) return { dropped: [], held: [] }
  const holds = holdsInForce(local)
  const pinned = new Set<Partition>()
  for (const partition of over) if ((await holdsOn(partition, holds, store)).length > 0) pinned.add(partition)
  // What shares a day and a level with what is held stays with it.
  const going = new Set(over)
  const dropped = whole(partitions, (partition) => going.has(partition) && !pinned.has(partition))
  const held = over.filter((partition) => !dropped.includes(partition))
  if (dropped.length > 0) {
    note(local, dropped, policy, at)
    await store.drop(dropped)
    const left = new Set((await store.partitions()).map(({ day }) => day))
    for (const { day } of dropped) if (!left.has(day)) marks.forget(day)
  }
  return { dropped, held }
}

function note(local: LocalDatabase, dropped: readonly Partition[], { days }: RetentionPolicy, at: string): void {
  const keptDays = ({ levels }: Partition): number =>
    Math.max(...(levels === '0' ? [1, 2, 3, 4, 5] : Array.from(levels, Number)).map((level) => days[level] ?? 0))
  inTransaction(local, () => {
    const known = new Set(entriesOf(local, 'purge').map(({ day, levels }) => `${day} ${levels}`))
    const fresh = dropped.filter(({ day, levels }) => !known.has(`${day} ${levels}`))
    addToChain(
      local,
      fresh.map((partition) => ({ kind: 'purge', ...partition, at, keptDays: keptDays(partition) })),
    )
    addHistory(
      local,
      fresh.map((partition) => ({
        at,
        actor: 'system',
        subject: { kind: 'partition', id: `${partition.day}/${partition.levels}` },
        code: 'partition_purged',
        params: { ...partition, keptDays: keptDays(partition) },
      })),
    )
  })
}

/** Any time a device may have claimed. */
const EVER: TimeRange = { from: '0000-01-01T00:00:00.000Z', to: '9999-12-31T23:59:59.999Z' }

/** Those of the holds that keep a partition. */
export async function holdsOn(partition: Partition, holds: readonly Hold[], store: Store): Promise<Hold[]> {
  const found: Hold[] = []
  for (const hold of holds) if (await keeps(hold, partition, store)) found.push(hold)
  return found
}

async function keeps(hold: Hold, { day, levels }: Partition, store: Store): Promise<boolean> {
  const { agency, system, fromDay, toDay } = hold
  if (day < fromDay || (toDay !== undefined && day > toDay)) return false
  if (agency === undefined) return true
  const next = new Date(Date.parse(day) + 86_400_000).toISOString()
  const where: Condition[] = [rangeOf('event.ingested', { gte: `${day}T00:00:00.000Z`, lt: next })!]
  if (system !== undefined)
    where.push({ kind: 'match', field: 'soc.system', pattern: { kind: 'equals', text: system } })
  const counted = await store.aggregate({
    scope: [agency],
    range: EVER,
    where: { kind: 'and', of: where },
    aggregation: { kind: 'count', by: [], top: 1, sort: COUNT_SORT },
  })
  if (counted.kind === 'count' && counted.groups.some(({ count }) => count > 0)) return true
  // Dead letters of an agency may be of any of its systems.
  return levels.includes('0') && hasLetters(agency, day, next, store)
}

async function hasLetters(agency: string, day: string, next: string, store: Store): Promise<boolean> {
  for (let beforeSeq: number | undefined; ;) {
    const query = { scope: [agency], limit: LIMIT_MAX, ...(beforeSeq !== undefined && { beforeSeq }) }
    const letters = await store.searchDeadLetters(query)
    if (letters.some(({ receivedAt }) => receivedAt >= day && receivedAt < next)) return true
    if (letters.length < LIMIT_MAX) return false
    beforeSeq = letters.at(-1)!.seq
  }
}
