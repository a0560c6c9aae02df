import { Button, Modal, SegmentedControl } from '@mantine/core'
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { addressOf, request } from '../../api/request.ts'
import { Icon } from '../../ui/icon.tsx'
import { problemText } from '../../ui/problem.ts'
import { Time } from '../../ui/time.tsx'
import { t } from './messages.ts'
import { type Asked, type Export, exportsQuery } from './search-api.ts'
import { shown } from './texts.ts'
import classes from './export-dialog.module.css'

const FORMATS = ['ndjson', 'csv', 'parquet'] as const

interface ExportDialogProps {
  asked: Asked
  /** How many events the search means; absent where it gives none. */
  total: number | undefined
  close: () => void
}

/** Starts an export of the search, and shows how far the user's exports are. */
export default function ExportDialog({ asked, total, close }: ExportDialogProps) {
  const [format, setFormat] = useState<(typeof FORMATS)[number]>('csv')
  const client = useQueryClient()
  const { data: files = [], error } = useQuery(exportsQuery())
  const again = (): Promise<void> => client.invalidateQueries({ queryKey: exportsQuery().queryKey })
  const start = useMutation({
    mutationFn: () => request('POST /exports', { body: { ...asked, format } }),
    onSettled: again,
  })
  const failure = start.error ?? error
  return (
    <Modal
      opened
      onClose={close}
      size="lg"
      withCloseButton={false}
      attributes={{ content: { 'aria-label': t('export.title') } }}
    >
      <h2>{t('export.title')}</h2>
      <p>{total === undefined ? t('export.events_only') : t('export.about', { n: total })}</p>
      {total !== undefined && (
        <div className={classes.start}>
          <SegmentedControl
            size="xs"
            aria-label={t('export.format')}
            data={FORMATS.map((value) => ({ value, label: value.toUpperCase() }))}
            value={format}
            onChange={(value) => setFormat(value)}
          />
          <Button
            size="xs"
            leftSection={<Icon name="download" size={15} />}
            disabled={total === 0}
            loading={start.isPending}
            onClick={() => start.mutate()}
          >
            {t('export.start')}
          </Button>
        </div>
      )}
      {failure !== null && (
        <p role="alert" className={classes.failure}>
          {problemText(failure)}
        </p>
      )}
      <h3 className={classes.heading}>{t('export.yours')}</h3>
      {files.length === 0 && <p className={classes.quiet}>{t('export.none')}</p>}
      <ul>
        {files.map((file) => (
          <File key={file.id} file={file} again={again} />
        ))}
      </ul>
    </Modal>
  )
}

function File({ file, again }: { file: Export; again: () => Promise<void> }) {
  const { id, q, format, state, events, total, createdAt } = file
  const remove = useMutation({
    mutationFn: () => request('DELETE /exports/{id}', { params: { id } }),
    onSettled: again,
  })
  return (
    <li className={classes.file}>
      <div className={classes.about}>
        <code className={classes.query}>{shown(q, 200) || '*'}</code>
        <span className={classes.quiet}>
          {format.toUpperCase()} · <Time at={createdAt} /> · {t(`export.${state}`)} ·{' '}
          {t('export.progress', { n: events, total })}
        </span>
        {state === 'running' && (
          <progress
            className={classes.progress}
            value={events}
            max={Math.max(1, total)}
            aria-label={t('export.running')}
          />
        )}
      </div>
      {state === 'done' && (
        <Button
          component="a"
          size="compact-sm"
          href={addressOf('GET /exports/{id}/file', { params: { id } })}
          download={`events-${id}.${format}`}
          leftSection={<Icon name="download" size={14} />}
        >
          {t('export.download')}
        </Button>
      )}
      <Button size="compact-sm" variant="default" loading={remove.isPending} onClick={() => remove.mutate()}>
        {t(state === 'running' ? 'export.cancel' : 'export.delete')}
      </Button>
    </li>
  )
}
