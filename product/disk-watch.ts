import type { Logger } from 'pino'
import { frameOf } from '../collector/health/statement.ts'
import type { Spool } from '../collector/spool/spool.ts'
import type { Frame } from '../model/record.ts'
import type { Store } from '../store/store.ts'
import { diskSpace, forecast, toldAt, type DiskForecast } from './disk-forecast.ts'

export interface DiskWatchOptions {
  folder: string
  /** Below this the spool accepts nothing. */
  reserveBytes: number
  retentionDays: number
  counts(): ReturnType<Store['counts']>
  spool: Pick<Spool, 'id' | 'state' | 'append'>
  log: Logger
}

/** How full the disk is and will be; says in the log when the day comes near (law 2: no drop by surprise). */
export function diskWatch(options: DiskWatchOptions): { readonly now: DiskForecast; look(): Promise<void> } {
  const { folder, reserveBytes, retentionDays, counts, spool, log } = options
  let now: DiskForecast = { ...diskSpace(folder), bytesPerDay: null, fullInDays: null }
  let told = ''
  return {
    get now() {
      return now
    },
    look: async () => {
      const space = diskSpace(folder)
      now = { ...now, ...space }
      const { bytesByDay } = await counts()
      if (bytesByDay === undefined) return
      const nowMs = Date.now()
      const byDay = new Map(Object.entries(bytesByDay))
      now = { ...space, ...forecast({ freeBytes: space.freeBytes, reserveBytes, byDay, retentionDays, nowMs }) }
      const days = toldAt(now.fullInDays)
      if (days === null || !spool.state().accepting) return
      const episode = `disk-${spool.id}-${new Date(nowMs).toISOString().slice(0, 7)}-${days}`
      if (episode === told) return
      await spool.append([diskStatement(now, episode, nowMs)])
      told = episode
      const { freeBytes, bytesPerDay, fullInDays } = now
      log.warn({ freeBytes, bytesPerDay, fullInDays }, 'the disk will be full')
    },
  }
}

/** What the log itself says of a disk that will be full; told once for each month and number of days. */
function diskStatement({ freeBytes, bytesPerDay, fullInDays }: DiskForecast, episode: string, atMs: number): Frame {
  const [free, daily] = [freeBytes, bytesPerDay ?? 0].map((bytes) => (bytes / 1024 ** 3).toFixed(1))
  return frameOf({
    atMs,
    kind: 'disk',
    state: 'raised',
    address: '',
    episode,
    key: episode,
    words: {
      vi: `Đĩa dữ liệu sẽ đầy sau ${fullInDays} ngày: trống ${free} GiB, mỗi ngày ${daily} GiB`,
      en: `The data disk will be full in ${fullInDays} days: ${free} GiB are free, a day takes ${daily} GiB`,
    },
    facts: { open: 1, count: fullInDays ?? 0, source: 'disk' },
  })
}
