import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { ruleQuery } from '../../api/rules.ts'
import { number, titled } from '../../lib/language.ts'
import { useParam } from '../../lib/location.ts'
import { useTitle } from '../../lib/title.ts'
import { LevelBadge } from '../../ui/badges.tsx'
import { Columns, Main, Side } from '../../ui/columns.tsx'
import { Icon } from '../../ui/icon.tsx'
import { Panel } from '../../ui/panel.tsx'
import { problemText } from '../../ui/problem.ts'
import { Failure, Loading } from '../../ui/states.tsx'
import { Mark } from './list-page.tsx'
import { t } from './messages.ts'
import { completenessQuery, sourceOf } from './rule-api.ts'
import classes from './rules.module.css'

export default function RulePage() {
  const id = useParam('id')
  const { data, error, isPending, refetch } = useQuery(ruleQuery(id))
  useTitle(data === undefined ? t('nav') : titled(data))
  if (isPending) return <Loading />
  if (error !== null) return <Failure error={error} retry={() => void refetch()} />
  const { descriptionVi, description = '', triageVi, falsepositives, stats } = data
  const facts: [label: string, value: string | undefined][] = [
    [t('source'), data.kind === 'correlation' ? t('correlation') : sourceOf(data)],
    [t('author'), data.author],
    [t('license'), data.license],
    [t('tags'), data.tags.join(', ')],
    [t('path'), data.path],
    [t('id'), data.id],
    [t('hash'), data.hash],
    [`${t('evaluated')} (${t('since')})`, stats === undefined ? undefined : number(stats.evaluated)],
    [t('matches'), stats === undefined ? undefined : number(stats.matches)],
    [t('alerts'), stats === undefined ? undefined : number(stats.alerts)],
  ]
  return (
    <article className={classes.rule}>
      <Link to="/rules" className={classes.back}>
        <Icon name="left" size={15} /> {t('back')}
      </Link>
      <header className={classes.ruleHead}>
        <h1>{titled(data)}</h1>
        <p>
          <LevelBadge level={data.level} /> <Mark rule={data} />{' '}
          <a href={`/incidents?q=${encodeURIComponent(titled(data))}`}>{t('incidents')}</a>
        </p>
      </header>
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
              {data.text.split('\n').map((line, index) => (
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
          {data.kind === 'detection' && <Seen id={data.id} />}
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
    </article>
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
          <p className={data.events === 0 ? classes.off : undefined}>
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
