import { ADDRESS_FIELDS, DOMAIN_FIELDS, HASH_FIELDS } from '../../detection/indicators/fields.ts'
import type { Block } from '../../store/local/blocks.ts'
import { type Condition, COUNT_SORT, match } from '../../store/query/query.ts'
import type { Scope, Store, TimeRange } from '../../store/store.ts'

/** Of each list of who would have been cut off. */
const NAMED_MAX = 20

export interface Impact {
  events: number
  agencies: Named
  users: Named
  hosts: Named
}

interface Named {
  items: { value: string; count: number }[]
  more: boolean
}

/** What a block would have stopped, as far as it stands in the stored events of the asker's agencies. */
export async function impactOf(
  store: Store,
  block: Pick<Block, 'kind' | 'value'>,
  asked: { scope: Scope; range: TimeRange; signal: AbortSignal },
): Promise<Impact> {
  const where = conditionOf(block)
  const count = async (...by: string[]): Promise<Named> => {
    const aggregation = { kind: 'count', by, top: NAMED_MAX, sort: COUNT_SORT } as const
    const found = await store.aggregate({ ...asked, where, aggregation })
    if (found.kind !== 'count') return { items: [], more: false }
    return {
      items: found.groups.map((group) => ({ value: group.values[0] ?? '', count: group.count })),
      more: found.more,
    }
  }
  const [total] = (await count()).items
  const agencies = await count('soc.agency')
  const users = await count('user.name')
  const hosts = await count('host.name')
  return { events: total?.count ?? 0, agencies, users, hosts }
}

/** Events that go to, or come from, what is blocked. */
function conditionOf({ kind, value }: Pick<Block, 'kind' | 'value'>): Condition {
  const is = (field: string, text: string): Condition => match(field, [{ text }])
  const below = (field: string): Condition => match(field, [{ any: 'run' }, { text: `.${value}` }])
  switch (kind) {
    case 'ip':
      return { kind: 'or', of: ADDRESS_FIELDS.map((field) => is(field, value)) }
    case 'domain':
      return { kind: 'or', of: DOMAIN_FIELDS.flatMap((field) => [is(field, value), below(field)]) }
    case 'hash':
      return { kind: 'or', of: HASH_FIELDS.map((field) => is(field, value)) }
    default: {
      const slash = value.indexOf('/')
      const here: Condition = {
        kind: 'and',
        of: [is('url.domain', value.slice(0, slash).replace(/:\d+$/, '')), is('url.original', value.slice(slash))],
      }
      const whole = ['url.full', 'url.original'].map((field) => match(field, [{ any: 'run' }, { text: `://${value}` }]))
      return { kind: 'or', of: [here, ...whole] }
    }
  }
}
