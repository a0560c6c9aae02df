import { useQuery } from '@tanstack/react-query'
import { segments, visible } from '../../lib/highlight.ts'
import { titled } from '../../lib/language.ts'
import { useParam } from '../../lib/location.ts'
import { LevelBadge, StateBadge, VerdictBadge } from '../../ui/badges.tsx'
import { Failure, Loading } from '../../ui/states.tsx'
import { Time } from '../../ui/time.tsx'
import { incidentQuery } from './incident-api.ts'

export default function IncidentPage() {
  const { data, error, isPending, refetch } = useQuery(incidentQuery(useParam('id')))
  if (isPending) return <Loading />
  if (error !== null) return <Failure error={error} retry={() => void refetch()} />
  return (
    <article>
      <h1>{titled(data)}</h1>
      <LevelBadge level={data.level} /> <StateBadge state={data.state} />{' '}
      {data.verdict !== undefined && <VerdictBadge verdict={data.verdict} />}
      {data.alerts.map((alert) => (
        <section key={alert.id}>
          <h2>{titled(alert.rule)}</h2>
          <ol>
            {alert.evidence.map(({ record, original, proof, '@timestamp': at }) => (
              <li key={record}>
                <Time at={at} seconds />
                <code dir="ltr">
                  {segments(
                    original,
                    proof.flatMap(({ span }) => (span === undefined ? [] : [span])),
                  ).map(({ text, matched }, index) =>
                    matched ? <mark key={index}>{visible(text)}</mark> : visible(text),
                  )}
                </code>
              </li>
            ))}
          </ol>
        </section>
      ))}
    </article>
  )
}
