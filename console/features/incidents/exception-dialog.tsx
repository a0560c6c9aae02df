import { Button, Checkbox, Modal, NativeSelect, TextInput } from '@mantine/core'
import { keepPreviousData, useQuery } from '@tanstack/react-query'
import { type FormEvent, useState } from 'react'
import { useAgencies } from '../../api/agencies.ts'
import { request } from '../../api/request.ts'
import { useMe } from '../../api/session.ts'
import { visible } from '../../lib/highlight.ts'
import { titled } from '../../lib/language.ts'
import { Failure, Loading } from '../../ui/states.tsx'
import { toast, toastProblem } from '../../ui/toasts.tsx'
import { t as w } from '../../ui/words.ts'
import classes from './exception-dialog.module.css'
import type { Alert } from './incident-api.ts'
import { t } from './incident-messages.ts'

const DAY_MS = 86_400_000
const LIVES = ['7', '30', '90', '365', 'never'] as const

/** From an alert to the filter that keeps its like out: which fields, who answers for it, why, until when. */
export default function ExceptionDialog({ alert, close }: { alert: Alert; close: () => void }) {
  const { displayName } = useMe()
  const { agencyName } = useAgencies()
  /** Fields other than those that matched, once somebody chose. */
  const [fields, setFields] = useState<readonly string[] | null>(null)
  const [life, setLife] = useState<(typeof LIVES)[number]>('30')
  const [owner, setOwner] = useState(displayName)
  const [reason, setReason] = useState('')
  const [busy, setBusy] = useState(false)
  const { data, error, refetch } = useQuery({
    queryKey: ['exception-draft', alert.id, fields],
    queryFn: ({ signal }) =>
      request('POST /exceptions/draft', {
        body: { alert: alert.id, ...(fields !== null && { fields: [...fields] }) },
        signal,
      }),
    placeholderData: keepPreviousData,
    staleTime: Infinity,
  })

  const chosen = new Set(fields ?? data?.fields.flatMap(({ field, chosen }) => (chosen ? [field] : [])))
  const toggle = (field: string): void => {
    const next = chosen.has(field) ? [...chosen].filter((one) => one !== field) : [...chosen, field]
    if (next.length > 0) setFields(next)
  }
  const send = async (event: FormEvent): Promise<void> => {
    event.preventDefault()
    if (data === undefined || reason.trim() === '' || owner.trim() === '') return
    setBusy(true)
    const expiresAt = life === 'never' ? life : new Date(Date.now() + Number(life) * DAY_MS).toISOString()
    const body = {
      filter: data.filter,
      agencies: [data.agency],
      owner: owner.trim(),
      reason: reason.trim(),
      expiresAt,
      alert: alert.id,
    }
    try {
      await request('POST /exceptions', { body })
      toast(t('exception.done'))
      close()
    } catch (problem) {
      toastProblem(problem)
      setBusy(false)
    }
  }

  return (
    <Modal
      opened
      onClose={close}
      size="xl"
      title={t('exception.title')}
      closeButtonProps={{ 'aria-label': w('close') }}
    >
      {error !== null && <Failure error={error} retry={() => void refetch()} />}
      {data === undefined && error === null && <Loading />}
      {data !== undefined && (
        <form className={classes.form} onSubmit={(event) => void send(event)}>
          <p>{t('exception.means', { rule: visible(titled(alert.rule)), agency: agencyName(data.agency) })}</p>
          <fieldset className={classes.fields}>
            <legend>{t('exception.fields')}</legend>
            {data.fields.map(({ field, value, matched }) => (
              <Checkbox
                key={field}
                size="xs"
                checked={chosen.has(field)}
                onChange={() => toggle(field)}
                label={
                  <code>
                    {visible(field)}: {matched ? <mark>{visible(value)}</mark> : visible(value)}
                  </code>
                }
              />
            ))}
          </fieldset>
          <pre className={classes.filter} tabIndex={0} aria-label={t('exception.filter')}>
            {visible(data.filter)}
          </pre>
          <div className={classes.answers}>
            <TextInput
              autoFocus
              size="xs"
              label={t('exception.reason')}
              value={reason}
              maxLength={1_000}
              onChange={(event) => setReason(event.currentTarget.value)}
            />
            <TextInput
              size="xs"
              label={t('exception.owner')}
              value={owner}
              maxLength={200}
              onChange={(event) => setOwner(event.currentTarget.value)}
            />
            <NativeSelect
              size="xs"
              label={t('exception.life')}
              value={life}
              onChange={(event) => setLife(event.currentTarget.value as (typeof LIVES)[number])}
            >
              {LIVES.map((each) => (
                <option key={each} value={each}>
                  {each === 'never' ? t('exception.never') : t('exception.days', { n: Number(each) })}
                </option>
              ))}
            </NativeSelect>
          </div>
          <div className={classes.buttons}>
            <Button variant="default" onClick={close}>
              {w('cancel')}
            </Button>
            <Button type="submit" loading={busy} disabled={reason.trim() === '' || owner.trim() === ''}>
              {t('exception.create')}
            </Button>
          </div>
        </form>
      )}
    </Modal>
  )
}
