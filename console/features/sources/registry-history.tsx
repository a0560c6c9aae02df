import { Button } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { request } from '../../api/request.ts'
import { visible } from '../../lib/highlight.ts'
import { Diff } from '../../ui/diff.tsx'
import { Failure, Loading } from '../../ui/states.tsx'
import { Time } from '../../ui/time.tsx'
import frame from './frame.module.css'
import { t } from './registry-messages.ts'
import classes from './registry.module.css'

/** Every registry that was in force: who changed it, when and why, and what each has that the one before had not. */
export function History() {
  const { data, error, isPending, refetch } = useQuery({
    queryKey: ['registry', 'revisions'],
    queryFn: ({ signal }) => request('GET /registry/revisions', { signal }),
  })
  const [open, setOpen] = useState<number | null>(null)
  if (isPending) return <Loading />
  if (error !== null) return <Failure error={error} retry={() => void refetch()} />
  return (
    <ol className={classes.history}>
      {data.items.map(({ number, at, seq, by, why }, index) => (
        <li key={number}>
          <b>{t('history.number', { n: number })}</b>{' '}
          {index === 0 && <span className={frame.quiet}>({t('history.now')})</span>}
          <p className={frame.quiet}>
            <Time at={at} seconds /> · {by === '' ? t('history.by_hand') : by} ·{' '}
            {t('history.seq', { seq: String(seq) })}
          </p>
          <p>{why === '' ? <i>{t('history.no_why')}</i> : visible(why)}</p>
          {number > 1 && (
            <Button
              size="compact-xs"
              variant="default"
              aria-expanded={open === number}
              onClick={() => setOpen(open === number ? null : number)}
            >
              {t('history.diff', { n: number })}
            </Button>
          )}
          {open === number && <Difference number={number} />}
        </li>
      ))}
    </ol>
  )
}

function Difference({ number }: { number: number }) {
  const { data, error, isPending, refetch } = useQuery({
    queryKey: ['registry', 'diff', number],
    queryFn: ({ signal }) => request('GET /registry/diff', { query: { from: number - 1, to: number }, signal }),
  })
  if (isPending) return <Loading />
  if (error !== null) return <Failure error={error} retry={() => void refetch()} />
  if (data.hunks.length === 0) return <p>{t('history.same')}</p>
  return <Diff hunks={data.hunks} label={t('history.diff', { n: number })} />
}
