import { Button } from '@mantine/core'
import { useInfiniteQuery, useMutation, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { useAgencies } from '../../api/agencies.ts'
import { request } from '../../api/request.ts'
import { useMe } from '../../api/session.ts'
import { visible } from '../../lib/highlight.ts'
import { vietnamTime } from '../../lib/time.ts'
import { problemText } from '../../ui/problem.ts'
import { Empty, Failure, Loading } from '../../ui/states.tsx'
import { Time } from '../../ui/time.tsx'
import { toast } from '../../ui/toasts.tsx'
import { Frame } from './frame.tsx'
import { has, say, t } from './messages.ts'
import { type DeadLetter, deadLettersQuery } from './sources-api.ts'
import frame from './frame.module.css'
import classes from './dead-letters-page.module.css'

/** Records that may be sent again in one request. */
const REPLAY_MAX = 200
const CHARS_MAX = 400

/** Records that became no event, and a way to send them through again. */
export default function DeadLettersPage() {
  const { data, error, refetch, hasNextPage, fetchNextPage, isFetchingNextPage } = useInfiniteQuery(deadLettersQuery())
  const mayReplay = useMe().actions.includes('dead_letters:replay')
  const client = useQueryClient()
  const replay = useMutation({
    mutationFn: (records: string[]) =>
      request('POST /dead-letters/replay', { body: { records }, idempotencyKey: crypto.randomUUID() }),
    onSuccess: ({ replayed }) => toast(t('dead.replayed', { n: replayed })),
    onSettled: () => client.invalidateQueries({ queryKey: deadLettersQuery().queryKey }),
  })
  const letters = data?.pages.flatMap(({ items }) => items) ?? []
  const some = letters.slice(0, REPLAY_MAX).map(({ record }) => record)
  return (
    <Frame>
      <p className={frame.about}>{t('dead.about')}</p>
      {replay.error !== null && (
        <p role="alert" className={classes.failure}>
          {problemText(replay.error)}
        </p>
      )}
      {data === undefined && error === null && <Loading />}
      {error !== null && <Failure error={error} retry={() => void refetch()} />}
      {data !== undefined && letters.length === 0 && (
        <Empty icon="check" title={t('dead.none')}>
          {t('dead.none_hint')}
        </Empty>
      )}
      {mayReplay && letters.length > 0 && (
        <Button size="xs" variant="default" mb="sm" loading={replay.isPending} onClick={() => replay.mutate(some)}>
          {t('dead.replay_all', { n: some.length })}
        </Button>
      )}
      <ul className={classes.letters}>
        {letters.map((letter) => (
          <Letter
            key={letter.record}
            letter={letter}
            {...(mayReplay && { replay: () => replay.mutate([letter.record]) })}
          />
        ))}
      </ul>
      {hasNextPage && (
        <Button size="xs" variant="default" loading={isFetchingNextPage} onClick={() => void fetchNextPage()}>
          {t('dead.more')}
        </Button>
      )}
    </Frame>
  )
}

function Letter({ letter, replay }: { letter: DeadLetter; replay?: () => void }) {
  const { agencyName } = useAgencies()
  const [whole, setWhole] = useState(false)
  const { code, reason, source, agency, receivedAt, bytes } = letter
  const text = textOf(bytes)
  const cut = !whole && text.length > CHARS_MAX
  const key = `dead.code.${code}`
  return (
    <li className={classes.letter}>
      <div className={classes.head}>
        <h2 className={classes.why}>{has(key) ? say(key) : code}</h2>
        <span className={frame.quiet}>{visible(reason)}</span>
        {replay !== undefined && (
          <Button className={classes.again} size="compact-xs" variant="default" onClick={replay}>
            {t('dead.replay')}
          </Button>
        )}
      </div>
      <p className={frame.quiet}>
        <Time at={receivedAt} seconds /> · {agencyName(agency)} · <code>{visible(source)}</code>
      </p>
      <pre
        className={classes.text}
        dir="ltr"
        tabIndex={0}
        role="group"
        aria-label={t('dead.raw', { at: vietnamTime(receivedAt, true) })}
      >
        {visible(cut ? text.slice(0, CHARS_MAX) : text)}
        {cut && '…'}
      </pre>
      {cut && (
        <Button size="compact-xs" variant="default" onClick={() => setWhole(true)}>
          {t('dead.whole', { n: text.length })}
        </Button>
      )}
    </li>
  )
}

/** Bytes that may be anything, as text; what is no UTF-8 shows as `�`. */
function textOf(base64: string): string {
  return new TextDecoder().decode(Uint8Array.from(atob(base64), (character) => character.charCodeAt(0)))
}
