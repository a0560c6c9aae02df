import type { LocalDatabase } from '../../store/local/database.ts'
import { addHistory } from '../../store/local/history.ts'
import { type Hunt, addHits, endHunt, getHunt } from '../../store/local/hunts.ts'
import { inTransaction } from '../../store/local/transaction.ts'
import { LIMIT_MAX, type Store } from '../../store/store.ts'
import type { Hunter, Services } from '../services.ts'

/** In one record of the log. */
const ALERTS_AT_ONCE = 100

/**
 * Goes through the stored events of a hunt, newest first, a page at a time, notes what shows its indicators, and has the log say
 * the alerts of it, unless it only looks. Each end is written into the history. Never rejects.
 */
export async function runHunt(
  { id, scope, from, to, actor, feed, raises }: Hunt,
  parts: {
    store: Store
    local: LocalDatabase
    hunter: Hunter
    sayHunted: Services['sayHunted']
    now: () => string
    signal: AbortSignal
  },
): Promise<void> {
  const { store, local, hunter, sayHunted, now, signal } = parts
  const end = (state: 'done' | 'failed' | 'stopped'): void => {
    inTransaction(local, () => {
      endHunt(local, id, state, now())
      const { events, hits } = getHunt(local, id)!
      const params = { hunt: id, feed, events, hits }
      addHistory(local, [
        { at: now(), actor, subject: { kind: 'indicators', id: feed }, code: `hunt_${state}`, params },
      ])
    })
  }
  try {
    for (let after: { timestamp: string; seq: number } | undefined; ;) {
      const page = await store.searchEvents({
        scope,
        range: { from, to },
        limit: LIMIT_MAX,
        ...(after !== undefined && { after }),
        signal,
      })
      const last = page.at(-1)
      if (last !== undefined) {
        const { hits, alerts } = await hunter.match(page)
        const said = raises ? alerts : []
        for (let at = 0; at < said.length; at += ALERTS_AT_ONCE) await sayHunted(said.slice(at, at + ALERTS_AT_ONCE))
        const reached = last['@timestamp']
        inTransaction(local, () => addHits(local, id, { events: page.length, reached, hits }))
        after = { timestamp: reached, seq: last['soc.seq'] }
      }
      signal.throwIfAborted()
      if (page.length < LIMIT_MAX) break
    }
    end('done')
  } catch {
    try {
      end(signal.aborted ? 'stopped' : 'failed')
    } catch {
      // A database that is full or closed must not end the program; the next start notes that it was stopped.
    }
  } finally {
    await hunter.close()
  }
}
