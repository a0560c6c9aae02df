import { Button, SegmentedControl } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { useAgencies } from '../../api/agencies.ts'
import { named, number, titled } from '../../lib/language.ts'
import { useAddress, useGo } from '../../lib/location.ts'
import { duration, vietnamTime } from '../../lib/time.ts'
import { useTitle } from '../../lib/title.ts'
import { Columns, Main, Side } from '../../ui/columns.tsx'
import { Icon } from '../../ui/icon.tsx'
import { Panel } from '../../ui/panel.tsx'
import { Empty, Failure, Loading } from '../../ui/states.tsx'
import { t as w } from '../../ui/words.ts'
import {
  GRAVEST_FIRST,
  type Overview,
  byDay,
  deadlinesQuery,
  meanOf,
  openByLevel,
  overviewQuery,
  sumOf,
} from './figures.ts'
import { t } from './messages.ts'
import classes from './overview.module.css'
import { Trend } from './trend.tsx'

const CHOICES = ['7', '30', '90'] as const
const MINUTE_MS = 60_000

export default function OverviewPage() {
  const [search, change] = useAddress()
  const days = CHOICES.find((choice) => choice === search['days']) ?? '30'
  const { data, error, isPending, refetch } = useQuery(overviewQuery(Number(days)))
  const go = useGo()
  useTitle(t('nav'))
  return (
    <div className={classes.page}>
      <header className={classes.head}>
        <h1>{t('nav')}</h1>
        <SegmentedControl
          size="xs"
          aria-label={t('days.choice')}
          value={days}
          onChange={(to) => change({ days: to === '30' ? undefined : to })}
          data={CHOICES.map((choice) => ({ value: choice, label: t(`days.${choice}`) }))}
        />
        <Button
          size="xs"
          variant="default"
          leftSection={<Icon name="download" size={15} />}
          onClick={() => go('/overview/reports')}
        >
          {t('reports')}
        </Button>
        <Button size="xs" variant="default" leftSection={<Icon name="eye" size={15} />} onClick={() => go('/wall')}>
          {t('wall')}
        </Button>
      </header>
      {isPending && <Loading />}
      {error !== null && <Failure error={error} retry={() => void refetch()} />}
      {data !== undefined && <Figures figures={data} days={Number(days)} />}
    </div>
  )
}

function Figures({ figures, days }: { figures: Overview; days: number }) {
  const open = openByLevel(figures)
  const unassigned = figures.open.reduce((sum, row) => sum + row.unassigned, 0)
  const created = figures.agencies.reduce((sum, row) => sum + row.created, 0)
  const mean = (time: 'detectMs' | 'acknowledgeMs' | 'resolveMs'): string => {
    const ms = meanOf(figures, time)
    // Nobody goes by the seconds of a mean.
    return ms === undefined ? w('nothing') : duration(ms < MINUTE_MS ? ms : Math.round(ms / MINUTE_MS) * MINUTE_MS)
  }
  return (
    <>
      <ul className={classes.tiles}>
        <Tile to="/incidents" label={t('open')} value={number(sumOf(open))} />
        <Tile
          to="/incidents?level=critical&level=high"
          label={t('grave')}
          value={number(open.critical + open.high)}
          alarming={open.critical + open.high > 0}
        />
        <Tile to="/incidents?assignee=" label={t('unassigned')} value={number(unassigned)} />
        <Tile label={t('created', { days })} value={number(created)} />
        <Tile label={t('mean.detect')} value={mean('detectMs')} note={t('mean.note', { days })} />
        <Tile label={t('mean.acknowledge')} value={mean('acknowledgeMs')} note={t('mean.note', { days })} />
        <Tile label={t('mean.resolve')} value={mean('resolveMs')} note={t('mean.note', { days })} />
      </ul>
      <Columns>
        <Main>
          <Panel title={t('trend.title')} icon="overview">
            <Trend days={byDay(figures)} asTableToo />
          </Panel>
          <AgenciesPanel figures={figures} />
        </Main>
        <Side>
          <DeadlinesPanel />
          <VerdictsPanel figures={figures} />
          <RulesPanel figures={figures} />
        </Side>
      </Columns>
    </>
  )
}

function Tile(props: { label: string; value: string; note?: string; to?: string; alarming?: boolean }) {
  const { label, value, note, to, alarming = false } = props
  const inside = (
    <>
      <span className={classes.label}>{label}</span>
      <strong className={alarming ? classes.alarming : undefined}>{value}</strong>
      {note !== undefined && <span className={classes.note}>{note}</span>}
    </>
  )
  return <li className={classes.tile}>{to === undefined ? <div>{inside}</div> : <a href={to}>{inside}</a>}</li>
}

