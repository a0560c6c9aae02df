import type { EcsValue } from '../../model/event.ts'
import type { HealthSettings, Trouble } from '../../model/health.ts'
import { isoTime } from '../time.ts'
import type { Row } from './row.ts'

/** What is told of a source, for people in both languages, and as figures. */
export interface Told {
  vi: string
  en: string
  facts: Record<string, EcsValue>
}

export const MANY = {
  silent: { vi: 'nguồn im lặng', en: 'sources silent' },
  fallen: { vi: 'nguồn sụt lượng bản ghi', en: 'sources with a fallen volume' },
  drifting: { vi: 'nguồn lệch đồng hồ', en: 'sources with a wrong clock' },
}

/** A difference this near to whole half-hours looks like a time zone. */
const ZONE_SLACK_MS = 2 * 60_000
const HALF_HOUR_MS = 30 * 60_000

export function silent(row: Row, silenceMs: number, limit: { afterMs: number; own: boolean }): Told {
  const [silence, after] = [spoken(silenceMs), spoken(limit.afterMs)]
  return {
    vi: `im lặng đã ${silence.vi}; ${limit.own ? 'mức đặt cho nguồn này' : 'vào giờ này trong tuần, mức báo theo thói quen của nguồn'} là ${after.vi}`,
    en: `silent for ${silence.en}; ${limit.own ? 'the limit set for it is' : 'at this hour of the week its habit makes the limit'} ${after.en}`,
    facts: {
      silent_seconds: Math.round(silenceMs / 1_000),
      limit_seconds: Math.round(limit.afterMs / 1_000),
      last_seen: isoTime(row.lastSeenMs),
    },
  }
}

export function fallen({ lastHour, hourBefore }: Row): Told {
  const came = (lastHour?.records ?? 0) + (hourBefore?.records ?? 0)
  const usual = (lastHour?.usual ?? 0) + (hourBefore?.usual ?? 0)
  const percent = Math.floor(100 * (1 - came / usual))
  return {
    vi: `chỉ còn ${came} bản ghi trong hai giờ qua, thường là ${usual}: giảm ${percent} %`,
    en: `${came} records in the last two hours instead of the usual ${usual}: ${percent} % less`,
    facts: { records: came, records_usual: usual, percent },
  }
}

export function drifting({ drift: offMs = 0 }: Row, { driftSeconds }: HealthSettings): Told {
  const off = spoken(Math.abs(offMs))
  const halfHours = Math.round(offMs / HALF_HOUR_MS)
  const zone = halfHours !== 0 && Math.abs(offMs - halfHours * HALF_HOUR_MS) <= ZONE_SLACK_MS
  return {
    vi: `đồng hồ ${offMs > 0 ? 'nhanh' : 'chậm'} ${off.vi}${zone ? '; tròn nửa giờ, nên có thể là sai múi giờ' : ''}`,
    en: `its clock is ${off.en} ${offMs > 0 ? 'ahead' : 'behind'}${zone ? '; whole half-hours, so it may be a wrong time zone' : ''}`,
    facts: { drift_seconds: Math.round(offMs / 1_000), limit_seconds: driftSeconds },
  }
}

export function over(kind: Trouble, how: 'ended' | 'muted', tookMs: number): Told {
  const took = spoken(tookMs)
  if (how === 'muted') return { vi: 'không còn được theo dõi', en: 'not watched any more', facts: {} }
  const { vi, en } = {
    silent: { vi: 'đã gửi lại', en: 'sends again' },
    fallen: { vi: 'lượng bản ghi đã trở lại', en: 'its volume is back' },
    drifting: { vi: 'đồng hồ đã đúng', en: 'its clock is right again' },
  }[kind]
  return {
    vi: `${vi}, ${took.vi} sau cảnh báo`,
    en: `${en}, ${took.en} after the alert`,
    facts: { after_seconds: Math.round(tookMs / 1_000) },
  }
}

/** A stretch of time as people say it. */
function spoken(ms: number): { vi: string; en: string } {
  const minutes = Math.round(ms / 60_000)
  if (minutes < 120) return { vi: `${minutes} phút`, en: `${minutes} min` }
  const hours = Math.round(minutes / 60)
  if (hours < 72) return { vi: `${hours} giờ`, en: `${hours} h` }
  const days = Math.round(hours / 24)
  return { vi: `${days} ngày`, en: `${days} days` }
}
