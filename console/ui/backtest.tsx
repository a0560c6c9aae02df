import { Button } from '@mantine/core'
import type { ReactNode } from 'react'
import { useAgencies } from '../api/agencies.ts'
import type { BacktestResult, useBacktest } from '../api/backtests.ts'
import { visible } from '../lib/highlight.ts'
import { number, shortNumber, titled } from '../lib/language.ts'
import { t } from './backtest-messages.ts'
import classes from './backtest.module.css'
import { LevelBadge, StateBadge, VerdictBadge } from './badges.tsx'
import { LogText } from './log-text.tsx'
import { problemText } from './problem.ts'
import { Time } from './time.tsx'
import { kindOf } from './words.ts'

type Incidents = BacktestResult['appear']
type Incident = Incidents['items'][number]
type Alert = Incident['evidence']['gone'][number]

/** How far a backtest is, a way to end it, and what came of it. */
export function BacktestRun({ run: { job, error, isUnderWay, cancel } }: { run: ReturnType<typeof useBacktest> }) {
  const { progress = { done: 0, of: 1, read: 0, matched: 0 } } = job ?? {}
  const share = progress.of === 0 ? 0 : progress.done / progress.of
  return (
    <div className={classes.run}>
      {isUnderWay && (
        <div className={classes.progress}>
          <progress max={1} value={share} aria-label={t('progress')} />
          <span role="status">
            {job?.state === 'waiting'
              ? t('waiting')
              : t('running', {
                  percent: Math.floor(share * 100),
                  read: shortNumber(progress.read),
                  matched: shortNumber(progress.matched),
                })}
          </span>
          <Button size="compact-sm" variant="default" onClick={cancel}>
            {t('stop')}
          </Button>
        </div>
      )}
      {error !== null && (
        <p role="alert" className={classes.bad}>
          {problemText(error)}
        </p>
      )}
      {job?.state === 'failed' && (
        <p role="alert" className={classes.bad}>
          {t('failed', { why: job.reason ?? '' })}
        </p>
      )}
      {job?.state === 'cancelled' && <p role="status">{t('cancelled')}</p>}
      {job?.state === 'done' && job.result !== undefined && <Result kind={job.kind} result={job.result} />}
    </div>
  )
}

function Result({ kind, result }: { kind: 'rules' | 'exception'; result: BacktestResult }) {
  const { fate, appear, vanish, change, unchanged, read, matched, incomplete, problems, rules } = result
  const { truePositives } = fate
  return (
    <section className={classes.result} aria-label={t('result')} data-testid="backtest-result">
      <p className={classes.sentence} role="status">
        {kind === 'exception'
          ? t('hides', { alerts: number(fate.alerts), incidents: number(fate.total) })
          : t('changes', { appear: appear.total, vanish: vanish.total, change: change.total })}{' '}
        <b className={truePositives.incidents > 0 ? classes.bad : classes.good}>
          {truePositives.incidents > 0 ? t('threats', { n: truePositives.incidents }) : t('no_threats')}
        </b>
      </p>
      {incomplete !== undefined && <p className={classes.warn}>{t(`incomplete.${incomplete}`)}</p>}
      <p className={classes.quiet}>{t('read', { read: number(read), matched: number(matched), unchanged })}</p>
      {problems.length > 0 && (
        <ul className={classes.problems}>
          {problems.map(({ path, line, column, severity, message }, index) => (
            <li key={index} className={severity === 'error' ? classes.bad : classes.warn}>
              <code>
                {path}:{line}:{column}
              </code>{' '}
              {visible(message)}
            </li>
          ))}
        </ul>
      )}
      {fate.incidents.length > 0 && <Fate fate={fate} />}
      <Told heading={t('appear', { n: appear.total })} incidents={appear} kind="appear" />
      <Told heading={t('vanish', { n: vanish.total })} incidents={vanish} kind="vanish" />
      <Told heading={t('change', { n: change.total })} incidents={change} kind="change" />
      {rules.length > 0 && <Rules rules={rules} />}
    </section>
  )
}

