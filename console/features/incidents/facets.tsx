import { NativeSelect } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { LEVELS } from '../../../model/alert.ts'
import { STATES } from '../../../model/incident.ts'
import { useAgencies } from '../../api/agencies.ts'
import { request } from '../../api/request.ts'
import { useMe } from '../../api/session.ts'
import type { Search } from '../../lib/feature.ts'
import { byAlphabet, named, shortNumber } from '../../lib/language.ts'
import { LevelBadge, StateBadge } from '../../ui/badges.tsx'
import { Check } from '../../ui/check.tsx'
import classes from './facets.module.css'
import { type Filter, toggled } from './filter.ts'
import { t } from './messages.ts'

interface FacetsProps {
  filter: Filter
  search: Search
  change: (to: Search) => void
  /** Users who have some of the incidents shown. */
  assignees: readonly string[]
  /** Counts are asked for only once the list itself is there. */
  counting: boolean
}

/** What the list can be narrowed by, with how many each would leave. */
export function Facets({ filter, search, change, assignees, counting }: FacetsProps) {
  const { agencies } = useAgencies()
  const { name } = useMe()
  const { sort: _sort, ...narrowing } = filter
  const { data: counts } = useQuery({
    queryKey: ['incident-counts', narrowing],
    queryFn: ({ signal }) => request('GET /incidents/counts', { query: narrowing, signal }),
    staleTime: 30_000,
    enabled: counting,
  })
  const others = [...new Set([...assignees, ...(filter.assignee ? [filter.assignee] : [])])]
    .filter((other) => other !== name)
    .sort(byAlphabet)
  return (
    <div className={classes.facets}>
      <fieldset className={classes.facet}>
        <legend>{t('column.level')}</legend>
        {LEVELS.toReversed().map((level) => (
          <Check
            key={level}
            checked={filter.level?.includes(level) ?? false}
            onChange={() => change(toggled(search, 'level', level))}
            label={
              <span className={classes.value}>
                <LevelBadge level={level} />
                <span className={classes.count}>{countText(counts?.levels.find((one) => one.level === level))}</span>
              </span>
            }
          />
        ))}
      </fieldset>
      <fieldset className={classes.facet}>
        <legend>{t('column.state')}</legend>
        {STATES.map((state) => (
          <Check
            key={state}
            checked={filter.state?.includes(state) ?? true}
            onChange={() => change(toggled(search, 'state', state))}
            label={
              <span className={classes.value}>
                <StateBadge state={state} />
                <span className={classes.count}>{countText(counts?.states.find((one) => one.state === state))}</span>
              </span>
            }
          />
        ))}
      </fieldset>
      <NativeSelect
        size="xs"
        label={t('column.agency')}
        value={filter.agency ?? ''}
        onChange={({ currentTarget: { value } }) => change({ agency: value === '' ? undefined : value })}
      >
        <option value="">{t('filter.any_agency')}</option>
        {agencies
          .map(({ key, names }) => ({ key, label: named(names) }))
          .sort((a, b) => byAlphabet(a.label, b.label))
          .map(({ key, label }) => (
            <option key={key} value={key}>
              {label}
            </option>
          ))}
      </NativeSelect>
      <NativeSelect
        size="xs"
        label={t('column.assignee')}
        value={filter.assignee === undefined ? 'any' : `=${filter.assignee}`}
        onChange={({ currentTarget: { value } }) => change({ assignee: value === 'any' ? undefined : value.slice(1) })}
      >
        <option value="any">{t('filter.anyone')}</option>
        <option value={`=${name}`}>{t('filter.me', { name })}</option>
        <option value="=">{t('nobody')}</option>
        {others.map((other) => (
          <option key={other} value={`=${other}`}>
            {other}
          </option>
        ))}
      </NativeSelect>
      <NativeSelect
        size="xs"
        label={t('filter.sort')}
        value={filter.sort}
        onChange={({ currentTarget: { value } }) => change({ sort: value === 'priority' ? undefined : value })}
      >
        <option value="priority">{t('filter.by_priority')}</option>
        <option value="updated">{t('filter.by_update')}</option>
      </NativeSelect>
    </div>
  )
}

/** Empty until it is known. */
function countText(counted: { count: number; isAtLeast?: boolean } | undefined): string {
  return counted === undefined ? '' : `${shortNumber(counted.count)}${counted.isAtLeast === true ? '+' : ''}`
}
