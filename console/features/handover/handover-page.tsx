import { Button, SegmentedControl } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { useAgencies } from '../../api/agencies.ts'
import { type Answer, request } from '../../api/request.ts'
import { useMay, useMe } from '../../api/session.ts'
import { useNow } from '../../lib/clock.ts'
import { visible } from '../../lib/highlight.ts'
import { named, titled } from '../../lib/language.ts'
import { useAddress } from '../../lib/location.ts'
import { vietnamTime } from '../../lib/time.ts'
import { useTitle } from '../../lib/title.ts'
import { LevelBadge, StateBadge, VerdictBadge } from '../../ui/badges.tsx'
import { Columns, Main, Side } from '../../ui/columns.tsx'
import { Icon } from '../../ui/icon.tsx'
import { Panel } from '../../ui/panel.tsx'
import { Failure, Loading } from '../../ui/states.tsx'
import { Table } from '../../ui/table.tsx'
import { Time } from '../../ui/time.tsx'
import classes from './handover.module.css'
import { t } from './messages.ts'
import { NotesPanel } from './notes-panel.tsx'

const HOURS = ['8', '12', '24'] as const
const HOUR_MS = 3_600_000
const ROWS_MAX = 100
/** Whoever has it open while the shift ends sees what is no older than this. */
const refetchInterval = 60_000

type Incident = Answer<'GET /incidents'>['items'][number]

/** What one shift hands to the next: what is open, what changed, what is due, and what is to be known besides. */
export default function HandoverPage() {
  const [search, change] = useAddress()
  const hours = HOURS.find((one) => one === search['hours']) ?? '8'
  const { displayName } = useMe()
  const nowMs = useNow()
  const fromMs = nowMs - Number(hours) * HOUR_MS
  useTitle(t('nav'))
  return (
    <div className={classes.page}>
      <header className={classes.head}>
        <h1>{t('nav')}</h1>
        <SegmentedControl
          size="xs"
          className={classes.screen}
          aria-label={t('shift')}
          value={hours}
          onChange={(to) => change({ hours: to === '8' ? undefined : to })}
          data={HOURS.map((value) => ({ value, label: t('hours', { n: Number(value) }) }))}
        />
        <Button
          size="xs"
          variant="default"
          className={classes.screen}
          leftSection={<Icon name="print" size={15} />}
          onClick={() => print()}
        >
          {t('print')}
        </Button>
        <p className={classes.span}>
          {t('span', { from: vietnamTime(fromMs), to: vietnamTime(nowMs), name: displayName })}
        </p>
      </header>
      <Columns>
        <Main>
          <NotesPanel />
          <OpenPanel />
          <ChangedPanel fromMs={fromMs} />
        </Main>
        <Side>
          <DuePanel />
          {useMay('containment:request') && <ApprovalsPanel />}
        </Side>
      </Columns>
    </div>
  )
}

function OpenPanel() {
  const { data, error, isPending, refetch } = useQuery({
    queryKey: ['handover', 'open'],
    queryFn: ({ signal }) =>
      request('GET /incidents', {
        query: { state: ['new', 'in_progress', 'on_hold'], sort: 'priority', limit: ROWS_MAX },
        signal,
      }),
    refetchInterval,
  })
  return (
    <Panel title={t('open')} icon="incidents" className={classes.breaks}>
      {isPending && <Loading />}
      {error !== null && <Failure error={error} retry={() => void refetch()} />}
      {data?.items.length === 0 && <p className={classes.none}>{t('open.none')}</p>}
      {data !== undefined && data.items.length > 0 && <Incidents label={t('open')} incidents={data.items} />}
      {data?.next !== undefined && <p className={classes.none}>{t('open.more', { n: ROWS_MAX })}</p>}
    </Panel>
  )
}

