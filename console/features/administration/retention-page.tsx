import type { ReactNode } from 'react'
import { Link } from '@tanstack/react-router'
import { useQuery } from '@tanstack/react-query'
import { type Answer, addressOf, request } from '../../api/request.ts'
import { fileSize, named } from '../../lib/language.ts'
import { calendarDay, vietnamTime } from '../../lib/time.ts'
import { Panel } from '../../ui/panel.tsx'
import { Failure, Loading } from '../../ui/states.tsx'
import { Table } from '../../ui/table.tsx'
import { Time } from '../../ui/time.tsx'
import { t as w } from '../../ui/words.ts'
import classes from './retention.module.css'
import { t } from './messages.ts'
import { Tabbed } from './tabs.tsx'

type Retention = Answer<'GET /retention'>
type Law = Retention['laws'][number]

/** Where all levels are kept equally long, they lie together. */
const ALL_LEVELS = '012345'
/** Share of the disk that is used, and from which on it is shown as a warning. */
const NEARLY_FULL = 0.9

/** How long the log is kept and by what, what goes next, and how the disk and the proof stand. */
export default function RetentionPage() {
  const { data, error, isPending, refetch } = useQuery({
    queryKey: ['retention'],
    queryFn: ({ signal }) => request('GET /retention', { signal }),
  })
  return (
    <Tabbed tab="tab.retention">
      {isPending && <Loading />}
      {error !== null && <Failure error={error} retry={() => void refetch()} />}
      {data !== undefined && (
        <div className={classes.parts}>
          <Kept {...data} />
          <Purges {...data} />
          <Disk {...data} />
          <Proof {...data} />
          <Laws {...data} />
        </div>
      )}
    </Tabbed>
  )
}

function Kept({ levels }: Retention) {
  return (
    <Panel title={t('kept.title')} icon="clock" className={classes.whole}>
      <p className={classes.quiet}>{t('kept.intro')}</p>
      <Box label={t('kept.title')}>
        <Table heads={[t('kept.level'), t('kept.set'), t('kept.law'), t('kept.from')]}>
          {levels.map(({ level, days, law, keptFrom }) => (
            <tr key={level}>
              <th scope="row">{t('kept.level_of', { level: String(level) })}</th>
              <td>{t('kept.days', { n: days })}</td>
              <td className={classes.words}>
                {law === undefined
                  ? t('kept.no_law')
                  : t('kept.months', { n: law.months, document: named(law.document), article: law.article })}
              </td>
              <td>{calendarDay(keptFrom)}</td>
            </tr>
          ))}
        </Table>
      </Box>
    </Panel>
  )
}

function Purges({ purges, lastPurge, kept }: Retention) {
  return (
    <Panel title={t('purge.title')} icon="trash" className={classes.whole}>
      {purges.length === 0 && <p>{t('purge.none')}</p>}
      {purges.length > 0 && (
        <Box label={t('purge.title')}>
          <Table heads={[t('purge.on'), t('purge.day'), t('purge.levels'), t('purge.fate')]}>
            {purges.map(({ on, day, levels, holds }) => (
              <tr key={`${day} ${levels}`}>
                <th scope="row">{calendarDay(on)}</th>
                <td>{calendarDay(day)}</td>
                <td>{levelsText(levels)}</td>
                <td>
                  {holds.length === 0 ? (
                    t('purge.goes')
                  ) : (
                    <>
                      <b>{t('purge.held', { n: holds.length })}</b> ·{' '}
                      <Link to="/administration/holds">{t('purge.held_by')}</Link>
                    </>
                  )}
                </td>
              </tr>
            ))}
          </Table>
        </Box>
      )}
      <dl className={classes.facts}>
        <dt>{t('there.title')}</dt>
        {kept.length === 0 && <dd>{t('there.none')}</dd>}
        {kept.map(({ levels, days, oldest, newest }) => (
          <dd key={levels}>
            {levelsText(levels)}:{' '}
            {t('there.days', { n: days, oldest: calendarDay(oldest), newest: calendarDay(newest) })}
          </dd>
        ))}
      </dl>
      <p className={classes.quiet}>
        {lastPurge === undefined
          ? t('purge.never')
          : t('purge.last', { day: calendarDay(lastPurge.day), at: vietnamTime(lastPurge.at) })}
      </p>
    </Panel>
  )
}

