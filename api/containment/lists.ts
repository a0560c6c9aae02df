import type { Never } from '../../detection/indicators/never.ts'
import { type BlockKind, blockedValues, overdueBlocks, setBlockState } from '../../store/local/blocks.ts'
import type { LocalDatabase } from '../../store/local/database.ts'
import { addHistory } from '../../store/local/history.ts'
import { inTransaction } from '../../store/local/transaction.ts'
import type { Scope } from '../../store/store.ts'

/** The lists that firewalls pull, and how a value is written there. */
export const LISTS = {
  ip: { kind: 'ip', written: (value: string) => [value] },
  domain: { kind: 'domain', written: (value: string) => [value] },
  url: { kind: 'url', written: (value: string) => [value] },
  'url-with-scheme': { kind: 'url', written: (value: string) => [`http://${value}`, `https://${value}`] },
  hash: { kind: 'hash', written: (value: string) => [value] },
} as const satisfies Record<string, { kind: BlockKind; written: (value: string) => string[] }>
export type ListName = keyof typeof LISTS
export const LIST_NAMES = Object.keys(LISTS) as ListName[]

/**
 * One line each, sorted, the same for the same blocks. The never-list is asked once more: what it has since an approval must not
 * stay blocked for it.
 */
export function blockList(
  local: LocalDatabase,
  name: ListName,
  asked: { scope: Scope; at: string; never: Never; entriesMax: number },
): string {
  const { kind, written } = LISTS[name]
  const values = blockedValues(local, { kind, scope: asked.scope, at: asked.at })
  const kept = values.filter((value) => !asked.never.has(kind, value)).slice(0, asked.entriesMax)
  return kept
    .flatMap(written)
    .sort()
    .map((line) => `${line}\n`)
    .join('')
}

/** Ends what is past its end, and says so in the history; gives how many. */
export function expireBlocks(local: LocalDatabase, nowMs: number): number {
  const at = new Date(nowMs).toISOString()
  return inTransaction(local, () => {
    const over = overdueBlocks(local, at)
    for (const { id, incidentId, kind, value, state } of over) {
      setBlockState(local, id, { state: 'expired', by: 'system', at })
      const subject = { kind: 'incident' as const, id: incidentId }
      const [before, after] = [{ state }, { state: 'expired' }]
      addHistory(local, [
        { at, actor: 'system', subject, code: 'block_expired', params: { block: id, kind, value }, before, after },
      ])
    }
    return over.length
  })
}
