import { Button, Textarea } from '@mantine/core'
import { useQuery, useQueryClient } from '@tanstack/react-query'
import { type FormEvent, Suspense, lazy, useState } from 'react'
import { request } from '../../api/request.ts'
import { Panel } from '../../ui/panel.tsx'
import { Failure } from '../../ui/states.tsx'
import { Time } from '../../ui/time.tsx'
import { toast, toastProblem } from '../../ui/toasts.tsx'
import classes from './handover.module.css'
import { t } from './messages.ts'

const Markdown = lazy(() => import('../../ui/markdown.tsx'))

const queryKey = ['handover', 'notes'] as const

/** What shifts told the next, and room to tell it more. */
export function NotesPanel() {
  const client = useQueryClient()
  const { data, error, refetch } = useQuery({
    queryKey,
    queryFn: ({ signal }) => request('GET /handover/notes', { signal }),
    refetchInterval: 60_000,
  })
  const [body, setBody] = useState('')
  const [busy, setBusy] = useState(false)
  const send = async (event: FormEvent): Promise<void> => {
    event.preventDefault()
    if (body.trim() === '') return
    setBusy(true)
    try {
      await request('POST /handover/notes', { body: { body } })
      setBody('')
      toast(t('notes.sent'))
      await client.invalidateQueries({ queryKey })
    } catch (problem) {
      toastProblem(problem)
    }
    setBusy(false)
  }
  return (
    <Panel title={t('notes')} icon="comment">
      {error !== null && <Failure error={error} retry={() => void refetch()} />}
      {data?.items.length === 0 && <p className={classes.none}>{t('notes.none')}</p>}
      <ol className={classes.list}>
        {data?.items.map((note) => (
          <li key={note.id}>
            <span className={classes.meta}>
              <strong>{note.author}</strong> · <Time at={note.at} />
            </span>
            <Suspense>
              <Markdown text={note.body} />
            </Suspense>
          </li>
        ))}
      </ol>
      <form className={classes.form} onSubmit={(event) => void send(event)}>
        <Textarea
          label={t('notes.write')}
          description={t('notes.hint')}
          rows={3}
          maxLength={4_000}
          value={body}
          onChange={({ currentTarget }) => setBody(currentTarget.value)}
          onKeyDown={(event) => {
            if (event.key === 'Enter' && event.ctrlKey && !event.nativeEvent.isComposing) void send(event)
          }}
        />
        <Button type="submit" size="xs" loading={busy} className={classes.send}>
          {t('notes.send')}
        </Button>
      </form>
    </Panel>
  )
}
