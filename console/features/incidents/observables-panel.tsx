import { useState } from 'react'
import { request } from '../../api/request.ts'
import { visible } from '../../lib/highlight.ts'
import { Icon, type IconName } from '../../ui/icon.tsx'
import { Panel } from '../../ui/panel.tsx'
import { problemText } from '../../ui/problem.ts'
import { kindOf } from '../../ui/words.ts'
import { t } from './incident-messages.ts'
import { usePart } from './part.ts'
import classes from './side.module.css'

const SHOWN = 10
const ICONS: Readonly<Record<string, IconName>> = { host: 'host', user: 'user', ip: 'ip', url: 'link' }

/** Hosts, accounts, addresses and the like in its alerts. */
export function ObservablesPanel({ id }: { id: string }) {
  const { data, error } = usePart(id, 'observables', (signal) =>
    request('GET /incidents/{id}/observables', { params: { id }, signal }),
  )
  const [all, setAll] = useState(false)
  const items = data?.items ?? []
  return (
    <Panel title={t('observables.title')} icon="filter" beside={data === undefined ? '' : String(items.length)}>
      {error !== null && <p role="alert">{problemText(error)}</p>}
      {data?.items.length === 0 && <p className={classes.none}>{t('observables.none')}</p>}
      <ul className={classes.list}>
        {items.slice(0, all ? undefined : SHOWN).map(({ kind, value }) => (
          <li key={`${kind} ${value}`} className={classes.row}>
            <span className={classes.value}>
              <Icon name={ICONS[kind] ?? 'info'} size={13} /> {visible(value)}
            </span>
            <span className={classes.quiet}>{kindOf(kind)}</span>
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
