import { Button } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { useAgencies } from '../../api/agencies.ts'
import { type Answer, request } from '../../api/request.ts'
import { visible } from '../../lib/highlight.ts'
import { number, shortNumber } from '../../lib/language.ts'
import { LogText } from '../../ui/log-text.tsx'
import { Panel } from '../../ui/panel.tsx'
import { Empty, Failure, Loading } from '../../ui/states.tsx'
import { Time } from '../../ui/time.tsx'
import { kindOf } from '../../ui/words.ts'
import { t } from './rule-messages.ts'
import classes from './rule.module.css'

type Rule = Answer<'GET /rules/{id}'>
type Shadow = Answer<'GET /rules/{id}/shadow'>

const DAYS = 7

/** What the rule raised in shadow: whether it is fit to be live. */
export function ShadowTab({ rule: { id, state }, promote }: { rule: Rule; promote: (() => void) | null }) {
  const { data, error, isPending, refetch } = useQuery({
    queryKey: ['rule', id, 'shadow'],
    queryFn: ({ signal }) => request('GET /rules/{id}/shadow', { params: { id }, query: { days: DAYS }, signal }),
  })
  if (isPending) return <Loading />
  if (error !== null) return <Failure error={error} retry={() => void refetch()} />
  const { days, entities, alerts } = data
  const total = days.reduce((sum, day) => sum + day.alerts - day.withdrawn, 0)
  return (
    <div className={classes.stack}>
      <p className={classes.acts}>
        {t(state === 'shadow' ? 'shadow.now' : 'shadow.not')}
        {state === 'shadow' && promote !== null && (
          <Button size="compact-sm" onClick={promote}>
            {t('shadow.promote')}
          </Button>
        )}
      </p>
      {days.length === 0 && <Empty icon="eye" title={t('shadow.none')} />}
      {days.length > 0 && (
        <>
          <Panel
            title={t('shadow.by_day')}
            icon="overview"
            beside={t('shadow.per_day', { n: shortNumber(total / DAYS) })}
          >
            <Days days={days} />
          </Panel>
          <Panel title={t('shadow.entities')} icon="host">
            <Entities entities={entities} />
          </Panel>
          <Panel title={t('shadow.newest')} icon="alert">
            <ul className={classes.alerts}>
              {alerts.map((alert) => (
                <li key={alert.id}>
                  <details>
                    <summary>
                      <Time at={alert['@timestamp']} seconds /> ·{' '}
                      {alert.entities.map(({ value }) => visible(value)).join(', ')} ·{' '}
                      {t('evidence.of', { n: alert.count })}
                    </summary>
                    <ol>
                      {alert.evidence.map(({ record, original, proof }) => (
                        <li key={record}>
                          <LogText
                            text={original}
                            spans={proof.flatMap(({ span }) => (span === undefined ? [] : [span]))}
                          />
                        </li>
                      ))}
                    </ol>
                  </details>
                </li>
              ))}
            </ul>
          </Panel>
        </>
      )}
    </div>
  )
}

function Days({ days }: { days: Shadow['days'] }) {
  return (
    <table className={classes.table}>
      <thead>
        <tr>
          <th scope="col">{t('shadow.day')}</th>
          <th scope="col" className={classes.number}>
            {t('shadow.alerts')}
          </th>
          <th scope="col" className={classes.number}>
            {t('shadow.withdrawn')}
          </th>
        </tr>
      </thead>
      <tbody>
        {days.map(({ day, alerts, withdrawn }) => (
          <tr key={day}>
            <th scope="row">{day.split('-').reverse().join('/')}</th>
            <td className={classes.number}>{number(alerts)}</td>
            <td className={classes.number}>{number(withdrawn)}</td>
          </tr>
        ))}
      </tbody>
    </table>
  )
}

function Entities({ entities }: { entities: Shadow['entities'] }) {
  const { agencyName } = useAgencies()
  return (
    <div className={classes.scroll} tabIndex={0} role="group" aria-label={t('shadow.entities')}>
      <table className={classes.table}>
        <thead>
          <tr>
            <th scope="col">{t('shadow.entity')}</th>
            <th scope="col">{t('shadow.agency')}</th>
            <th scope="col" className={classes.number}>
              {t('shadow.alerts')}
            </th>
          </tr>
        </thead>
        <tbody>
          {entities.map(({ agency, kind, value, alerts }) => (
            <tr key={`${agency} ${kind} ${value}`}>
              <th scope="row">{kind === '' ? t('shadow.rest') : `${kindOf(kind)} ${visible(value)}`}</th>
              <td>{agencyName(agency)}</td>
              <td className={classes.number}>{number(alerts)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  )
}
