import { once } from 'node:events'
import { isDeepStrictEqual } from 'node:util'
import { Worker } from 'node:worker_threads'
import ipaddr from 'ipaddr.js'
import { FaultyFeed, type HuntedPage, type Hunter, type IndicatorService } from '../api/services.ts'
import type { NeverList } from '../detection/indicators/never.ts'
import { valuesAround } from '../detection/indicators/normal.ts'
import {
  findInFeed,
  keepManifest,
  loadManifest,
  noteManifest,
  notedManifest,
  pruneIndicators,
  type IndicatorManifest,
  type KeptFeed,
} from './files.ts'
import type { HuntTask } from './hunt-thread.ts'
import type { ImportResult, ImportTask } from './import-thread.ts'
import type { EcsEvent } from '../model/event.ts'
import type { Registry } from '../model/registry.ts'

/** What the wiring needs of it besides. */
interface Wired {
  /** Finishes a change that a crash interrupted, and takes in what is on the never-list now. */
  refresh: () => Promise<void>
  /** Deletes what nothing can ask for any more, once the pipeline has worked off everything up to `seq` with `manifest` in force. */
  prune: (manifest: string, seq: number) => Promise<void>
}

/**
 * The feeds of indicators: imports, removals and what is on the never-list take effect from a position of the log on, one change
 * after another.
 * @param announce writes into the log that the manifest is in force from here on; resolves with the position when it is durable
 * @param never as it stands now, own networks among it
 * @param durableSeq of the log; no other manifest than the announced one comes after it
 */
export function indicatorService(options: {
  folder: string
  announce: (manifest: string) => Promise<number>
  never: () => NeverList
  now: () => number
  durableSeq: number
}): IndicatorService & Wired {
  const { folder, announce, never, now } = options
  let name = notedManifest(folder, 'announced')
  let current: IndicatorManifest = name === '' ? { feeds: [], never: never() } : loadManifest(folder, name)
  let announcedSeq = options.durableSeq
  let changing: Promise<unknown> = Promise.resolve()

  const inTurn = <T>(change: () => T | Promise<T>): Promise<T> => {
    const turn = changing.then(change)
    changing = turn.catch(() => undefined)
    return turn
  }
  const put = async (manifest: IndicatorManifest): Promise<void> => {
    const next = keepManifest(folder, manifest)
    noteManifest(folder, 'announcing', next)
    try {
      announcedSeq = await announce(next)
    } catch (error) {
      noteManifest(folder, 'announcing', name)
      throw error
    }
    noteManifest(folder, 'announced', next)
    name = next
    current = manifest
  }
  const feedOf = (feedName: string): KeptFeed | undefined => current.feeds.find((feed) => feed.name === feedName)
  const without = (feedName: string): KeptFeed[] => current.feeds.filter((feed) => feed.name !== feedName)

  return {
    feeds: () => current.feeds,
    import: ({ name: feedName, path, by, add, ...given }) =>
      inTurn(async () => {
        const former = feedOf(feedName)
        const task: ImportTask = { folder, path, add, options: { ...given, nowMs: now() }, ...(former && { former }) }
        const result = (await answerOf(new URL('import-thread.js', import.meta.url), task)) as ImportResult
        if ('fault' in result) throw new FaultyFeed(result.fault)
        const { format, lines, fresh, refused } = result
        const feed = { name: feedName, ...lines, fresh, importedAt: new Date(now()).toISOString(), importedBy: by }
        await put({ feeds: [...without(feedName), feed].sort((a, b) => (a.name < b.name ? -1 : 1)), never: never() })
        return { feed, format, refused }
      }),
    remove: (feedName) =>
      inTurn(async () => {
        const former = feedOf(feedName)
        if (former === undefined) return null
        await put({ feeds: without(feedName), never: never() })
        return former
      }),
    find: (kind, value) => {
      const values = valuesAround({ kind, value })
      return current.feeds.flatMap((feed) =>
        findInFeed(folder, feed, kind, values).map((found) => ({ feed: feed.name, ...found })),
      )
    },
    hunter: (feedName, part) => {
      const { fresh, ...feed } = feedOf(feedName)!
      return startHunter({ folder, name: feedName, lines: part === 'fresh' ? fresh : feed, never: current.never })
    },
    incoming: folder,
    refresh: () =>
      inTurn(async () => {
        const begun = notedManifest(folder, 'announcing')
        if (begun !== name) await put(loadManifest(folder, begun))
        const list = never()
        if (current.feeds.length > 0 && !isDeepStrictEqual(list, current.never)) await put({ ...current, never: list })
      }),
    prune: (manifest, seq) =>
      inTurn(() => {
        if (manifest !== '' && manifest === name && seq >= announcedSeq) pruneIndicators(folder, name)
      }),
  }
}

/** What a thread answers with. @throws what ended it */
async function answerOf(script: URL, workerData: unknown): Promise<unknown> {
  const worker = new Worker(script, { workerData })
  const [answer] = (await Promise.race([once(worker, 'message'), endOf(worker)])) as [unknown]
  return answer
}

function endOf(worker: Worker): Promise<never> {
  const ended = once(worker, 'exit').then((): never => {
    throw new Error('the thread ended without an answer')
  })
  ended.catch(() => undefined) // it may also end when nobody waits any more
  return ended
}

function startHunter(task: HuntTask): Hunter {
  const worker = new Worker(new URL('hunt-thread.js', import.meta.url), { workerData: task })
  const ended = endOf(worker)
  return {
    match: async (events: readonly EcsEvent[]) => {
      worker.postMessage(events)
      const [page] = (await Promise.race([once(worker, 'message'), ended])) as [HuntedPage]
      return page
    },
    close: async () => void (await worker.terminate()),
  }
}

/** Networks of the sources that the registry knows, in CIDR notation: ours. */
export function ownNetworks({ sources }: Registry): string[] {
  const networks = sources.flatMap(({ match }) => match.networks)
  return [
    ...new Set(
      networks.map(({ bits, prefix }) => `${ipaddr.fromByteArray([...Buffer.from(bits, 'hex')]).toString()}/${prefix}`),
    ),
  ].sort()
}
