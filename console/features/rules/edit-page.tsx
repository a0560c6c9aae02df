import { useQuery } from '@tanstack/react-query'
import { ruleQuery } from '../../api/rules.ts'
import { useGo, useParam } from '../../lib/location.ts'
import { Failure, Loading } from '../../ui/states.tsx'
import { RuleDesk } from './rule-desk.tsx'

/** A rule that there is. */
export default function EditPage() {
  const id = useParam('id')
  const go = useGo()
  const { data, error, isPending, refetch } = useQuery(ruleQuery(id))
  if (isPending) return <Loading />
  if (error !== null) return <Failure error={error} retry={() => void refetch()} />
  const saved = (): void => go(`/rules/${encodeURIComponent(id)}?tab=versions`)
  return <RuleDesk key={`${id} ${data.hash}`} rule={data} text={data.text} saved={saved} />
}
