import { Button } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { Suspense, lazy, useState } from 'react'
import { type Answer, request } from '../../api/request.ts'
import { useMay } from '../../api/session.ts'
import { visible } from '../../lib/highlight.ts'
import { number } from '../../lib/language.ts'
import type { ExceptionSource } from '../../ui/exception-dialog.tsx'
import { Panel } from '../../ui/panel.tsx'
import { Empty, Failure, Loading } from '../../ui/states.tsx'
import { t } from './rule-messages.ts'
import classes from './rule.module.css'

type Rule = Answer<'GET /rules/{id}'>
type Suggestions = Answer<'GET /rules/{id}/suggestions'>

const PER_DAY = 5
const ExceptionDialog = lazy(() => import('../../ui/exception-dialog.tsx'))

/** What might make the rule quieter, from what people decided; it is for a person to look at and to try. */
export function SuggestionsTab({ rule }: { rule: Rule }) {
  const { id } = rule
  const mayExcept = useMay('exceptions:write')
  const [from, setFrom] = useState<ExceptionSource | null>(null)
  const { data, error, isPending, refetch } = useQuery({
    queryKey: ['rule', id, 'suggestions'],
    queryFn: ({ signal }) =>
      request('GET /rules/{id}/suggestions', { params: { id }, query: { alertsPerDay: PER_DAY }, signal }),
    staleTime: 5 * 60_000,
  })
  if (isPending) return <Loading />
  if (error !== null) return <Failure error={error} retry={() => void refetch()} />
  const { alerts, exceptions, threshold } = data
  return (
    <div className={classes.stack}>
      <p className={classes.prose}>
        {t('suggest.about')} {t('suggest.looked', { n: alerts })}
      </p>
      {mayExcept && (
        <p>
          <Button size="xs" variant="default" onClick={() => setFrom({ rule: id })}>
            {t('suggest.newest')}
          </Button>
        </p>
      )}
      {exceptions.length > 0 && (
        <Panel title={t('suggest.exceptions')} icon="filter">
          <ul>
            {exceptions.map(({ conditions, hides, of, filter }) => (
              <li key={filter} className={classes.candidate}>
                <div>
                  {conditions.map(({ field, value }) => (
                    <p key={field}>
                      <code>
                        {visible(field)}: {visible(value)}
                      </code>
                    </p>
                  ))}
                  <p className={classes.quiet}>
                    {t('suggest.hides', { hidden: hides.noise, noise: of.noise, open: hides.open })}
                  </p>
                </div>
                {mayExcept && (
                  <Button size="xs" onClick={() => setFrom({ filter })}>
                    {t('suggest.use')}
                  </Button>
                )}
              </li>
            ))}
          </ul>
        </Panel>
      )}
      {threshold !== undefined && <Threshold threshold={threshold} />}
      {exceptions.length === 0 && threshold === undefined && (
        <Empty icon="filter" title={t('suggest.none')}>
          {t('suggest.none.hint')}
        </Empty>
      )}
      <Suspense>{from !== null && <ExceptionDialog from={from} rule={rule} close={() => setFrom(null)} />}</Suspense>
    </div>
  )
}

function Threshold({ threshold }: { threshold: NonNullable<Suggestions['threshold']> }) {
  const { now, suggested, days, steps, complete } = threshold
  return (
    <Panel title={t('suggest.threshold')} icon="overview">
      <p>{t('suggest.threshold.now', { now, days: Math.round(days) })}</p>
      {!complete && <p className={classes.warn}>{t('suggest.threshold.partial')}</p>}
      <table className={classes.table}>
        <thead>
          <tr>
            <th scope="col">{t('suggest.threshold.step')}</th>
            <th scope="col" className={classes.number}>
              {t('suggest.threshold.groups')}
            </th>
            <th scope="col" className={classes.number}>
              {t('suggest.threshold.alerts')}
            </th>
          </tr>
        </thead>
        <tbody>
          {steps.map((step) => (
            <tr key={step.threshold}>
              <th scope="row">
                {step.threshold === suggested ? <b>{number(step.threshold)}</b> : number(step.threshold)}
              </th>
              <td className={classes.number}>{number(step.groups)}</td>
              <td className={classes.number}>{number(step.alerts)}</td>
            </tr>
          ))}
        </tbody>
      </table>
      <p>
        {suggested === undefined
          ? t('suggest.threshold.none')
          : t('suggest.threshold.better', { n: suggested, per: PER_DAY })}
      </p>
      <p className={classes.quiet}>{t('suggest.threshold.how')}</p>
    </Panel>
  )
}