/** Where the alerts that would be gone stand today, what was real first. */
function Fate({ fate: { incidents, total } }: { fate: BacktestResult['fate'] }) {
  const { agencyName } = useAgencies()
  const rank = ({ verdict }: (typeof incidents)[number]): number => (verdict === 'true_positive' ? 0 : 1)
  return (
    <>
      <h3>{t('fate')}</h3>
      <ul className={classes.fates}>
        {incidents
          .toSorted((a, b) => rank(a) - rank(b))
          .map(({ id, number: no, state, verdict, agency, gone, alerts, ...incident }) => (
            <li key={id}>
              <a href={`/incidents/${encodeURIComponent(id)}`} target="_blank" rel="noopener">
                #{no} {visible(titled(incident))}
              </a>
              <span className={classes.facts}>
                {verdict === undefined ? <StateBadge state={state} /> : <VerdictBadge verdict={verdict} />}
                <span>{t('fate.gone', { gone, alerts })}</span>
                <span>{agencyName(agency)}</span>
              </span>
            </li>
          ))}
      </ul>
      {total > incidents.length && <p className={classes.quiet}>{t('more', { n: total - incidents.length })}</p>}
    </>
  )
}

function Told({ heading, incidents, kind }: { heading: string; incidents: Incidents; kind: string }) {
  const { agencyName } = useAgencies()
  if (incidents.total === 0) return null
  return (
    <>
      <h3>{heading}</h3>
      <ul className={classes.incidents} data-kind={kind}>
        {incidents.items.map((incident, index) => {
          const { level, agency, entity, alerts, was, firstEventAt, evidence } = incident
          return (
            <li key={index}>
              <details>
                <summary>
                  <LevelBadge level={level} /> <b>{visible(titled(incident))}</b>{' '}
                  <span className={classes.quiet}>
                    {kindOf(entity.kind)} {visible(entity.value)} · {agencyName(agency)} · <Time at={firstEventAt} /> ·{' '}
                    {t('alerts', { before: alerts.before, after: alerts.after })}
                  </span>
                  {was !== undefined && was.level !== level && <LevelWas level={was.level} />}
                </summary>
                <Alerts heading={t('alerts.new')} alerts={evidence.new} />
                <Alerts heading={t('alerts.gone')} alerts={evidence.gone} />
                <Alerts heading={t('alerts.changed')} alerts={evidence.changed} />
              </details>
            </li>
          )
        })}
      </ul>
      {incidents.total > incidents.items.length && (
        <p className={classes.quiet}>{t('more', { n: incidents.total - incidents.items.length })}</p>
      )}
    </>
  )
}

function LevelWas({ level }: { level: Incident['level'] }): ReactNode {
  return (
    <span className={classes.quiet}>
      {' '}
      {t('was')} <LevelBadge level={level} />
    </span>
  )
}

function Alerts({ heading, alerts }: { heading: string; alerts: readonly Alert[] }) {
  if (alerts.length === 0) return null
  return (
    <>
      <h4>{heading}</h4>
      <ul className={classes.alerts}>
        {alerts.map(({ id, rule, evidence, ...alert }) => (
          <li key={id}>
            <p>
              <Time at={alert['@timestamp']} seconds /> · {visible(titled(rule))} · {t('lines', { n: alert.count })}
            </p>
            {evidence.map(({ record, original }) => (
              <LogText key={record} text={original} />
            ))}
          </li>
        ))}
      </ul>
    </>
  )
}

function Rules({ rules }: { rules: BacktestResult['rules'] }) {
  return (
    <details className={classes.rules}>
      <summary>{t('rules', { n: rules.length })}</summary>
      <ul>
        {rules.map(({ id, alerts, hidden, ...rule }) => (
          <li key={id}>
            {visible(titled(rule))}: {t('rules.alerts', { before: alerts.before, after: alerts.after })}
            {hidden.after !== hidden.before && `, ${t('rules.hidden', { before: hidden.before, after: hidden.after })}`}
          </li>
        ))}
      </ul>
    </details>
  )
}
