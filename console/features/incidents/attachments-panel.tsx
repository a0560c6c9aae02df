import { FileButton, Button } from '@mantine/core'
import { useState } from 'react'
import { addressOf, request } from '../../api/request.ts'
import { visible } from '../../lib/highlight.ts'
import { fileSize } from '../../lib/language.ts'
import { Icon } from '../../ui/icon.tsx'
import { Panel } from '../../ui/panel.tsx'
import { problemText } from '../../ui/problem.ts'
import { Time } from '../../ui/time.tsx'
import { t } from './incident-messages.ts'
import { useDeed, usePart } from './part.ts'
import classes from './side.module.css'

/** Files kept with the incident: saved, never opened. */
export default function AttachmentsPanel({ id, mayComment }: { id: string; mayComment: boolean }) {
  const { data, error } = usePart(id, 'attachments', (signal) =>
    request('GET /incidents/{id}/attachments', { params: { id }, signal }),
  )
  const [busy, setBusy] = useState(false)
  const deed = useDeed(id)
  const add = async (file: File | null): Promise<void> => {
    if (file === null) return
    setBusy(true)
    const asked = { params: { id }, query: { name: file.name.slice(0, 200) }, body: file }
    await deed(request('POST /incidents/{id}/attachments', asked))
    setBusy(false)
  }
  return (
    <Panel title={t('files.title')} icon="attach">
      {error !== null && <p role="alert">{problemText(error)}</p>}
      {data?.items.length === 0 && <p className={classes.none}>{t('files.none')}</p>}
      <ul className={classes.list}>
        {data?.items.map((file) => (
          <li key={file.id} className={classes.item}>
            <a
              href={addressOf('GET /incidents/{id}/attachments/{attachment}', { params: { id, attachment: file.id } })}
              download
            >
              {visible(file.name)}
            </a>
            <p className={classes.meta}>
              <span>{fileSize(file.bytes)}</span>
              <span>{file.author}</span>
              <Time at={file.at} />
              <span className={classes.value} title={file.sha256}>
                SHA-256 {file.sha256.slice(0, 12)}…
              </span>
            </p>
          </li>
        ))}
      </ul>
      {mayComment && (
        <div className={classes.form}>
          <FileButton onChange={(file) => void add(file)} inputProps={{ 'aria-label': t('files.add') }}>
            {(props) => (
              <Button
                {...props}
                mt="xs"
                size="compact-sm"
                variant="default"
                loading={busy}
                leftSection={<Icon name="attach" size={14} />}
              >
                {t('files.add')}
              </Button>
            )}
          </FileButton>
          <p className={classes.quiet}>{t('files.hint')}</p>
        </div>
      )}
    </Panel>
  )
}
