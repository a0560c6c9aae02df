import { useQuery } from '@tanstack/react-query'
import { useAgencies } from '../../api/agencies.ts'
import { useNow } from '../../lib/clock.ts'
import { useShortcuts } from '../../lib/keys.ts'
import { named, number } from '../../lib/language.ts'
import { useGo } from '../../lib/location.ts'
import { vietnamTime } from '../../lib/time.ts'
import { useTitle } from '../../lib/title.ts'
import { Icon } from '../../ui/icon.tsx'
import { Failure, Loading } from '../../ui/states.tsx'
import { t as w } from '../../ui/words.ts'
import { GRAVEST_FIRST, byDay, deadlinesQuery, openByLevel, overviewQuery, sumOf } from './figures.ts'
import { t } from './messages.ts'
import classes from './overview.module.css'
import { Trend } from './trend.tsx'

const DAYS = 30
/** Everything moves by a few pixels now and then, so that no picture burns itself into the screen. */
const SHIFT_MS = 60_000

/** For the wall of the room: numbers by agency, read from afar, and nothing that is anybody's. */
export default function WallPage() {
  const { data, error, isPending } = useQuery(overviewQuery(DAYS))
  const deadlines = useQuery(deadlinesQuery)
  const { names, agencies, agencyName } = useAgencies()
  const nowMs = useNow()
  const go = useGo()
  const leave = (): void => go('/overview')
  useTitle(t('wall'))
  useShortcuts({ heading: t('wall'), shortcuts: [{ keys: 'Escape', label: t('wall.leave'), run: leave }] })
  const shift = Math.floor(nowMs / SHIFT_MS) % 4
  const overdue = deadlines.data?.items.filter(({ state }) => state === 'overdue').length ?? 0
  const open = data === undefined ? undefined : openByLevel(data)
  const shown = agencies.filter(({ validTo }) => validTo === undefined || Date.parse(validTo) > nowMs)
  return (
    <div className={`${classes.wall} ${classes[`shift-${shift}`]}`}>
      <header className={classes.wallHead}>
        <h1>{t('wall.title')}</h1>
        <span>{named(names)}</span>
        <time dateTime={new Date(nowMs).toISOString()}>{vietnamTime(nowMs)}</time>
        <button type="button" onClick={leave} aria-label={t('wall.leave')} title={t('wall.leave')}>
          <Icon name="close" size={22} />
        </button>
      </header>
      {isPending && <Loading />}
      {error !== null && <Failure error={error} />}
      {data !== undefined && open !== undefined && (
        <>
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
            {shown.map(({ key }) => {
              const levels = openByLevel(data, key)
              const gravest = GRAVEST_FIRST.find((level) => levels[level] > 0)
              return (
                <li key={key} data-level={gravest ?? 'none'}>
                  <span>{agencyName(key)}</span>
                  <strong>{number(sumOf(levels))}</strong>
                  {gravest !== undefined && <span className={classes.note}>{w(`level.${gravest}`)}</span>}
                </li>
              )
            })}
          </ul>
          <div className={classes.wallTrend}>
            <Trend days={byDay(data)} />
          </div>
        </>
      )}
    </div>
  )
}
