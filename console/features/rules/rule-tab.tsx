import { useQuery } from '@tanstack/react-query'
import type { Answer } from '../../api/request.ts'
import { number, titled } from '../../lib/language.ts'
import { Columns, Main, Side } from '../../ui/columns.tsx'
import { Panel } from '../../ui/panel.tsx'
import { problemText } from '../../ui/problem.ts'
import { t } from './messages.ts'
import { completenessQuery, sourceOf } from './rule-api.ts'
import { t as r } from './rule-messages.ts'
import classes from './rule.module.css'

type Rule = Answer<'GET /rules/{id}'>

/** What the rule says, and what of its log source came. */
export function RuleTab({ rule }: { rule: Rule }) {
  const { descriptionVi, description = '', triageVi, falsepositives, stats, budget } = rule
  const facts: [label: string, value: string | undefined][] = [
    [t('source'), rule.kind === 'correlation' ? t('correlation') : sourceOf(rule)],
    [r('budget'), budget === undefined ? r('budget.none') : r('budget.is', { n: budget.perDay })],
    [r('owner'), rule.owner],
    [t('author'), rule.author],
    [t('license'), rule.license],
    [t('tags'), rule.tags.join(', ')],
    [t('path'), rule.path],
    [t('id'), rule.id],
    [t('hash'), rule.hash],
    [`${t('evaluated')} (${t('since')})`, stats === undefined ? undefined : number(stats.evaluated)],
    [t('matches'), stats === undefined ? undefined : number(stats.matches)],
    [t('alerts'), stats === undefined ? undefined : number(stats.alerts)],
  ]
  return (
    <Columns>
      <Main>
        {triageVi !== undefined && (
          <Panel title={t('triage')} icon="tasks">
            <p className={classes.prose} lang="vi">
              {triageVi}
            </p>
          </Panel>
        )}
        {(descriptionVi ?? description) !== '' && (
          <Panel title={t('description')} icon="info">
            <p className={classes.prose}>{titled({ title: description, titleVi: descriptionVi ?? description })}</p>
          </Panel>
        )}
        <Panel title={t('text')} icon="rules">
          <pre className={classes.text} tabIndex={0} aria-label={t('text')}>
            {rule.text.split('\n').map((line, index) => (
              <span key={index}>
                <i aria-hidden="true">{index + 1}</i>
                {line}
                {'\n'}
              </span>
            ))}
          </pre>
        </Panel>
      </Main>
      <Side>
        {rule.kind === 'detection' && <Seen id={rule.id} />}
        <Panel title={t('facts')} icon="info">
          <dl className={classes.facts}>
            {facts.map(([label, value = '']) =>
              value === '' ? null : (
                <div key={label}>
                  <dt>{label}</dt>
                  <dd>{value}</dd>
                </div>
              ),
            )}
          </dl>
          {stats !== undefined && stats.withheld > 0 && (
            <p className={classes.quiet}>{r('budget.withheld', { n: stats.withheld })}</p>
          )}
        </Panel>
        {falsepositives.length > 0 && (
          <Panel title={t('falsepositives')} icon="flag">
            <ul className={classes.bullets}>
              {falsepositives.map((text) => (
                <li key={text}>{text}</li>
              ))}
            </ul>
          </Panel>
        )}
      </Side>
    </Columns>
  )
}

/** Whether the rule sees anything. */
function Seen({ id }: { id: string }) {
  const { data, error } = useQuery(completenessQuery(id))
  return (
    <Panel title={t('seen.title')} icon="sources">
      {error !== null && <p role="alert">{problemText(error)}</p>}
      {data !== undefined && (
        <>
          <p className={data.events === 0 ? classes.warn : undefined}>
            {data.events === 0 ? t('seen.none') : t('seen.events', { n: data.events })}
          </p>
          <ul className={classes.bullets}>
            {data.stretches.map(({ what, events }, index) => (
              <li key={index}>
                {number(events)} {t(`what.${what}`)}
              </li>
            ))}
          </ul>
        </>
      )}
    </Panel>
  )
}
