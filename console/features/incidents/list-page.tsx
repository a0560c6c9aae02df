import { useInfiniteQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { useAgencies } from '../../api/agencies.ts'
import { titled } from '../../lib/language.ts'
import { useAddress } from '../../lib/location.ts'
import { LevelBadge, StateBadge } from '../../ui/badges.tsx'
import { Empty, Failure, Loading } from '../../ui/states.tsx'
import { Ago } from '../../ui/time.tsx'
import { incidentsQuery } from './incident-api.ts'
import { t } from './messages.ts'

export default function ListPage() {
  const [search] = useAddress()
  const { data, error, isPending, refetch } = useInfiniteQuery(incidentsQuery(search))
  const { agencyName } = useAgencies()
  if (isPending) return <Loading />
  if (error !== null) return <Failure error={error} retry={() => void refetch()} />
  const items = data.pages.flatMap((page) => page.items)
  return (
    <>
      <h1>{t('nav')}</h1>
      {items.length === 0 && <Empty title={t('list.empty')} />}
      <ol>
        {items.map((incident) => (
          <li key={incident.id}>
            <Link to="/incidents/$id" params={{ id: incident.id }}>
              <LevelBadge level={incident.level} /> {titled(incident)}
            </Link>{' '}
            <StateBadge state={incident.state} /> {agencyName(incident.agency)} <Ago at={incident.lastEventAt} />
          </li>
        ))}
      </ol>
    </>
  )
}
