import { Button, Checkbox, Modal, NativeSelect, TextInput, Textarea } from '@mantine/core'
import { keepPreviousData, useQuery, useQueryClient } from '@tanstack/react-query'
import { type FormEvent, type ReactNode, useState } from 'react'
import { useAgencies } from '../api/agencies.ts'
import { useBacktest } from '../api/backtests.ts'
import { type Answer, request } from '../api/request.ts'
import { useMe } from '../api/session.ts'
import { visible } from '../lib/highlight.ts'
import { named, titled } from '../lib/language.ts'
import { BacktestRun } from './backtest.tsx'
import classes from './exception-dialog.module.css'
import { t } from './exception-messages.ts'
import { Failure, Loading } from './states.tsx'
import { toast, toastProblem } from './toasts.tsx'
import { t as w } from './words.ts'

const DAY_MS = 86_400_000
const LIVES = ['7', '30', '90', '365', 'never'] as const
const RANGES = [7, 30, 90] as const
const EVERYWHERE = 'all'

/** What it is made from: an alert, the newest alert of a rule, or a filter that was suggested. */
export type ExceptionSource = { alert: string } | { rule: string } | { filter: string }

interface ExceptionDialogProps {
  from: ExceptionSource
  /** What it is an exception from. */
  rule: { title: string; titleVi?: string | undefined }
  close: () => void
}

/** From noise to the filter that keeps its like out: what it says, what it would have hidden, who answers for it, why, until when. */
export default function ExceptionDialog({ from, rule, close }: ExceptionDialogProps) {
  return (
    <Modal opened onClose={close} size="xl" title={t('title')} closeButtonProps={{ 'aria-label': w('close') }}>
      <p className={classes.means}>{t('means', { rule: visible(titled(rule)) })}</p>
      {'filter' in from ? <Suggested text={from.filter} close={close} /> : <Drafted from={from} close={close} />}
    </Modal>
  )
}

/** A filter that stands; where it holds is still to be chosen. */
function Suggested({ text, close }: { text: string; close: () => void }) {
  const [filter, setFilter] = useState(text)
  return (
    <Form filter={filter} close={close}>
      <Textarea
        label={t('filter')}
        value={filter}
        rows={Math.min(16, text.split('\n').length + 1)}
        spellCheck={false}
        classNames={{ input: classes.written ?? '' }}
        onChange={({ currentTarget }) => setFilter(currentTarget.value)}
      />
    </Form>
  )
}

type Draft = Answer<'POST /exceptions/draft'>

/** A filter on values of an alert, of which some are chosen. */
function Drafted({ from, close }: { from: { alert: string } | { rule: string }; close: () => void }) {
  /** Fields other than those that matched, once somebody chose. */
  const [fields, setFields] = useState<readonly string[] | null>(null)
  const { data, error, refetch } = useQuery({
    queryKey: ['exception-draft', from, fields],
    queryFn: ({ signal }) =>
      request('POST /exceptions/draft', { body: { ...from, ...(fields !== null && { fields: [...fields] }) }, signal }),
    placeholderData: keepPreviousData,
    staleTime: Infinity,
  })
  if (error !== null) return <Failure error={error} retry={() => void refetch()} />
  if (data === undefined) return <Loading />
  const chosen = new Set(fields ?? data.fields.flatMap(({ field, chosen }) => (chosen ? [field] : [])))
  const toggle = (field: string): void => {
    const next = chosen.has(field) ? [...chosen].filter((one) => one !== field) : [...chosen, field]
    if (next.length > 0) setFields(next)
  }
  return (
    <Form filter={data.filter} alert={data.alert} agency={data.agency} close={close}>
      <Fields fields={data.fields} chosen={chosen} toggle={toggle} />
      <pre className={classes.filter} tabIndex={0} aria-label={t('filter')}>
        {visible(data.filter)}
      </pre>
    </Form>
  )
}

interface FieldsProps {
  fields: Draft['fields']
  chosen: ReadonlySet<string>
  toggle: (field: string) => void
}

