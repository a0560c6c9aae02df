import { Button, SegmentedControl } from '@mantine/core'
import { useInfiniteQuery, useQueryClient } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { Suspense, lazy, useState } from 'react'
import { useAgencies } from '../../api/agencies.ts'
import { type Answer, request } from '../../api/request.ts'
import { useMay, useMe } from '../../api/session.ts'
import { visible } from '../../lib/highlight.ts'
import { useAddress } from '../../lib/location.ts'
import { Empty, Failure, Loading } from '../../ui/states.tsx'
import { Table, TableBox } from '../../ui/table.tsx'
import { Time } from '../../ui/time.tsx'
import { t as w } from '../../ui/words.ts'
import classes from './containment.module.css'
import { Frame } from './frame.tsx'
import { t } from './messages.ts'

const DecideDialog = lazy(() => import('./decide-dialog.tsx'))

const SHOWN = ['requested', 'approved', 'all'] as const
const PAGE_SIZE = 100

export type Block = Answer<'GET /blocks'>['items'][number]
export type Verb = 'approve' | 'refuse' | 'lift'

/** What was asked to be blocked, what waits for a second person, what firewalls stop now. */
export default function BlocksPage() {
  const [search, change] = useAddress()
  const show = SHOWN.find((one) => one === search['show']) ?? 'requested'
  const client = useQueryClient()
  const { data, error, isPending, refetch, hasNextPage, isFetchingNextPage, fetchNextPage } = useInfiniteQuery({
    queryKey: ['blocks', show],
    queryFn: ({ pageParam, signal }: { pageParam: string; signal: AbortSignal }) =>
      request('GET /blocks', {
        query: {
          limit: PAGE_SIZE,
          ...(show !== 'all' && { state: show }),
          ...(pageParam !== '' && { cursor: pageParam }),
        },
        signal,
      }),
    initialPageParam: '',
    getNextPageParam: ({ next }) => next,
  })
  const [deciding, setDeciding] = useState<{ block: Block; verb: Verb } | null>(null)
  const blocks = data?.pages.flatMap(({ items }) => items) ?? []
  return (
    <Frame tab="tab.blocks">
      <SegmentedControl
        className={classes.show}
        size="xs"
        aria-label={t('show')}
        value={show}
        onChange={(value) => change({ show: value === 'requested' ? undefined : value })}
        data={SHOWN.map((value) => ({ value, label: t(`show.${value}`) }))}
      />
      {isPending && <Loading />}
      {error !== null && <Failure error={error} retry={() => void refetch()} />}
      {data !== undefined && blocks.length === 0 && (
        <Empty icon="ban" title={t(`empty.${show}`)}>
          {t('empty.hint')}
        </Empty>
      )}
      {blocks.length > 0 && (
        <TableBox label={t('tab.blocks')}>
          <Table heads={[t('value'), t('state'), t('where'), t('why'), t('who'), t('until'), t('acts')]}>
            {blocks.map((block) => (
              <Row key={block.id} block={block} decide={(verb) => setDeciding({ block, verb })} />
            ))}
          </Table>
          {hasNextPage && (
            <Button
              size="xs"
              variant="default"
              className={classes.more}
              loading={isFetchingNextPage}
              onClick={() => void fetchNextPage()}
            >
              {t('more')}
            </Button>
          )}
        </TableBox>
      )}
      <Suspense>
        {deciding !== null && (
          <DecideDialog
            {...deciding}
            close={() => {
              setDeciding(null)
              void client.invalidateQueries({ queryKey: ['blocks'] })
            }}
          />
        )}
      </Suspense>
    </Frame>
  )
}

function Row({ block, decide }: { block: Block; decide: (verb: Verb) => void }) {
  const { name, agencies } = useMe()
  const mayAsk = useMay('containment:request')
  const mayApprove = useMay('containment:approve')
  const { agencyName } = useAgencies()
  const { kind, value, state, everywhere, agency, reason, requestedBy, requestedAt, decidedBy, decidedAt } = block
  const mine = requestedBy === name
  const reaches = !everywhere || agencies === 'all'
  return (
    <tr>
      <th scope="row" className={classes.wide}>
        <span className={classes.value}>{visible(value)}</span>
        <span className={classes.quiet}>{t(`kind.${kind}`)}</span>
      </th>
      <td className={classes[state]}>{w(`block.${state}`)}</td>
      <td className={classes.wide}>
        {everywhere ? t('everywhere') : agencyName(agency)}
        <Link className={classes.quiet} to="/incidents/$id" params={{ id: block.incidentId }}>
          {t('incident')}
        </Link>
      </td>
      <td className={classes.wide}>{visible(reason)}</td>
      <td>
        {t('asked', { name: requestedBy })}{' '}
        <span className={classes.quiet}>
          <Time at={requestedAt} />
        </span>
        {decidedBy !== undefined && decidedAt !== undefined && (
          <>
            {t('decided', { name: decidedBy })}{' '}
            <span className={classes.quiet}>
              <Time at={decidedAt} />
            </span>
          </>
        )}
      </td>
      <td>
        <Time at={block.expiresAt} />
      </td>
      <td className={classes.acts}>
        {state === 'requested' && mayApprove && !mine && reaches && (
          <Button size="compact-xs" onClick={() => decide('approve')}>
            {t('approve')}
          </Button>
        )}
        {state === 'requested' && mayAsk && reaches && (
          <Button size="compact-xs" variant="default" onClick={() => decide('refuse')}>
            {t(mine ? 'withdraw' : 'refuse')}
          </Button>
        )}
        {state === 'approved' && mayAsk && reaches && (
          <Button size="compact-xs" variant="default" onClick={() => decide('lift')}>
            {t('lift')}
          </Button>
        )}
        {state === 'requested' && mine && <span className={classes.quiet}>{t('second.note')}</span>}
      </td>
    </tr>
  )
}
