import type { Level } from '../../model/alert.ts'
import type { State, Verdict } from '../../model/incident.ts'
import classes from './badges.module.css'
import { t } from './words.ts'

/** One shape for each level, so that colour is never alone. */
const LEVEL_SHAPES: Readonly<Record<Level, string>> = {
  critical: 'M5.2 1h5.6L15 5.2v5.6L10.8 15H5.2L1 10.8V5.2zM7 4v5h2V4zm0 6v2h2v-2z',
  high: 'M8 1 15.5 14.5H.5zM7 5.5V10h2V5.5zM7 11v2h2v-2z',
  medium: 'M8 .5 15.5 8 8 15.5.5 8zM7 4.5v4h2v-4zm0 5v2h2v-2z',
  low: 'M8 1a7 7 0 1 1 0 14A7 7 0 0 1 8 1zm0 2a5 5 0 1 0 0 10A5 5 0 0 0 8 3zM7 5v4h2V5zm0 5v1.5h2V10z',
  informational: 'M8 1a7 7 0 1 1 0 14A7 7 0 0 1 8 1zm0 2a5 5 0 1 0 0 10A5 5 0 0 0 8 3zM7 7v5h2V7zm0-2.5V6h2V4.5z',
}

/** How far the circle of each state is filled. */
const STATE_SHAPES: Readonly<Record<State, string>> = {
  new: 'M8 1a7 7 0 1 1 0 14A7 7 0 0 1 8 1zm0 2a5 5 0 1 0 0 10A5 5 0 0 0 8 3z',
  in_progress: 'M8 1a7 7 0 1 1 0 14A7 7 0 0 1 8 1zm0 2a5 5 0 1 0 0 10A5 5 0 0 0 8 3zm0 1.500a3.5 3.5 0 0 1 0 7z',
  on_hold: 'M8 1a7 7 0 1 1 0 14A7 7 0 0 1 8 1zM5.5 5v6h1.800V5zm3.2 0v6h1.800V5z',
  resolved: 'M8 1a7 7 0 1 1 0 14A7 7 0 0 1 8 1zM4.3 8.2 7 11l4.8-5-1.3-1.200L7 8.5 5.5 7z',
  closed:
    'M3 1h10a2 2 0 0 1 2 2v10a2 2 0 0 1-2 2H3a2 2 0 0 1-2-2V3a2 2 0 0 1 2-2zm1.3 7.200L7 11l4.8-5-1.3-1.200L7 8.5 5.5 7z',
}

function Shape({ d }: { d: string }) {
  return (
    <svg viewBox="0 0 16 16" width={12} height={12} fill="currentColor" aria-hidden="true" focusable="false">
      <path d={d} fillRule="evenodd" />
    </svg>
  )
}

/** Shape and word of a level, in its colour. */
export function LevelBadge({ level }: { level: Level }) {
  return (
    <span className={`${classes.badge} ${classes[level]}`}>
      <Shape d={LEVEL_SHAPES[level]} />
      {t(`level.${level}`)}
    </span>
  )
}

/** Shape and word of a state. */
export function StateBadge({ state }: { state: State }) {
  return (
    <span className={`${classes.state} ${classes[state]}`}>
      <Shape d={STATE_SHAPES[state]} />
      {t(`state.${state}`)}
    </span>
  )
}

/** The word of a verdict. */
export function VerdictBadge({ verdict }: { verdict: Verdict }) {
  return <span className={`${classes.badge} ${classes[verdict]}`}>{t(`verdict.${verdict}`)}</span>
}
