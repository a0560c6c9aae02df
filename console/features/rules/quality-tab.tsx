import { Button } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { type Answer, request } from '../../api/request.ts'
import { number, shortNumber } from '../../lib/language.ts'
import { VerdictBadge } from '../../ui/badges.tsx'
import { Panel } from '../../ui/panel.tsx'
import { Failure, Loading } from '../../ui/states.tsx'
import { Ago } from '../../ui/time.tsx'
import { whyNever } from './coverage-texts.ts'
import { t } from './rule-messages.ts'
import classes from './rule.module.css'

type Rule = Answer<'GET /rules/{id}'>
type Quality = Answer<'GET /rules/{id}/quality'>

/** What speaks for the rule and against it. */
export function QualityTab({ rule, mayTune }: { rule: Rule; mayTune: boolean }) {
  const { id } = rule
  const { data, error, isPending, refetch } = useQuery({
    queryKey: ['rule', id, 'quality'],
    queryFn: ({ signal }) => request('GET /rules/{id}/quality', { params: { id }, signal }),
  })
  if (isPending) return <Loading />
  if (error !== null) return <Failure error={error} retry={() => void refetch()} />
  return (
    <div className={classes.stack}>
      <Figures quality={data} />
      <Panel title={t('quality.standing')} icon="sources">
        <p className={data.standing === 'live' ? undefined : classes.warn}>{t(`standing.${data.standing}`)}</p>
        {data.neverFires !== undefined && <p className={classes.quiet}>{whyNever(data.neverFires)}</p>}
      </Panel>
      <Panel title={t('quality.verdicts')} icon="flag" beside={t('quality.period')}>
        <Verdicts verdicts={data.verdicts} />
      </Panel>
      <Panel title={t('quality.tests')} icon="check">
        {data.tests.positive + data.tests.negative === 0 ? (
          <p className={classes.warn}>{t('quality.tests.none')}</p>
        ) : (
          <p>{t('quality.tests.count', data.tests)}</p>
        )}
      </Panel>
      {mayTune && rule.kind === 'detection' && <Mutation id={id} />}
    </div>
  )
}

function Figures({ quality: { precision, alerts, incidents, lastFired, events, cost } }: { quality: Quality }) {
  return (
    <dl className={classes.tiles}>
      <div className={classes.tile}>
        <dt>{t('quality.precision')}</dt>
        <dd>{precision === null ? '—' : `${shortNumber(precision * 100)} %`}</dd>
        <dd>{t(precision === null ? 'quality.precision.none' : 'quality.precision.of')}</dd>
      </div>
      <div className={classes.tile}>
        <dt>
          {t('quality.alerts')}, {t('quality.period')}
        </dt>
        <dd>{number(alerts)}</dd>
        <dd>{t('quality.incidents', { n: incidents })}</dd>
      </div>
      <div className={classes.tile}>
        <dt>{t('quality.last')}</dt>
        <dd>{lastFired === undefined ? '—' : <Ago at={lastFired} />}</dd>
        {lastFired === undefined && <dd>{t('quality.never')}</dd>}
      </div>
      <div className={classes.tile}>
        <dt>{t('quality.events')}</dt>
        <dd>{events === undefined ? '—' : shortNumber(events)}</dd>
        <dd>{events === undefined ? t('quality.events.none') : t('quality.period')}</dd>
      </div>
      <div className={classes.tile}>
        <dt>{t('quality.cost')}</dt>
        <dd>{cost === undefined ? '—' : t('quality.cost.ns', { ns: shortNumber(cost.nanosPerEvent) })}</dd>
        <dd>{t(cost === undefined ? 'quality.cost.none' : 'quality.cost.per_event')}</dd>
      </div>
    </dl>
  )
}

function Verdicts({ verdicts }: { verdicts: Quality['verdicts'] }) {
  if (verdicts.length === 0) return <p className={classes.quiet}>{t('quality.verdicts.none')}</p>
  return (
    <table className={classes.table}>
      <thead>
        <tr>
          <th scope="col">{t('verdict.column')}</th>
          <th scope="col" className={classes.number}>
            {t('verdict.incidents')}
          </th>
          <th scope="col" className={classes.number}>
            {t('verdict.alerts')}
          </th>
        </tr>
      </thead>
      <tbody>
        {verdicts.map(({ verdict, incidents, alerts }) => (
          <tr key={verdict}>
            <th scope="row">{verdict === null ? t('verdict.none') : <VerdictBadge verdict={verdict} />}</th>
            <td className={classes.number}>{number(incidents)}</td>
            <td className={classes.number}>{number(alerts)}</td>
          </tr>
        ))}
      </tbody>
    </table>
  )
}

/** Takes seconds of the server, so it is asked for. */
function Mutation({ id }: { id: string }) {
  const [asked, setAsked] = useState(false)
  const { data, error, isFetching, refetch } = useQuery({
    queryKey: ['rule', id, 'mutation'],
    queryFn: ({ signal }) => request('GET /rules/{id}/mutation', { params: { id }, signal }),
    enabled: asked,
    staleTime: Infinity,
  })
  return (
    <Panel title={t('mutation')} icon="split">
      <p className={classes.prose}>{t('mutation.about')}</p>
      {error !== null && <Failure error={error} retry={() => void refetch()} />}
      {data === undefined && error === null && (
        <p>
          <Button size="xs" mt={10} variant="default" loading={isFetching} onClick={() => setAsked(true)}>
            {t(isFetching ? 'mutation.running' : 'mutation.run')}
          </Button>
        </p>
      )}
      <div role="status">
        {data !== undefined && (
          <>
            <p>
              <b>
                {data.mutants === 0
                  ? t('mutation.none')
                  : t('mutation.result', { noticed: data.noticed, n: data.mutants })}
              </b>
            </p>
            {data.survivors.length > 0 && (
              <>
                <p className={classes.warn}>{t('mutation.survivors')}</p>
                <ul className={classes.bullets}>
                  {data.survivors.map(({ line, column, dropped }) => (
                    <li key={`${line}:${column}:${dropped}`}>
                      <code>{dropped}</code> <span className={classes.quiet}>{t('mutation.line', { line })}</span>
                    </li>
                  ))}
                </ul>
              </>
            )}
          </>
        )}
      </div>
    </Panel>
  )
}
