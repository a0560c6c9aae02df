import { Button } from '@mantine/core'
import { useInfiniteQuery } from '@tanstack/react-query'
import { lazyRouteComponent } from '@tanstack/react-router'
import { Suspense, useState } from 'react'
import { request } from '../../api/request.ts'
import { useMay } from '../../api/session.ts'
import { useAhead } from '../../lib/ahead.ts'
import { useShortcuts } from '../../lib/keys.ts'
import { titled } from '../../lib/language.ts'
import { useAddress } from '../../lib/location.ts'
import { visible } from '../../lib/highlight.ts'
import { LevelBadge } from '../../ui/badges.tsx'
import { Check } from '../../ui/check.tsx'
import { Panel } from '../../ui/panel.tsx'
import { Time } from '../../ui/time.tsx'
import { AlertDetail } from './alert-detail.tsx'
import classes from './alerts-panel.module.css'
import type { Alert, IncidentDetail } from './incident-api.ts'
import { t } from './incident-messages.ts'

const ExceptionDialog = lazyRouteComponent(() => import('../../ui/exception-dialog.tsx'))

const PAGE_SIZE = 100

interface AlertsPanelProps {
  incident: IncidentDetail
  /** Takes the alerts of these ids out into an incident of their own; null where that may not be. */
  split: ((alertIds: string[]) => void) | null
}

/** The alerts along time; one of them open, with its lines and its rule. */
export function AlertsPanel({ incident, split }: AlertsPanelProps) {
  const { id, alerts: newest, alertCount } = incident
  const [wantsOlder, setWantsOlder] = useState(false)
  const older = useInfiniteQuery({
    queryKey: ['incident', id, 'alerts'],
    queryFn: ({ pageParam, signal }) =>
      request('GET /incidents/{id}/alerts', {
        params: { id },
        query: { limit: PAGE_SIZE, ...(pageParam !== '' && { cursor: pageParam }) },
        signal,
      }),
    initialPageParam: '',
    getNextPageParam: ({ next }) => next,
    enabled: wantsOlder,
  })
  const alerts: readonly Alert[] = older.data?.pages.flatMap(({ items }) => items) ?? newest
  const [openId, setOpenId] = useState('')
  const at = Math.max(
    0,
    alerts.findIndex((alert) => alert.id === openId),
  )
  const open = alerts[at]
  const mayExcept = useMay('exceptions:write') && open !== undefined && open.count > 0
  const [search] = useAddress()
  const [excepting, setExcepting] = useState(search['at'] === 'exception')
  const [chosen, setChosen] = useState<ReadonlySet<string>>(new Set())
  const hidden =
    older.data === undefined ? alertCount - newest.length : older.hasNextPage ? alertCount - alerts.length : 0

  const move = (to: number): void => {
    const next = alerts[Math.min(alerts.length - 1, Math.max(0, to))]
    if (next === undefined) return
    setOpenId(next.id)
    document.getElementById(`alert-${next.id}`)?.scrollIntoView({ block: 'nearest' })
  }
  useAhead(ExceptionDialog)
  useShortcuts({
    heading: t('alerts.title'),
    shortcuts: [
      { keys: 'j', label: t('keys.next_alert'), run: () => move(at + 1) },
      { keys: 'k', label: t('keys.previous_alert'), run: () => move(at - 1) },
      ...(mayExcept ? [{ keys: 'e', label: t('exception.make'), run: () => setExcepting(true) }] : []),
    ],
  })
  const toggle = (alertId: string): void => {
    setChosen(
      chosen.has(alertId) ? new Set([...chosen].filter((one) => one !== alertId)) : new Set([...chosen, alertId]),
    )
  }

  return (
    <Panel
      title={t('alerts.title')}
      icon="history"
      beside={
        chosen.size > 0 && split !== null ? (
          <Button
            size="compact-sm"
            variant="default"
            onClick={() => {
              split([...chosen])
              setChosen(new Set())
            }}
          >
            {t('alerts.split', { n: chosen.size })}
          </Button>
        ) : (
          t('alerts.hint')
        )
      }
    >
      {alerts.length === 0 && <p className={classes.gone}>{t('alerts.gone')}</p>}
      <ol className={classes.timeline}>
        {alerts.map((alert) => (
          <li key={alert.id} id={`alert-${alert.id}`} className={classes.moment} data-level={alert.rule.level}>
            {split !== null && alertCount > 1 && (
              <Check aria-label={t('alerts.choose')} checked={chosen.has(alert.id)} onChange={() => toggle(alert.id)} />
            )}
            <button
              type="button"
              aria-current={alert === open}
              className={classes.choose}
              onClick={() => setOpenId(alert.id)}
            >
              <Time at={alert['@timestamp']} seconds />
              <LevelBadge level={alert.rule.level} />
              <span className={classes.title}>{visible(titled(alert.rule))}</span>
              <small>{t('alerts.lines', { n: alert.count })}</small>
            </button>
          </li>
        ))}
      </ol>
      {hidden > 0 && alerts.length > 0 && (
        <Button
          size="compact-sm"
          variant="subtle"
          loading={older.isFetching}
          onClick={() => {
            setWantsOlder(true)
            if (older.data !== undefined) void older.fetchNextPage()
          }}
        >
          {t('alerts.older', { n: hidden })}
        </Button>
      )}
      {open !== undefined && (
        <AlertDetail key={open.id} alert={open} except={mayExcept ? () => setExcepting(true) : null} />
      )}
      <Suspense>
        {excepting && mayExcept && (
          <ExceptionDialog from={{ alert: open.id }} rule={open.rule} close={() => setExcepting(false)} />
        )}
      </Suspense>
    </Panel>
  )
}
