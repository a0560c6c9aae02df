import { Button, NativeSelect, TextInput } from '@mantine/core'
import { useInfiniteQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { type Answer, request } from '../../api/request.ts'
import { visible } from '../../lib/highlight.ts'
import { useAddress } from '../../lib/location.ts'
import { Icon } from '../../ui/icon.tsx'
import { Empty, Failure, Loading } from '../../ui/states.tsx'
import { Table, TableBox } from '../../ui/table.tsx'
import { Time } from '../../ui/time.tsx'
import { toastProblem } from '../../ui/toasts.tsx'
import classes from './administration.module.css'
import { detailText, doneText } from './audit-words.ts'
import { t } from './messages.ts'
import { Tabbed } from './tabs.tsx'

type Entry = Answer<'GET /audit'>['items'][number]

const KINDS: readonly Entry['subject']['kind'][] = [
  'incident',
  'user',
  'token',
  'search',
  'rule',
  'exception',
  'registry',
  'dead_letter',
  'job',
  'webhook',
  'indicators',
  'report',
  'handover',
  'hold',
  'partition',
  'integrity',
  'backup',
  'update',
]
const PAGE_SIZE = 100

/** Who did what, when: every entry of the chained history. */
export default function AuditPage() {
  const [search, change] = useAddress()
  const actor = typeof search['actor'] === 'string' ? search['actor'] : ''
  const kind = KINDS.find((known) => known === search['kind'])
  const query = useInfiniteQuery({
    queryKey: ['audit', actor, kind],
    queryFn: ({ pageParam, signal }: { pageParam: string; signal: AbortSignal }) =>
      request('GET /audit', {
        query: {
          limit: PAGE_SIZE,
          ...(actor !== '' && { actor }),
          ...(kind !== undefined && { kind }),
          ...(pageParam !== '' && { cursor: pageParam }),
        },
        signal,
      }),
    initialPageParam: '',
    getNextPageParam: ({ next }) => next,
  })
  const { data, error, isPending, hasNextPage, isFetchingNextPage, fetchNextPage, refetch } = query
  const entries = data?.pages.flatMap(({ items }) => items) ?? []
  return (
    <Tabbed tab="tab.audit" beside={<Verification />}>
      <div className={classes.filters}>
        <TextInput
          size="xs"
          aria-label={t('actor.find')}
          placeholder={t('actor.find')}
          defaultValue={actor}
          onBlur={({ currentTarget: { value } }) => change({ actor: value === '' ? undefined : value })}
          onKeyDown={({ key, currentTarget: { value }, nativeEvent }) => {
            if (key === 'Enter' && !nativeEvent.isComposing) change({ actor: value === '' ? undefined : value })
          }}
        />
        <NativeSelect
          size="xs"
          aria-label={t('kind')}
          value={kind ?? ''}
          onChange={({ currentTarget: { value } }) => change({ kind: value === '' ? undefined : value })}
          data={[{ value: '', label: t('kind.any') }, ...KINDS.map((value) => ({ value, label: t(`kind.${value}`) }))]}
        />
      </div>
      {isPending && <Loading />}
      {error !== null && <Failure error={error} retry={() => void refetch()} />}
      {data !== undefined && entries.length === 0 && <Empty icon="history" title={t('empty')} />}
      {entries.length > 0 && (
        <TableBox label={t('tab.audit')}>
          <Table heads={[t('at'), t('actor'), t('code'), t('subject'), t('detail')]}>
            {entries.map((entry) => (
              <tr key={entry.id}>
                <td>
                  <Time at={entry.at} seconds />
                </td>
                <td>{visible(entry.actor)}</td>
                <td title={entry.code}>{doneText(entry.code)}</td>
                <td className={classes.wide}>
                  {entry.subject.kind === 'incident' ? (
                    <a href={`/incidents/${encodeURIComponent(entry.subject.id)}`}>{entry.subject.id}</a>
                  ) : (
                    visible(`${t(`kind.${entry.subject.kind}`)} ${entry.subject.id}`)
                  )}
                </td>
                <td className={classes.detail}>
                  <Detail entry={entry} />
                </td>
              </tr>
            ))}
          </Table>
          {hasNextPage && (
            <Button
              size="xs"
              variant="default"
              loading={isFetchingNextPage}
              onClick={() => void fetchNextPage()}
              className={classes.more}
            >
              {t('more')}
            </Button>
          )}
        </TableBox>
      )}
    </Tabbed>
  )
}

function Detail({ entry: { params, before, after } }: { entry: Entry }) {
  const written = (held: Readonly<Record<string, unknown>>): string => visible(detailText(held))
  return (
    <>
      {Object.keys(params).length > 0 && <span>{written(params)}</span>}
      {before !== undefined && <span>{t('before', { text: written(before) })}</span>}
      {after !== undefined && <span>{t('after', { text: written(after) })}</span>}
    </>
  )
}

/** Holds every entry against the chain, when asked: it reads all of it. */
function Verification() {
  const [result, setResult] = useState<Answer<'GET /audit/verification'> | null>(null)
  const [busy, setBusy] = useState(false)
  const verify = async (): Promise<void> => {
    setBusy(true)
    await request('GET /audit/verification').then(setResult, toastProblem)
    setBusy(false)
  }
  return (
    <>
      <span role="status" className={result?.ok === false ? classes.bad : classes.good}>
        {result !== null &&
          (result.ok
            ? t('verify.ok', { n: result.entries })
            : t('verify.broken', { id: String(result.broken?.id ?? '') }))}
      </span>
      <Button
        size="xs"
        variant="default"
        loading={busy}
        leftSection={<Icon name="check" size={15} />}
        onClick={() => void verify()}
      >
        {t('verify')}
      </Button>
    </>
  )
}
