import { ActionIcon } from '@mantine/core'
import { useEffect, useEffectEvent, useRef, useState } from 'react'
import { number, shortNumber } from '../../lib/language.ts'
import { useTheme } from '../../lib/theme.ts'
import { duration, vietnamTime } from '../../lib/time.ts'
import { Icon } from '../../ui/icon.tsx'

import { t } from './messages.ts'
import type { Counted } from './search-api.ts'
import classes from './histogram.module.css'

const HEIGHT = 108
const DAY_SECONDS = 86_400

interface HistogramProps {
  counted: Counted
  /** A stretch of time was chosen, epoch milliseconds. */
  choose: (fromMs: number, toMs: number) => void
}

/** Events over time: a chart to draw over, and the same figures as a table. */
export function Histogram({ counted, choose }: HistogramProps) {
  const host = useRef<HTMLDivElement>(null)
  const theme = useTheme()
  const [table, setTable] = useState(false)
  const [at, setAt] = useState<number | null>(null)
  const { buckets = [], intervalMs = 60_000, from, to } = counted
  const bars = filled(counted)
  const total = buckets.reduce((sum, { count }) => sum + count, 0)
  const brushed = useEffectEvent((fromSeconds: number, toSeconds: number) => {
    choose(Math.round(fromSeconds * 1_000), Math.round(toSeconds * 1_000))
  })

  useEffect(() => {
    const element = host.current
    if (element === null || bars.times.length === 0) return undefined
    let remove = (): void => undefined
    let gone = false
    const draw = async (): Promise<void> => {
      const { drawChart } = await import('./chart.ts')
      if (gone) return
      remove = drawChart(element, {
        ...bars,
        intervalSeconds: intervalMs / 1_000,
        height: HEIGHT,
        timeText: axisText,
        countText: shortNumber,
        brushed: (begin, end) => brushed(begin, end),
        pointed: setAt,
      })
    }
    void draw()
    return () => {
      gone = true
      remove()
    }
    // oxlint-disable-next-line react-hooks/exhaustive-deps -- the bars are of what was counted
  }, [counted, theme])

  const interval = duration(intervalMs)
  const pointed = at === null ? undefined : bars.times[at]
  return (
    <section className={classes.histogram} aria-label={t('chart.interval', { interval })}>
      <div
        ref={host}
        role="img"
        className={classes.chart}
        aria-label={t('chart.label', {
          n: number(total),
          from: vietnamTime(from),
          to: vietnamTime(to),
          interval,
        })}
      />
      <div className={classes.foot}>
        <span className={classes.readout}>
          {pointed === undefined
            ? t('chart.hint')
            : `${vietnamTime(pointed * 1_000, intervalMs < 60_000)} · ${t('events.count', { n: bars.counts[at!] ?? 0 })}`}
        </span>
        <span>{t('chart.interval', { interval })}</span>
        <ActionIcon
          variant="subtle"
          size="sm"
          aria-label={t('chart.table')}
          title={t('chart.table')}
          aria-expanded={table}
          onClick={() => setTable(!table)}
        >
          <Icon name="tasks" size={15} />
        </ActionIcon>
      </div>
      {table && (
        <div className={classes.tableBox} tabIndex={0} role="region" aria-label={t('chart.table')}>
          <table className={classes.table}>
            <thead>
              <tr>
                <th scope="col">{t('chart.from')}</th>
                <th scope="col">{t('group.count')}</th>
              </tr>
            </thead>
            <tbody>
              {buckets.map(({ from, count }) => (
                <tr key={from}>
                  <th scope="row">
                    <button
                      type="button"
                      className={classes.narrow}
                      aria-label={t('chart.narrow', { from: vietnamTime(from, intervalMs < 60_000) })}
                      onClick={() => choose(Date.parse(from), Date.parse(from) + intervalMs)}
                    >
                      {vietnamTime(from, intervalMs < 60_000)}
                    </button>
                  </th>
                  <td>{number(count)}</td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
    </section>
  )
}

/** One bar for every interval of the range, also for those without events. */
function filled({ buckets = [], intervalMs = 60_000, from, to }: Counted): { times: number[]; counts: number[] } {
  const counts = new Map(buckets.map(({ from, count }) => [Date.parse(from), count]))
  const [anyMs = 0] = counts.keys()
  const [fromMs, toMs] = [Date.parse(from), Date.parse(to)]
  const firstMs = anyMs - Math.ceil((anyMs - fromMs) / intervalMs) * intervalMs
  const times = Array.from({ length: Math.ceil((toMs - firstMs) / intervalMs) }, (_, i) => firstMs + i * intervalMs)
  return { times: times.map((ms) => ms / 1_000), counts: times.map((ms) => counts.get(ms) ?? 0) }
}

/** Marks of the axis in Vietnam's time: days as days, hours as hours. */
function axisText(seconds: number, stepSeconds: number): string {
  const text = vietnamTime(seconds * 1_000, stepSeconds < 60)
  const [day = '', clock = ''] = text.split(' ')
  const short = day.slice(0, 5)
  if (stepSeconds >= DAY_SECONDS) return short
  return clock.startsWith('00:00') ? `${short} ${clock}` : clock
}
