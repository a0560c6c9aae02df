import { Switch } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { useState } from 'react'
import { only } from '../../../store/query/refine.ts'
import { useAgencies } from '../../api/agencies.ts'
import type { Answer } from '../../api/request.ts'
import { useMe } from '../../api/session.ts'
import { useNow } from '../../lib/clock.ts'
import { named } from '../../lib/language.ts'
import { vietnamTime } from '../../lib/time.ts'
import { Icon } from '../../ui/icon.tsx'
import { Failure } from '../../ui/states.tsx'
import { Frame } from './frame.tsx'
import { t } from './messages.ts'
import { type Source, openIncidentsQuery, sourcesQuery } from './sources-api.ts'
import { STATES, SourceStateBadge } from './state-badge.tsx'
import frame from './frame.module.css'
import classes from './agencies-page.module.css'

type Agency = Answer<'GET /agencies'>['agencies'][number]
type System = Answer<'GET /agencies'>['systems'][number]

/** One tile for each agency: its open incidents, its sources, its systems. */
export default function AgenciesPage() {
  const { agencies, systems } = useAgencies()
  const { data: sources = [], error, refetch } = useQuery(sourcesQuery())
  const [ended, setEnded] = useState(false)
  const nowMs = useNow()
  const shown = agencies.filter(({ validTo }) => ended || validTo === undefined || Date.parse(validTo) > nowMs)
  const trouble = (key: string): number => {
    const states = sources.filter(({ agency }) => agency === key).map(({ state }) => STATES.indexOf(state))
    return Math.min(STATES.length, ...states)
  }
  return (
    <Frame>
      <Switch
        className={classes.switch}
        size="xs"
        label={t('agencies.ended')}
        checked={ended}
        onChange={(event) => setEnded(event.currentTarget.checked)}
      />
      {error !== null && <Failure error={error} retry={() => void refetch()} />}
      <ul className={classes.tiles}>
        {shown
          .toSorted((a, b) => trouble(a.key) - trouble(b.key))
          .map((agency) => (
            <Tile
              key={agency.key}
              agency={agency}
              systems={systems.filter(({ owner }) => owner === agency.key)}
              sources={sources.filter((source) => source.agency === agency.key)}
            />
          ))}
      </ul>
    </Frame>
  )
}

function Tile({
  agency,
  systems,
  sources,
}: {
  agency: Agency
  systems: readonly System[]
  sources: readonly Source[]
}) {
  const { key, names, validTo } = agency
  const { actions } = useMe()
  const { data: open } = useQuery(openIncidentsQuery(key))
  return (
    <li className={classes.tile}>
      <h2 className={classes.name}>{named(names)}</h2>
      {validTo !== undefined && (
        <p className={frame.quiet}>{t('agencies.until', { at: vietnamTime(validTo).slice(0, 10) })}</p>
      )}
      <p className={classes.line}>
        <Icon name="incidents" size={15} />
        {open === undefined ? (
          t('none')
        ) : open === 0 ? (
          <span className={frame.quiet}>{t('agencies.open_none')}</span>
        ) : (
          <Link to="/incidents" search={{ agency: key }}>
            {t('agencies.open', { n: open })}
          </Link>
        )}
      </p>
      <p className={classes.line}>
        <Icon name="sources" size={15} />
        {sources.length === 0 ? (
          <span className={frame.quiet}>{t('agencies.sources_none')}</span>
        ) : (
          <Link to="/sources" search={{ agency: key }}>
            {t('agencies.sources', { n: sources.length })}
          </Link>
        )}
        {STATES.filter((state) => sources.some((source) => source.state === state)).map((state) => (
          <SourceStateBadge key={state} state={state} />
        ))}
      </p>
      {systems.length > 0 && (
        <ul className={classes.systems} aria-label={t('agencies.systems')}>
          {systems.map((system) => (
            <li key={system.key}>
              {named(system.names)} <span className={frame.quiet}>{t('agencies.level', { level: system.level })}</span>
            </li>
          ))}
        </ul>
      )}
      {sources.length > 0 && actions.includes('events:read') && (
        <Link
          to="/search"
          search={{ q: only('soc.agency', key) }}
          className={classes.logs}
          aria-label={t('search', { what: named(names) })}
        >
          <Icon name="search" size={15} />
        </Link>
      )}
    </li>
  )
}
