import { Button, Textarea } from '@mantine/core'
import { Suspense, lazy, useState } from 'react'
import { request } from '../../api/request.ts'
import { Icon } from '../../ui/icon.tsx'
import { Panel } from '../../ui/panel.tsx'
import { problemText } from '../../ui/problem.ts'
import { Time } from '../../ui/time.tsx'
import classes from './comments-panel.module.css'
import { t } from './incident-messages.ts'
import { useDeed, usePart } from './part.ts'

const Markdown = lazy(() => import('../../ui/markdown.tsx'))
const CHARS_MAX = 20_000

/** All comments, oldest first. */
async function readComments(id: string, signal: AbortSignal) {
  const items = []
  let after: number | undefined
  do {
    const page = await request('GET /incidents/{id}/comments', {
      params: { id },
      query: { ...(after !== undefined && { after }) },
      signal,
    })
    items.push(...page.items)
    after = page.next
  } while (after !== undefined)
  return items
}

export function CommentsPanel({ id, mayComment }: { id: string; mayComment: boolean }) {
  const { data, error } = usePart(id, 'comments', (signal) => readComments(id, signal))
  return (
    <Panel title={t('comments.title')} icon="comment" beside={data === undefined ? '' : String(data.length)}>
      {error !== null && <p role="alert">{problemText(error)}</p>}
      {data?.length === 0 && <p className={classes.none}>{t('comments.none')}</p>}
      <ol className={classes.comments}>
        {data?.map((comment) => (
          <li key={comment.id} className={classes.comment}>
            <p className={classes.by}>
              <b>{comment.author}</b> <Time at={comment.at} />
            </p>
            <Suspense fallback={<p className={classes.plain}>{comment.body}</p>}>
              <Markdown text={comment.body} />
            </Suspense>
          </li>
        ))}
      </ol>
      {mayComment && <Write id={id} />}
    </Panel>
  )
}

/** What is being written outlives the page: a session that ends, another language, a look at the next incident. */
function Write({ id }: { id: string }) {
  const stored = `vong-gac.comment.${id}`
  const [text, setText] = useState(() => read(stored))
  const [busy, setBusy] = useState(false)
  const deed = useDeed(id)
  const write = (to: string): void => {
    setText(to)
    keep(stored, to)
  }
  const send = async (): Promise<void> => {
    if (text.trim() === '' || busy) return
    setBusy(true)
    const done = await deed(request('POST /incidents/{id}/comments', { params: { id }, body: { body: text } }))
    setBusy(false)
    if (done) write('')
  }
  return (
    <form
      className={classes.write}
      onSubmit={(event) => {
        event.preventDefault()
        void send()
      }}
    >
      <Textarea
        id="comment"
        aria-label={t('comments.write')}
        placeholder={t('comments.write')}
        value={text}
        maxLength={CHARS_MAX}
        rows={text.includes('\n') || text.length > 90 ? 5 : 2}
        onChange={(event) => write(event.currentTarget.value)}
        onKeyDown={(event) => {
          if (event.nativeEvent.isComposing) return
          if (event.key === 'Enter' && (event.ctrlKey || event.metaKey)) void send()
          if (event.key === 'Escape') event.currentTarget.blur()
        }}
      />
      <div className={classes.send}>
        <kbd>{t('comments.send_hint')}</kbd>
        <Button
          type="submit"
          size="xs"
          loading={busy}
          disabled={text.trim() === ''}
          leftSection={<Icon name="comment" size={15} />}
        >
          {t('comments.send')}
        </Button>
      </div>
    </form>
  )
}

function read(key: string): string {
  try {
    return sessionStorage.getItem(key) ?? ''
  } catch {
    return '' // storage is switched off
  }
}

function keep(key: string, text: string): void {
  try {
    if (text === '') sessionStorage.removeItem(key)
    else sessionStorage.setItem(key, text)
  } catch {
    // It holds until the page is left.
  }
}