function Fields({ fields, chosen, toggle }: FieldsProps) {
  return (
    <fieldset className={classes.fields}>
      <legend>{t('fields')}</legend>
      {fields.map(({ field, value, matched }) => (
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
  )
}

interface FormProps {
  filter: string
  alert?: string
  /** Where the alert was; chosen before anybody chooses. */
  agency?: string
  close: () => void
  children: ReactNode
}

/** Around the filter: where it holds, what it would have hidden, and who answers for it, why, until when. */
function Form({ filter, alert, agency, close, children }: FormProps) {
  const client = useQueryClient()
  const { displayName, agencies: own } = useMe()
  const { agencies: known } = useAgencies()
  const run = useBacktest()
  /** What was tried last: another filter or place has not been. */
  const [tried, setTried] = useState('')
  const [place, setPlace] = useState<string>(agency ?? (own === 'all' ? EVERYWHERE : (own[0] ?? '')))
  const [range, setRange] = useState<number>(30)
  const [life, setLife] = useState<(typeof LIVES)[number]>('30')
  const [owner, setOwner] = useState(displayName)
  const [reason, setReason] = useState('')
  const [accepted, setAccepted] = useState(false)
  const [busy, setBusy] = useState(false)
  const agencies = place === EVERYWHERE ? ('all' as const) : [place]
  const isTried = tried === `${place} ${filter}`
  const threats = isTried ? (run.job?.result?.fate.truePositives.incidents ?? 0) : 0
  const isReady = reason.trim() !== '' && owner.trim() !== '' && (threats === 0 || accepted)

  const tryIt = (): void => {
    setTried(`${place} ${filter}`)
    setAccepted(false)
    const since = new Date(Date.now() - range * DAY_MS).toISOString()
    void run.start(() => request('POST /exceptions/dry-run', { body: { filter, agencies, from: since } }))
  }
  const send = async (event: FormEvent): Promise<void> => {
    event.preventDefault()
    if (!isReady) return
    setBusy(true)
    const expiresAt = life === 'never' ? life : new Date(Date.now() + Number(life) * DAY_MS).toISOString()
    const body = {
      filter,
      agencies,
      owner: owner.trim(),
      reason: reason.trim(),
      expiresAt,
      ...(alert !== undefined && { alert }),
    }
    try {
      await request('POST /exceptions', { body })
      void client.invalidateQueries({ queryKey: ['exceptions'] })
      toast(t('done'))
      close()
    } catch (problem) {
      toastProblem(problem)
      setBusy(false)
    }
  }

  return (
    <form className={classes.form} onSubmit={(event) => void send(event)}>
      {children}
      <NativeSelect
        size="xs"
        label={t('where')}
        value={place}
        onChange={({ currentTarget }) => setPlace(currentTarget.value)}
      >
        {own === 'all' && <option value={EVERYWHERE}>{t('everywhere')}</option>}
        {agency !== undefined && !known.some(({ key }) => key === agency) && <option value={agency}>{agency}</option>}
        {known.map(({ key, names }) => (
          <option key={key} value={key}>
            {named(names)}
          </option>
        ))}
      </NativeSelect>
      <section className={classes.trial} aria-label={t('try')}>
        <div className={classes.trialHead}>
          <h3>{t('try')}</h3>
          <NativeSelect
            size="xs"
            aria-label={t('try.range')}
            value={String(range)}
            onChange={({ currentTarget }) => setRange(Number(currentTarget.value))}
            data={RANGES.map((days) => ({ value: String(days), label: t('days', { n: days }) }))}
          />
          <Button size="xs" variant="light" disabled={run.isUnderWay} onClick={tryIt}>
            {t('try.run')}
          </Button>
        </div>
        {isTried || run.isUnderWay ? <BacktestRun run={run} /> : <p className={classes.quiet}>{t('try.not_yet')}</p>}
        {threats > 0 && (
          <Checkbox
            size="xs"
            label={t('accept')}
            checked={accepted}
            onChange={({ currentTarget }) => setAccepted(currentTarget.checked)}
          />
        )}
      </section>
      <div className={classes.answers}>
        <TextInput
          data-autofocus
          size="xs"
          label={t('reason')}
          value={reason}
          maxLength={1_000}
          onChange={({ currentTarget }) => setReason(currentTarget.value)}
        />
        <TextInput
          size="xs"
          label={t('owner')}
          value={owner}
          maxLength={200}
          onChange={({ currentTarget }) => setOwner(currentTarget.value)}
        />
        <NativeSelect
          size="xs"
          label={t('life')}
          value={life}
          onChange={({ currentTarget }) => setLife(currentTarget.value as (typeof LIVES)[number])}
          data={LIVES.map((each) => ({
            value: each,
            label: each === 'never' ? t('never') : t('days', { n: Number(each) }),
          }))}
        />
      </div>
      <div className={classes.buttons}>
        <Button variant="default" onClick={close}>
          {w('cancel')}
        </Button>
        <Button type="submit" loading={busy} disabled={!isReady}>
          {t('create')}
        </Button>
      </div>
    </form>
  )
}