/** The digits of a partition in words; 0 are records that have no level. */
function levelsText(levels: string): string {
  if (levels === ALL_LEVELS) return t('purge.all_levels')
  return Array.from(levels, (level) => (level === '0' ? t('purge.no_level') : level)).join(', ')
}

function Disk({ disk, bytes }: Retention) {
  const { freeBytes, totalBytes, bytesPerDay, fullInDays } = disk
  const used = totalBytes - freeBytes
  const share = totalBytes === 0 ? 0 : used / totalBytes
  return (
    <Panel title={t('disk.title')} icon="host">
      <div
        className={classes.meter}
        role="meter"
        aria-label={t('disk.title')}
        aria-valuemin={0}
        aria-valuemax={100}
        aria-valuenow={Math.round(share * 100)}
        data-tone={share >= NEARLY_FULL ? 'bad' : 'good'}
      >
        <span style={{ width: `${share * 100}%` }} />
      </div>
      <p>{t('disk.used', { used: fileSize(used), total: fileSize(totalBytes), free: fileSize(freeBytes) })}</p>
      {bytes !== undefined && <p>{t('disk.log', { size: fileSize(bytes) })}</p>}
      <p>{bytesPerDay === null ? t('disk.daily_unknown') : t('disk.daily', { size: fileSize(bytesPerDay) })}</p>
      {bytesPerDay !== null && (
        <p className={fullInDays === null ? '' : classes.bad}>
          {fullInDays === null ? t('disk.lasts') : t('disk.full', { n: fullInDays })}
        </p>
      )}
    </Panel>
  )
}

function Proof({ verifications, chain }: Retention) {
  return (
    <Panel
      title={t('proof.title')}
      icon="check"
      beside={
        <a href={addressOf('GET /integrity/chain')} download="chain.ndjson">
          {t('proof.save')}
        </a>
      }
    >
      {verifications.length === 0 && <p>{t('proof.none')}</p>}
      {verifications.length > 0 && (
        <Box label={t('proof.title')}>
          <Table heads={[t('at'), t('proof.of'), t('state')]}>
            {verifications.map(({ at, day, ok, records, breaks }) => (
              <tr key={`${at} ${day}`}>
                <td>
                  <Time at={at} />
                </td>
                <th scope="row">{calendarDay(day)}</th>
                <td className={ok ? classes.good : classes.bad}>
                  {ok ? t('proof.ok', { n: records }) : t('proof.broken', { n: breaks })}
                </td>
              </tr>
            ))}
          </Table>
        </Box>
      )}
      <p className={classes.quiet}>{t('proof.chain', { n: chain.entries })}</p>
    </Panel>
  )
}

function Laws({ laws }: Retention) {
  return (
    <Panel title={t('law.title')} icon="law" className={classes.whole}>
      {laws.length === 0 && <p>{t('law.none')}</p>}
      {laws.length > 0 && (
        <Box label={t('law.title')}>
          <Table heads={[t('kept.level'), t('law.months'), t('law.document'), t('law.period')]}>
            {laws.map((law) => (
              <tr key={`${law.level} ${law.from} ${law.article}`}>
                <th scope="row">{t('kept.level_of', { level: String(law.level) })}</th>
                <td>{t('law.of', { n: law.months })}</td>
                <td className={classes.words}>
                  {named(law.document)}, {law.article}
                </td>
                <td>{periodText(law)}</td>
              </tr>
            ))}
          </Table>
        </Box>
      )}
    </Panel>
  )
}

function periodText({ from, to }: Law): string {
  const [since = w('nothing'), until] = [from, to].map((at) =>
    at === undefined ? undefined : vietnamTime(at).slice(0, 10),
  )
  return until === undefined ? t('law.since', { from: since }) : t('law.until', { from: since, to: until })
}

/** A table that is wider than a telephone scrolls by itself. */
function Box({ label, children }: { label: string; children: ReactNode }) {
  return (
    <div className={classes.box} tabIndex={0} role="group" aria-label={label}>
      {children}
    </div>
  )
}
