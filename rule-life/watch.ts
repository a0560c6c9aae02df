import { readdirSync, watch, type FSWatcher } from 'node:fs'
import { join } from 'node:path'

/** An editor writes a file in several steps, an import thousands: what follows within this time belongs together. */
const SETTLE_MS = 700

/**
 * Calls `onChange` when something below the folder changed and has come to rest; folders that appear are watched as well.
 * Every folder is watched by itself: Node's recursive watch takes one watch for each file.
 * @param onTrouble the system gives no more watches, or the folder is gone: nothing is watched any longer
 * @returns ends the watch
 */
export function watchRules(folder: string, onChange: () => void, onTrouble: (error: unknown) => void): () => void {
  let watchers: FSWatcher[] = []
  let rest: NodeJS.Timeout | undefined
  let ended = false

  const end = (): void => {
    ended = true
    clearTimeout(rest)
    for (const watcher of watchers) watcher.close()
    watchers = []
  }
  const fail = (error: unknown): void => {
    if (ended) return
    end()
    onTrouble(error)
  }
  const changed = (_event: string, name: string | null): void => {
    if (ended || name?.startsWith('.')) return // what an editor or an import has in hand
    clearTimeout(rest)
    rest = setTimeout(settled, SETTLE_MS)
  }
  const settled = (): void => {
    begin() // first: what changes from here on is noticed
    if (!ended) onChange()
  }
  const begin = (): void => {
    const former = watchers
    watchers = []
    try {
      for (const path of foldersBelow(folder)) {
        const watcher = watch(path, { persistent: false }, changed)
        watcher.on('error', fail)
        watchers.push(watcher)
      }
    } catch (error) {
      fail(error)
    }
    for (const watcher of former) watcher.close()
  }
  begin()
  return end
}

function foldersBelow(folder: string): string[] {
  const inner = readdirSync(folder, { withFileTypes: true }).filter(
    (entry) => entry.isDirectory() && !entry.name.startsWith('.'),
  )
  return [folder, ...inner.flatMap(({ name }) => foldersBelow(join(folder, name)))]
}
