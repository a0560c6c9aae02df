import { readFileSync } from 'node:fs'
import { huntedIn } from '../../api/indicators/hunted.ts'
import { FaultyFeed, type IndicatorFeed, type IndicatorService } from '../../api/services.ts'
import { FormatError } from '../../detection/indicators/format.ts'
import { readImport } from '../../detection/indicators/import.ts'
import { NO_NEVER } from '../../detection/indicators/never.ts'
import { findInFeed, keepFeed, loadLines } from '../../indicators/files.ts'

/** Feeds without a log and without threads: what the routes stand on. */
export function feedsIn(folder: string): IndicatorService {
  const feeds = new Map<string, IndicatorFeed>()
  return {
    feeds: () => [...feeds.values()],
    import: async ({ name, path, by, add: _add, ...options }) => {
      const { lines, format, refused } = await readImport(readFileSync(path, 'utf8'), { ...options, nowMs: 0 }).catch(
        (error: unknown) => {
          throw error instanceof FormatError ? new FaultyFeed(error.message) : error
        },
      )
      const kept = { ...keepFeed(folder, Buffer.from(lines.join(''))), indicators: lines.length }
      const feed = { name, ...kept, fresh: kept, importedAt: '2026-11-22T08:00:00.000Z', importedBy: by }
      feeds.set(name, feed)
      return { feed, format, refused }
    },
    remove: (name) => {
      const feed = feeds.get(name) ?? null
      feeds.delete(name)
      return Promise.resolve(feed)
    },
    find: (kind, value) =>
      [...feeds.values()].flatMap((feed) =>
        findInFeed(folder, feed, kind, [value]).map((found) => ({ feed: feed.name, ...found })),
      ),
    hunter: (name) => {
      const set = loadLines(folder, name, feeds.get(name)!, NO_NEVER)
      return {
        match: (events) => Promise.resolve(huntedIn(set, events)),
        close: () => Promise.resolve(),
      }
    },
    incoming: folder,
  }
}
