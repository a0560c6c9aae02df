import { Button } from '@mantine/core'
import { Link } from '@tanstack/react-router'
import type { Verdict } from '../../../model/incident.ts'
import { request } from '../../api/request.ts'
import { visible } from '../../lib/highlight.ts'
import { titled } from '../../lib/language.ts'
import { VerdictBadge } from '../../ui/badges.tsx'
import { Panel } from '../../ui/panel.tsx'
import { problemText } from '../../ui/problem.ts'
import { Time } from '../../ui/time.tsx'
import { t } from './incident-messages.ts'
import { usePart } from './part.ts'
import classes from './side.module.css'

/** Handled incidents like this one, why they are alike, and what they turned out to be. */
export function SimilarPanel({ id, apply }: { id: string; apply: ((verdict: Verdict) => void) | null }) {
  const { data, error } = usePart(id, 'similar', (signal) =>
    request('GET /incidents/{id}/similar', { params: { id }, query: { limit: 5 }, signal }),
  )
  const suggestion = data?.suggestion
  return (
    <Panel title={t('similar.title')} icon="similar">
      {error !== null && <p role="alert">{problemText(error)}</p>}
      {data?.items.length === 0 && <p className={classes.none}>{t('similar.none')}</p>}
      {suggestion !== undefined && (
        <div className={classes.suggestion}>
          <span>{t('similar.suggestion')}</span>
          <VerdictBadge verdict={suggestion} />
          {apply !== null && (
            <Button size="compact-xs" variant="default" onClick={() => apply(suggestion)}>
              {t('similar.apply')}
            </Button>
          )}
        </div>
      )}
      <ul className={classes.list}>
        {data?.items.map(({ incident, score, sameEntity, sharedRules, sharedObservables }) => (
          <li key={incident.id} className={classes.item}>
            <Link to="/incidents/$id" params={{ id: incident.id }}>
              #{incident.number} {visible(titled(incident))}
            </Link>
            <p className={classes.meta}>
              {incident.verdict !== undefined && <VerdictBadge verdict={incident.verdict} />}
              <span>{t('similar.score', { n: score })}</span>
              {sameEntity && <span>{t('similar.why_entity')}</span>}
              {sharedRules.length > 0 && <span>{t('similar.why_rules', { n: sharedRules.length })}</span>}
              {sharedObservables.length > 0 && (
                <span>{t('similar.why_observables', { n: sharedObservables.length })}</span>
              )}
              <Time at={incident.lastEventAt} />
            </p>
          </li>
        ))}
      </ul>
    </Panel>
  )
}
