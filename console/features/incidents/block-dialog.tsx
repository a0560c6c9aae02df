import { Checkbox, NativeSelect, Textarea } from '@mantine/core'
import { useState } from 'react'
import { useAgencies } from '../../api/agencies.ts'
import { request } from '../../api/request.ts'
import { useMe } from '../../api/session.ts'
import { visible } from '../../lib/highlight.ts'
import { FormDialog } from '../../ui/form-dialog.tsx'
import { BlockImpact } from '../../ui/impact.tsx'
import { toast } from '../../ui/toasts.tsx'
import type { Candidate } from './blocks-panel.tsx'
import { t } from './incident-messages.ts'
import { useDeed } from './part.ts'

const DAYS = ['1', '7', '30', '90'] as const

interface BlockDialogProps {
  id: string
  /** Of the incident. */
  agency: string
  candidate: Candidate
  close: () => void
}

/** Asks that firewalls stop something, after a look at who would have been cut off with it. */
export default function BlockDialog({ id, agency, candidate: { kind, value }, close }: BlockDialogProps) {
  const me = useMe()
  const { agencyName } = useAgencies()
  const [reason, setReason] = useState('')
  const [days, setDays] = useState('7')
  const [everywhere, setEverywhere] = useState(false)
  const [busy, setBusy] = useState(false)
  const deed = useDeed(id)
  const send = async (): Promise<void> => {
    if (reason.trim() === '') return
    setBusy(true)
    const body = { kind, value, reason: reason.trim(), days: Number(days), everywhere }
    const done = await deed(request('POST /incidents/{id}/blocks', { params: { id }, body }))
    setBusy(false)
    if (!done) return
    toast(t('blocks.asked'))
    close()
  }
  return (
    <FormDialog
      title={t('blocks.dialog', { value: visible(value) })}
      action={t('blocks.send')}
      size="lg"
      close={close}
      submit={() => void send()}
      isBusy={busy}
    >
      <p>{t('blocks.means', { agency: everywhere ? t('blocks.everywhere_short') : agencyName(agency) })}</p>
      <BlockImpact incidentId={id} kind={kind} value={value} />
      <Textarea
        label={t('blocks.reason')}
        required
        data-autofocus
        rows={2}
        maxLength={1_000}
        value={reason}
        onChange={({ currentTarget }) => setReason(currentTarget.value)}
      />
      <NativeSelect
        label={t('blocks.days')}
        value={days}
        onChange={({ currentTarget }) => setDays(currentTarget.value)}
        data={DAYS.map((n) => ({ value: n, label: t('blocks.n_days', { n: Number(n) }) }))}
      />
      {me.agencies === 'all' && (
        <Checkbox
          label={t('blocks.everywhere')}
          checked={everywhere}
          onChange={({ currentTarget }) => setEverywhere(currentTarget.checked)}
        />
      )}
    </FormDialog>
  )
}
