import { Button } from '@mantine/core'
import { Link } from '@tanstack/react-router'
import { Suspense, lazy, useState } from 'react'
import { type Answer, request } from '../../api/request.ts'
import { useMay } from '../../api/session.ts'
import { visible } from '../../lib/highlight.ts'
import { Icon } from '../../ui/icon.tsx'
import { Panel } from '../../ui/panel.tsx'
import { problemText } from '../../ui/problem.ts'
import { Time } from '../../ui/time.tsx'
import { t as w } from '../../ui/words.ts'
import { t } from './incident-messages.ts'
import { usePart } from './part.ts'
import classes from './side.module.css'

const BlockDialog = lazy(() => import('./block-dialog.tsx'))

const SHOWN = 6

export type Candidate = Answer<'GET /incidents/{id}/blocks'>['candidates'][number]

/** What of the incident firewalls could stop, and what was asked for. */
export default function BlocksPanel({ id, agency }: { id: string; agency: string }) {
  const { data, error } = usePart(id, 'blocks', (signal) =>
    request('GET /incidents/{id}/blocks', { params: { id }, signal }),
  )
  const mayAsk = useMay('containment:request')
  const [asking, setAsking] = useState<Candidate | null>(null)
  const [all, setAll] = useState(false)
  const candidates = data?.candidates ?? []
  const blocks = data?.items ?? []
  return (
    <Panel title={t('blocks.title')} icon="ban" beside={<Link to="/containment">{t('blocks.all')}</Link>}>
      {error !== null && <p role="alert">{problemText(error)}</p>}
      {data !== undefined && candidates.length === 0 && blocks.length === 0 && (
        <p className={classes.none}>{t('blocks.none')}</p>
      )}
      <ul className={classes.list}>
        {candidates.slice(0, all ? undefined : SHOWN).map((candidate) => {
          const { kind, value, never } = candidate
          const own = blocks.filter((each) => each.kind === kind && each.value === value)
          const open = own.find(({ state }) => state === 'requested' || state === 'approved')
          return (
            <li key={`${kind} ${value}`} className={classes.row}>
              <span className={classes.item}>
                <span className={classes.value}>{visible(value)}</span>
                {open !== undefined && (
                  <span className={classes.meta}>
                    {w(`block.${open.state}`)}, {t('blocks.until')} <Time at={open.expiresAt} />
                  </span>
                )}
              </span>
              {open === undefined && never && <span className={classes.quiet}>{t('blocks.never')}</span>}
              {open === undefined && !never && mayAsk && (
                <Button
                  size="compact-xs"
                  variant="default"
                  className={classes.screen}
                  leftSection={<Icon name="ban" size={13} />}
                  aria-label={t('blocks.ask_for', { value: visible(value) })}
                  onClick={() => setAsking(candidate)}
                >
                  {t('blocks.ask')}
                </Button>
              )}
            </li>
          )
        })}
      </ul>
      {!all && candidates.length > SHOWN && (
        <button type="button" className={classes.more} onClick={() => setAll(true)}>
          {t('observables.more', { n: candidates.length })}
        </button>
      )}
      <Suspense>
        {asking !== null && <BlockDialog id={id} agency={agency} candidate={asking} close={() => setAsking(null)} />}
      </Suspense>
    </Panel>
  )
}
