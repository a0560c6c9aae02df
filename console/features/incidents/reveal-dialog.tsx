import { TextInput } from '@mantine/core'
import { useState } from 'react'
import { request } from '../../api/request.ts'
import { FormDialog } from '../../ui/form-dialog.tsx'
import { toastProblem } from '../../ui/toasts.tsx'
import type { Alert } from './incident-api.ts'
import { t } from './incident-messages.ts'

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
  const send = async (): Promise<void> => {
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
    <FormDialog
      title={t('reveal.title')}
      action={t('reveal.send')}
      close={close}
      submit={() => void send()}
      isIncomplete={reason.trim().length < 3}
      isBusy={busy}
    >
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
    </FormDialog>
  )
}
