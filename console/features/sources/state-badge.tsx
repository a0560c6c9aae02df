import { Icon, type IconName } from '../../ui/icon.tsx'
import { t } from './messages.ts'
import type { SourceState } from './sources-api.ts'
import classes from './state-badge.module.css'

/** The gravest first. */
export const STATES = [
  'silent',
  'fallen',
  'drifting',
  'unregistered',
  'learning',
  'healthy',
  'muted',
] as const satisfies readonly SourceState[]

const ICONS: Readonly<Record<SourceState, IconName>> = {
  silent: 'wifiOff',
  fallen: 'down',
  drifting: 'clock',
  unregistered: 'alert',
  learning: 'eye',
  healthy: 'check',
  muted: 'minus',
}

/** Sign and word of a source's state. */
export function SourceStateBadge({ state }: { state: SourceState }) {
  return (
    <span className={`${classes.badge} ${classes[state]}`}>
      <Icon name={ICONS[state]} size={13} />
      {t(`state.${state}`)}
    </span>
  )
}
