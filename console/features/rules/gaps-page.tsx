import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import type { ReactNode } from 'react'
import { type Answer, request } from '../../api/request.ts'
import { number, titled } from '../../lib/language.ts'
import { useTitle } from '../../lib/title.ts'
import type { IconName } from '../../ui/icon.tsx'
import { Panel } from '../../ui/panel.tsx'
import { Failure, Loading } from '../../ui/states.tsx'
import { DAYS } from './coverage.ts'
import { t, whyNever } from './coverage-texts.ts'
import { t as list } from './messages.ts'
import { rulesQuery } from './rule-api.ts'
import rule from './rule.module.css'
import classes from './rules.module.css'
import { Sections } from './sections.tsx'

type Gaps = Answer<'GET /gaps'>

/** What is seen without a rule, and which rules see nothing. */
export default function GapsPage() {
  const { data, error, isPending, refetch } = useQuery({
    queryKey: ['gaps'],
    queryFn: ({ signal }) => request('GET /gaps', { query: { days: DAYS }, signal }),
  })
  useTitle(list('section.gaps'))
  return (
    <div className={classes.long}>
      <Sections />
      <header className={classes.head}>
        <h1>{list('section.gaps')}</h1>
      </header>
      <p className={classes.about}>{t('gaps.about')}</p>
      {isPending && <Loading />}
      {error !== null && <Failure error={error} retry={() => void refetch()} />}
      {data !== undefined && (
        <div className={rule.stack}>
          <Techniques techniques={data.techniques} />
          <Sources gaps={data} />
          <Rules rules={data.rules} />
        </div>
      )}
    </div>
  )
}

interface GapProps {
  title: string
  icon: IconName
  count: number
  /** What is said where there is none. */
  none: string
  columns: readonly string[]
  children: ReactNode
}

function Gap({ title, icon, count, none, columns, children }: GapProps) {
  return (
    <Panel title={title} icon={icon} beside={number(count)}>
      {count === 0 ? (
        <p className={rule.quiet}>{none}</p>
      ) : (
        <div className={rule.scroll} tabIndex={0} role="group" aria-label={title}>
          <table className={rule.table}>
            <thead>
              <tr>
                {columns.map((name) => (
                  <th key={name} scope="col">
                    {name}
                  </th>
                ))}
              </tr>
            </thead>
            <tbody>{children}</tbody>
          </table>
        </div>
      )}
    </Panel>
  )
}

function Techniques({ techniques }: { techniques: Gaps['techniques'] }) {
  return (
    <Gap
      title={t('gaps.techniques')}
      icon="incidents"
      count={techniques.length}
      none={t('gaps.techniques.none')}
      columns={[t('gaps.technique'), t('gaps.incidents')]}
    >
      {techniques.map(({ id, name, incidents }) => (
        <tr key={id}>
          <th scope="row">
            <a href={`/rules/coverage?technique=${id.split('.')[0]}`}>
              {id} {name}
            </a>
          </th>
          <td>{number(incidents)}</td>
        </tr>
      ))}
    </Gap>
  )
}

function Sources({ gaps: { logSources, unrouted } }: { gaps: Gaps }) {
  return (
    <>
      <Gap
        title={t('gaps.sources')}
        icon="sources"
        count={logSources.length}
        none={t('gaps.sources.none')}
        columns={[t('gaps.source'), t('gaps.events')]}
      >
        {logSources.map((source) => (
          <tr key={nameOf(source)}>
            <th scope="row">
              <code>{nameOf(source)}</code>
            </th>
            <td>{number(source.events)}</td>
          </tr>
        ))}
      </Gap>
      {unrouted > 0 && <p className={rule.quiet}>{t('gaps.unrouted', { n: unrouted })}</p>}
    </>
  )
}

function Rules({ rules }: { rules: Gaps['rules'] }) {
  const { data } = useQuery(rulesQuery)
  return (
    <Gap
      title={t('gaps.rules')}
      icon="rules"
      count={rules.length}
      none={t('gaps.rules.none')}
      columns={[t('gaps.rule'), t('gaps.source'), t('gaps.why')]}
    >
      {rules.map(({ id, why, logsource, ...titles }) => {
        const detail = data?.items.find((one) => one.id === id)?.neverFires?.message
        return (
          <tr key={id}>
            <th scope="row">
              <Link to="/rules/$id" params={{ id }}>
                {titled(titles)}
              </Link>
            </th>
            <td>{logsource === undefined ? list('correlation') : <code>{nameOf(logsource)}</code>}</td>
            <td title={detail}>{whyOf(why, detail)}</td>
          </tr>
        )
      })}
    </Gap>
  )
}

function whyOf(code: string, detail: string | undefined): string {
  return code === 'no_events' ? t('gaps.no_events') : whyNever({ code, message: detail ?? code })
}

function nameOf({ product, category, service }: { product?: string; category?: string; service?: string }): string {
  return [product, category, service].filter(Boolean).join(' / ')
}
