import { Button, Modal, TextInput } from '@mantine/core'
import { type FormEvent, useState } from 'react'
import { request } from '../../api/request.ts'
import { toastProblem } from '../../ui/toasts.tsx'
import { t as w } from '../../ui/words.ts'
import type { Alert } from './incident-api.ts'
import { t } from './incident-messages.ts'
import classes from './side.module.css'

interface RevealDialogProps {
  /** Of the alert. */
  id: string
  close: () => void
  revealed: (what: { alert: Alert; reason: string }) => void
}

/** Asks why what is hidden in an alert has to be seen, which goes on record before it is shown. */
export default function RevealDialog({ id, close, revealed }: RevealDialogProps) {
  const [reason, setReason] = useState('')
  const [busy, setBusy] = useState(false)
  const send = async (event: FormEvent): Promise<void> => {
    event.preventDefault()
    setBusy(true)
    try {
      const alert = await request('POST /alerts/{id}/reveal', { params: { id }, body: { reason: reason.trim() } })
      revealed({ alert, reason: reason.trim() })
      close()
    } catch (error) {
      toastProblem(error)
      setBusy(false)
    }
  }
  return (
    <Modal opened onClose={close} title={t('reveal.title')} closeButtonProps={{ 'aria-label': w('close') }}>
      <form className={classes.form} onSubmit={(event) => void send(event)}>
        <p>{t('reveal.means')}</p>
        <TextInput
          label={t('reveal.reason')}
          required
          data-autofocus
          minLength={3}
          maxLength={500}
          value={reason}
          onChange={({ currentTarget }) => setReason(currentTarget.value)}
        />
        <div className={classes.formEnd}>
          <Button variant="default" onClick={close}>
            {w('cancel')}
          </Button>
          <Button type="submit" loading={busy} disabled={reason.trim().length < 3}>
            {t('reveal.send')}
          </Button>
        </div>
      </form>
    </Modal>
  )
}
