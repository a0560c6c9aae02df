import { Link } from '@tanstack/react-router'
import { useState } from 'react'
import { only, valueText } from '../../../store/query/refine.ts'
import { type Answer, request } from '../../api/request.ts'
import { useMay } from '../../api/session.ts'
import type { Search } from '../../lib/feature.ts'
import { visible } from '../../lib/highlight.ts'
import { Icon, type IconName } from '../../ui/icon.tsx'
import { Panel } from '../../ui/panel.tsx'
import { problemText } from '../../ui/problem.ts'
import { kindOf } from '../../ui/words.ts'
import { t } from './incident-messages.ts'
import { usePart } from './part.ts'
import classes from './side.module.css'

/** How long before the first and after the last sight of it a search looks. */
const AROUND_MS = 86_400_000

const SHOWN = 10
type Observable = Answer<'GET /incidents/{id}/observables'>['items'][number]

const ICONS: Readonly<Record<string, IconName>> = { host: 'host', user: 'user', ip: 'ip', url: 'link' }

/** Hosts, accounts, addresses and the like in its alerts. */
export default function ObservablesPanel({ id }: { id: string }) {
  const { data, error } = usePart(id, 'observables', (signal) =>
    request('GET /incidents/{id}/observables', { params: { id }, signal }),
  )
  const [all, setAll] = useState(false)
  const maySearch = useMay('events:read')
  const items = data?.items ?? []
  return (
    <Panel title={t('observables.title')} icon="filter" beside={data === undefined ? '' : String(items.length)}>
      {error !== null && <p role="alert">{problemText(error)}</p>}
      {data?.items.length === 0 && <p className={classes.none}>{t('observables.none')}</p>}
      <ul className={classes.list}>
        {items.slice(0, all ? undefined : SHOWN).map((item) => (
          <li key={`${item.kind} ${item.value}`} className={classes.row}>
            <span className={classes.value}>
              <Icon name={ICONS[item.kind] ?? 'info'} size={13} /> {visible(item.value)}
            </span>
            <span className={classes.acts}>
              <span className={classes.quiet}>{kindOf(item.kind)}</span>
              {maySearch && (
                <Link
                  to="/search"
                  search={searchFor(item)}
                  className={classes.act}
                  aria-label={t('observables.search', { value: visible(item.value) })}
                  title={t('observables.search_hint')}
                >
                  <Icon name="search" size={14} />
                </Link>
              )}
            </span>
          </li>
        ))}
      </ul>
      {!all && items.length > SHOWN && (
        <button type="button" className={classes.more} onClick={() => setAll(true)}>
          {t('observables.more', { n: items.length })}
        </button>
      )}
    </Panel>
  )
}

/** Every event that has it, from a day before it was first seen here to a day after it was last. */
function searchFor({ kind, value, firstAt, lastAt }: Observable): Search {
  const q = kind === 'host' ? only('host.name', value) : valueText(value)
  const around = (at: string, ms: number): string => new Date(Date.parse(at) + ms).toISOString()
  return { q, from: around(firstAt, -AROUND_MS), to: around(lastAt, AROUND_MS) }
}
