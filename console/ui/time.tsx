import { useNow } from '../lib/clock.ts'
import { ago, vietnamTime } from '../lib/time.ts'
import { t } from './words.ts'

interface TimeProps {
  /** ISO UTC. */
  at: string
  seconds?: boolean
}

/** Vietnam time, and UTC on hover. */
export function Time({ at, seconds = false }: TimeProps) {
  return (
    <time dateTime={at} title={t('utc', { utc: at })}>
      {vietnamTime(at, seconds)}
    </time>
  )
}

/** How long ago, and the time itself on hover. */
export function Ago({ at }: { at: string }) {
  const nowMs = useNow()
  return (
    <time dateTime={at} title={`${vietnamTime(at, true)} · ${t('utc', { utc: at })}`}>
      {ago(at, nowMs)}
    </time>
  )
}