function ChangedPanel({ fromMs }: { fromMs: number }) {
  const { data, error, isPending, refetch } = useQuery({
    queryKey: ['handover', 'changed'],
    queryFn: ({ signal }) => request('GET /incidents', { query: { sort: 'updated', limit: ROWS_MAX }, signal }),
    refetchInterval,
  })
  const changed = data?.items.filter(({ updatedAt }) => Date.parse(updatedAt) >= fromMs) ?? []
  const opened = changed.filter(({ createdAt }) => Date.parse(createdAt) >= fromMs).length
  const done = changed.filter(
    ({ state, createdAt }) => (state === 'resolved' || state === 'closed') && Date.parse(createdAt) < fromMs,
  ).length
  return (
    <Panel title={t('changed')} icon="history" className={classes.breaks}>
      {isPending && <Loading />}
      {error !== null && <Failure error={error} retry={() => void refetch()} />}
      {data !== undefined && changed.length === 0 && <p className={classes.none}>{t('changed.none')}</p>}
      {changed.length > 0 && (
        <>
          <p className={classes.sums}>{t('changed.sums', { opened, done, other: changed.length - opened - done })}</p>
          <Incidents label={t('changed')} incidents={changed} withTime />
        </>
      )}
      {data?.next !== undefined && changed.length === ROWS_MAX && (
        <p className={classes.none}>{t('changed.more', { n: ROWS_MAX })}</p>
      )}
    </Panel>
  )
}

function Incidents(props: { label: string; incidents: readonly Incident[]; withTime?: boolean }) {
  const { label, incidents, withTime = false } = props
  const { agencyName } = useAgencies()
  return (
    <div className={classes.rows} tabIndex={0} role="group" aria-label={label}>
      <Table
        heads={[
          t('number'),
          t('level'),
          t('title'),
          t('state'),
          t('assignee'),
          t('agency'),
          ...(withTime ? [t('at')] : []),
        ]}
      >
        {incidents.map((incident) => (
          <tr key={incident.id}>
            <td>#{incident.number}</td>
            <td>
              <LevelBadge level={incident.level} />
            </td>
            <th scope="row" className={classes.wide}>
              <Link to="/incidents/$id" params={{ id: incident.id }}>
                {visible(titled(incident))}
              </Link>
            </th>
            <td>
              <StateBadge state={incident.state} />{' '}
              {incident.verdict !== undefined && <VerdictBadge verdict={incident.verdict} />}
            </td>
            <td>{incident.assignee ?? t('nobody')}</td>
            <td className={classes.wide}>{agencyName(incident.agency)}</td>
            {withTime && (
              <td>
                <Time at={incident.updatedAt} />
              </td>
            )}
          </tr>
        ))}
      </Table>
    </div>
  )
}

function DuePanel() {
  const { agencyName } = useAgencies()
  const { data, error, refetch } = useQuery({
    queryKey: ['deadlines'],
    queryFn: ({ signal }) => request('GET /deadlines', { signal }),
    refetchInterval,
  })
  return (
    <Panel title={t('due')} icon="law">
      {error !== null && <Failure error={error} retry={() => void refetch()} />}
      {data?.items.length === 0 && <p className={classes.none}>{t('due.none')}</p>}
      <ul className={classes.list}>
        {data?.items.map((item) => (
          <li key={`${item.incidentId} ${item.key}`}>
            <Link to="/incidents/$id" params={{ id: item.incidentId }}>
              #{item.number} {named(item)}
            </Link>
            <span className={item.state === 'overdue' ? classes.overdue : classes.meta}>
              {item.state === 'overdue' && `${t('due.overdue')} · `}
              {t('due.at', { at: vietnamTime(item.dueAt) })} · {agencyName(item.agency)}
            </span>
          </li>
        ))}
      </ul>
    </Panel>
  )
}

function ApprovalsPanel() {
  const { data, error, refetch } = useQuery({
    queryKey: ['blocks', 'requested', 'handover'],
    queryFn: ({ signal }) => request('GET /blocks', { query: { state: 'requested', limit: ROWS_MAX }, signal }),
    refetchInterval,
  })
  return (
    <Panel title={t('approvals')} icon="ban">
      {error !== null && <Failure error={error} retry={() => void refetch()} />}
      {data?.items.length === 0 && <p className={classes.none}>{t('approvals.none')}</p>}
      <ul className={classes.list}>
        {data?.items.map(({ id, value, requestedBy, requestedAt }) => (
          <li key={id}>
            <Link to="/containment">{visible(value)}</Link>
            <span className={classes.meta}>
              {requestedBy} · <Time at={requestedAt} />
            </span>
          </li>
        ))}
      </ul>
    </Panel>
  )
}
