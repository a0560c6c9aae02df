import type { ReactNode } from 'react'
import { useNow } from '../../lib/clock.ts'
import { named, number } from '../../lib/language.ts'
import { vietnamTime } from '../../lib/time.ts'
import { t as w } from '../../ui/words.ts'
import { GRAVEST_FIRST, type WallFigures, byDay, openByLevel, sumOf } from './figures.ts'
import { t } from './messages.ts'
import classes from './overview.module.css'
import { Trend } from './trend.tsx'

/** Everything moves by a few pixels now and then, so that no picture burns itself into the screen. */
const SHIFT_MS = 60_000

interface WallProps {
  figures: WallFigures | undefined
  /** Beside the clock. */
  beside?: ReactNode
  /** Where there are no figures, or what is to be said of them. */
  children?: ReactNode
}

/** For the wall of the room: numbers by agency, read from afar, and nothing that is anybody's. */
export function Wall({ figures, beside, children }: WallProps) {
  const nowMs = useNow()
  const shift = Math.floor(nowMs / SHIFT_MS) % 4
  return (
    // On a small screen it scrolls, and there may be nothing else in it to go to.
    <div role="region" aria-label={t('wall')} tabIndex={0} className={`${classes.wall} ${classes[`shift-${shift}`]}`}>
      <header className={classes.wallHead}>
        <h1>{t('wall.title')}</h1>
        {figures !== undefined && <span>{named(figures.names)}</span>}
        <time dateTime={new Date(nowMs).toISOString()}>{vietnamTime(nowMs)}</time>
        {beside}
      </header>
      {children}
      {figures !== undefined && <Figures figures={figures} />}
    </div>
  )
}

function Figures({ figures }: { figures: WallFigures }) {
  const { overdue, agencies } = figures
  const open = openByLevel(figures)
  return (
    <>
      <h2 className={classes.wallOpen}>{t('wall.open', { n: sumOf(open) })}</h2>
      <ul className={classes.wallLevels}>
        {GRAVEST_FIRST.map((level) => (
          <li key={level} className={classes[`ground-${level}`]} data-none={open[level] === 0}>
            <strong>{number(open[level])}</strong>
            <span>{w(`level.${level}`)}</span>
          </li>
        ))}
      </ul>
      {overdue > 0 && <p className={classes.wallAlarm}>{t('wall.overdue', { n: overdue })}</p>}
      <ul className={classes.wallAgencies}>
        {agencies.map(({ key, names }) => {
          const levels = openByLevel(figures, key)
          const gravest = GRAVEST_FIRST.find((level) => levels[level] > 0)
          return (
            <li key={key} data-level={gravest ?? 'none'}>
              <span>{named(names)}</span>
              <strong>{number(sumOf(levels))}</strong>
              {gravest !== undefined && <span className={classes.note}>{w(`level.${gravest}`)}</span>}
            </li>
          )
        })}
      </ul>
      <div className={classes.wallTrend}>
        <h2>{t('trend.title')}</h2>
        <Trend days={byDay(figures)} />
      </div>
    </>
  )
}
