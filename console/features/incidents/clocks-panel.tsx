import { request } from '../../api/request.ts'
import { duration } from '../../lib/time.ts'
import { Icon } from '../../ui/icon.tsx'
import { Panel } from '../../ui/panel.tsx'
import { problemText } from '../../ui/problem.ts'
import { Time } from '../../ui/time.tsx'
import type { IncidentDetail } from './incident-api.ts'
import { t } from './incident-messages.ts'
import { usePart } from './part.ts'
import classes from './side.module.css'

type ClockState = 'running' | 'paused' | 'warning' | 'overdue' | 'met' | 'late'

const ICONS = {
  running: 'clock',
  paused: 'clock',
  warning: 'alert',
  overdue: 'alert',
  met: 'check',
  late: 'alert',
} as const

/** Icon and word of a clock's state. */
export function ClockStateBadge({ state }: { state: ClockState }) {
  return (
    <span className={`${classes.state} ${classes[state]}`}>
      <Icon name={ICONS[state]} size={13} /> {t(`clocks.${state}`)}
    </span>
  )
}

export function useClocks(id: string) {
  return usePart(id, 'clocks', (signal) => request('GET /incidents/{id}/clocks', { params: { id }, signal }))
}

/** How long it takes, against what the centre promises. */
export function ClocksPanel({ incident: { id } }: { incident: IncidentDetail }) {
  const { data, error } = useClocks(id)
  return (
    <Panel title={t('clocks.title')} icon="clock">
      {error !== null && <p role="alert">{problemText(error)}</p>}
      {data !== undefined && (
        <div className={classes.list}>
          <p className={classes.row}>
            <span>{t('clocks.detect')}</span> <b>{duration(data.detectMs)}</b>
          </p>
          {data.service.map(({ key, state, elapsedMs, targetMs, hours, dueAt }) => (
            <div key={key} className={classes.clock}>
              <p className={classes.row}>
                <span>{t(`clocks.${key}`)}</span> <ClockStateBadge state={state} />
              </p>
              <div className={classes.bar}>
                <i className={classes[state]} style={{ width: `${Math.min(100, (100 * elapsedMs) / targetMs)}%` }} />
              </div>
              <p className={classes.meta}>
                <span>{t('clocks.of', { elapsed: duration(elapsedMs), target: duration(targetMs) })}</span>
                {hours === 'working' && <span>{t('clocks.working')}</span>}
                {dueAt !== undefined && (
                  <span>
                    {t('legal.due')}
                    <Time at={dueAt} />
                  </span>
                )}
              </p>
            </div>
          ))}
        </div>
      )}
    </Panel>
  )
}
