import { useState } from 'react'
import { visible } from '../../lib/highlight.ts'
import { Panel } from '../../ui/panel.tsx'
import { Time } from '../../ui/time.tsx'
import { t as h } from './history-messages.ts'
import classes from './history-panel.module.css'
import { historyText } from './history-text.ts'
import type { HistoryEntry } from './incident-api.ts'
import { t } from './incident-messages.ts'

const SHOWN = 12

/** Who did what and when, newest first. */
export default function HistoryPanel({ entries }: { entries: readonly HistoryEntry[] }) {
  const [all, setAll] = useState(false)
  const newestFirst = entries.toReversed()
  return (
    <Panel title={t('history.title')} icon="history" beside={t('history.note')}>
      <ol className={classes.history}>
        {newestFirst.slice(0, all ? undefined : SHOWN).map((entry, index) => (
          <li key={`${entry.at}-${entries.length - index}`}>
            <Time at={entry.at} seconds />
            <span>
              <b>{entry.actor === 'system' ? h('system') : entry.actor}</b> {visible(historyText(entry))}
            </span>
          </li>
        ))}
      </ol>
      {!all && entries.length > SHOWN && (
        <button type="button" className={classes.more} onClick={() => setAll(true)}>
          {t('history.all', { n: entries.length })}
        </button>
      )}
    </Panel>
  )
}
