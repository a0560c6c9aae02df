import { NativeSelect } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { useAddress } from '../../lib/location.ts'
import { valuesOf } from '../../lib/search-parameters.ts'
import { useTitle } from '../../lib/title.ts'
import { Empty, Failure, Loading } from '../../ui/states.tsx'
import { t } from './exception-texts.ts'
import { STATES, exceptionsQuery } from './exceptions-api.ts'
import { ExceptionList } from './exceptions-table.tsx'
import { t as list } from './messages.ts'
import classes from './rules.module.css'
import { Sections } from './sections.tsx'

/** Every exception: who answers for it, until when, and what it hid. */
export default function ExceptionsPage() {
  const [search, change] = useAddress()
  const { data, error, isPending, refetch } = useQuery(exceptionsQuery())
  useTitle(list('section.exceptions'))
  const state = STATES.find((known) => known === valuesOf(search, 'state')[0])
  const items = data?.items.filter((one) => state === undefined || one.state === state) ?? []
  return (
    <div className={classes.long}>
      <Sections />
      <header className={classes.head}>
        <h1>{list('section.exceptions')}</h1>
        <NativeSelect
          size="xs"
          aria-label={t('filter')}
          value={state ?? ''}
          onChange={({ currentTarget: { value } }) => change({ state: value === '' ? undefined : value })}
          data={[
            { value: '', label: t('state.all') },
            ...STATES.map((each) => ({ value: each, label: t(`state.${each}`) })),
          ]}
        />
      </header>
      <p className={classes.about}>{t('about')}</p>
      {isPending && <Loading />}
      {error !== null && <Failure error={error} retry={() => void refetch()} />}
      {data !== undefined && items.length === 0 && (
        <Empty icon="filter" title={t(data.items.length === 0 ? 'none' : 'none.fit')}>
          {data.items.length === 0 ? t('none.hint') : undefined}
        </Empty>
      )}
      {items.length > 0 && <ExceptionList items={items} />}
    </div>
  )
}
