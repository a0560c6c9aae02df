import { Button } from '@mantine/core'
import { useQueryClient } from '@tanstack/react-query'
import { useEffect, useEffectEvent, useRef, useState } from 'react'
import { request } from '../../api/request.ts'
import type { QueryError } from '../../../store/query/lexer.ts'
import { Icon } from '../../ui/icon.tsx'
import type { Editor } from './editor.ts'
import { say, t } from './messages.ts'
import { fieldNamesQuery } from './search-api.ts'
import classes from './query-bar.module.css'

interface QueryBarProps {
  /** As it was last run. */
  q: string
  running: boolean
  run: (q: string) => void
  stop: () => void
  /** The reader writes on. */
  typed: () => void
  /** Called with a way to put the cursor there. */
  ready: (focus: () => void) => void
}

/** How long somebody is left in peace before an unfinished query is called wrong. */
const PATIENCE_MS = 900

/** The query, with completion, and what is wrong with it where it is wrong. */
export function QueryBar({ q, running, run, stop, typed, ready }: QueryBarProps) {
  const host = useRef<HTMLDivElement>(null)
  const editor = useRef<Editor | null>(null)
  const text = useRef(q)
  const [error, setError] = useState<QueryError | null>(null)
  const patience = useRef<ReturnType<typeof setTimeout>>(undefined)
  const client = useQueryClient()

  const changed = useEffectEvent((to: string, wrong: QueryError | null, byReader: boolean) => {
    if (byReader) typed()
    text.current = to
    clearTimeout(patience.current)
    if (wrong === null) setError(null)
    else patience.current = setTimeout(() => setError(wrong), PATIENCE_MS)
  })
  const submit = useEffectEvent((to: string) => run(to.trim()))
  const escape = useEffectEvent(() => stop())
  const mounted = useEffectEvent((focus: () => void) => ready(focus))

  useEffect(() => {
    let gone = false
    const mount = async (): Promise<void> => {
      const { mountEditor, errorOf } = await import('./editor.ts')
      if (gone || host.current === null) return
      editor.current = mountEditor(host.current, {
        text: text.current,
        label: t('query'),
        hint: t('query.placeholder'),
        kinds: { field: t('choice.field'), value: t('choice.value'), word: t('choice.word') },
        run: (to) => submit(to),
        stop: () => escape(),
        changed: (to, wrong, byReader) => changed(to, wrong, byReader),
        fields: () => client.fetchQuery(fieldNamesQuery()),
        values: async (field, prefix, signal) => {
          const { items } = await request('GET /events/values', { query: { field, prefix }, signal })
          return items.map(({ value }) => value)
        },
      })
      mounted(() => editor.current?.focus())
      setError(errorOf(text.current))
    }
    void mount()
    return () => {
      gone = true
      clearTimeout(patience.current)
      editor.current?.destroy()
      editor.current = null
    }
  }, [client])

  useEffect(() => {
    text.current = q
    editor.current?.set(q)
  }, [q])

  return (
    <div className={classes.bar}>
      <div className={classes.line}>
        <Icon name="search" size={17} className={classes.icon} />
        <div ref={host} className={classes.editor} data-editor="query" />
        {running ? (
          <Button size="xs" variant="default" onClick={stop} leftSection={<Icon name="close" size={14} />}>
            {t('stop')}
          </Button>
        ) : (
          <Button size="xs" onClick={() => run(text.current.trim())}>
            {t('run')}
          </Button>
        )}
      </div>
      <p className={classes.error} role="status">
        {error !== null &&
          t('query.error', { from: error.position + 1, to: error.end, why: say(`query_error.${error.code}`) })}
      </p>
    </div>
  )
}