function AgenciesPanel({ figures }: { figures: Overview }) {
  const { agencyName } = useAgencies()
  const keys = [...new Set([...figures.open.map(({ agency }) => agency), ...figures.agencies.map((row) => row.agency)])]
  const rows = keys
    .map((agency) => ({
      agency,
      open: openByLevel(figures, agency),
      past: figures.agencies.find((row) => row.agency === agency),
    }))
    .sort((a, b) => sumOf(b.open) - sumOf(a.open) || (b.past?.created ?? 0) - (a.past?.created ?? 0))
  const most = Math.max(1, ...rows.map(({ open }) => sumOf(open)))
  return (
    <Panel title={t('agencies.title')} icon="agency">
      {rows.length === 0 && <Empty title={t('none')} />}
      {rows.length > 0 && (
        <div className={classes.scroll} tabIndex={0} role="group" aria-label={t('agencies.title')}>
          <table className={classes.table}>
            <thead>
              <tr>
                <th scope="col">{t('agency')}</th>
                <th scope="col">{t('agency.open')}</th>
                <th scope="col" className={classes.count}>
                  {t('agency.created')}
                </th>
                <th scope="col" className={classes.count}>
                  {t('agency.handled')}
                </th>
                <th scope="col">{t('agency.acknowledge')}</th>
                <th scope="col">{t('agency.resolve')}</th>
              </tr>
            </thead>
            <tbody>
              {rows.map(({ agency, open, past }) => (
                <tr key={agency}>
                  <th scope="row">
                    <a href={`/incidents?agency=${encodeURIComponent(agency)}`}>{agencyName(agency)}</a>
                  </th>
                  <td>
                    <span className={classes.bar}>
                      <span className={classes.stack}>
                        {GRAVEST_FIRST.map((level) => (
                          <i
                            key={level}
                            className={classes[`ground-${level}`]}
                            style={{ width: `${(100 * open[level]) / most}%` }}
                          />
                        ))}
                      </span>
                      {number(sumOf(open))}
                    </span>
                  </td>
                  <td className={classes.count}>{number(past?.created ?? 0)}</td>
                  <td className={classes.count}>{number(past?.handled ?? 0)}</td>
                  <td>{past?.acknowledgeMs === undefined ? w('nothing') : duration(past.acknowledgeMs)}</td>
                  <td>{past?.resolveMs === undefined ? w('nothing') : duration(past.resolveMs)}</td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
    </Panel>
  )
}

function DeadlinesPanel() {
  const { data } = useQuery(deadlinesQuery)
  const { agencyName } = useAgencies()
  return (
    <Panel title={t('deadlines.title')} icon="law">
      {data?.items.length === 0 && <p className={classes.note}>{t('deadlines.none')}</p>}
      <ol className={classes.list}>
        {data?.items.map((due) => (
          <li key={`${due.incidentId} ${due.key}`}>
            <Link to="/incidents/$id" params={{ id: due.incidentId }}>
              #{due.number} · {agencyName(due.agency)}
            </Link>
            <span>{named(due)}</span>
            <span className={due.state === 'overdue' ? classes.alarming : classes.note}>
              {t('deadlines.due', { due: vietnamTime(due.dueAt) })}
            </span>
          </li>
        ))}
      </ol>
    </Panel>
  )
}

function VerdictsPanel({ figures: { verdicts } }: { figures: Overview }) {
  const all = verdicts.reduce((sum, { count }) => sum + count, 0)
  return (
    <Panel title={t('verdicts.title')} icon="flag">
      {all === 0 && <p className={classes.note}>{t('verdicts.none')}</p>}
      <ul className={classes.list}>
        {verdicts.map(({ verdict, count }) => (
          <li key={verdict} className={classes.share}>
            <span>{w(`verdict.${verdict}`)}</span>
            <span className={classes.stack}>
              <i className={classes.accent} style={{ width: `${(100 * count) / all}%` }} />
            </span>
            <span className={classes.count}>{number(count)}</span>
          </li>
        ))}
      </ul>
    </Panel>
  )
}

function RulesPanel({ figures: { rules } }: { figures: Overview }) {
  return (
    <Panel title={t('rules.title')} icon="rules">
      {rules.length === 0 && <p className={classes.note}>{t('none')}</p>}
      <ol className={classes.list}>
        {rules.map(({ rule, title = rule, titleVi, incidents, truePositive, falsePositive }) => (
          <li key={rule}>
            <Link to="/rules/$id" params={{ id: rule }}>
              {titled({ title, titleVi })}
            </Link>
            <span className={classes.note}>
              {t('rules.row', { n: incidents })} ·{' '}
              {t('rules.share', { true: number(truePositive), false: number(falsePositive) })}
            </span>
          </li>
        ))}
      </ol>
    </Panel>
  )
}
