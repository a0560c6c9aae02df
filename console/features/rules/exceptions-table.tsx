import { Button, NativeSelect, TextInput } from '@mantine/core'
import { useQuery, useQueryClient } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { useState } from 'react'
import { useAgencies } from '../../api/agencies.ts'
import { request } from '../../api/request.ts'
import { useMay } from '../../api/session.ts'
import { visible } from '../../lib/highlight.ts'
import { number, titled } from '../../lib/language.ts'
import { FormDialog } from '../../ui/form-dialog.tsx'
import { Empty, Failure, Loading } from '../../ui/states.tsx'
import { Ago, Time } from '../../ui/time.tsx'
import { toast, toastProblem } from '../../ui/toasts.tsx'
import { t } from './exception-texts.ts'
import { type Exception, byNeed, exceptionsQuery } from './exceptions-api.ts'
import classes from './exceptions.module.css'
import { rulesQuery } from './rule-api.ts'
import { t as r } from './rule-messages.ts'

const DAY_MS = 86_400_000
const LIVES = ['7', '30', '90', '365', 'never'] as const

/** The exceptions that name a rule. */
export function ExceptionsOfRule({ id }: { id: string }) {
  const { data, error, isPending, refetch } = useQuery(exceptionsQuery(id))
  if (isPending) return <Loading />
  if (error !== null) return <Failure error={error} retry={() => void refetch()} />
  if (data.items.length === 0) {
    return (
      <Empty icon="filter" title={r('exceptions.none')}>
        {t('none.hint')}
      </Empty>
    )
  }
  return <ExceptionList items={data.items} />
}

/** Exceptions with what each hid, those that need a look first. */
export function ExceptionList({ items }: { items: readonly Exception[] }) {
  const mayChange = useMay('exceptions:write')
  const [revoking, setRevoking] = useState<Exception | null>(null)
  const [extending, setExtending] = useState<Exception | null>(null)
  return (
    <>
      <ul className={classes.list}>
        {byNeed(items).map((exception) => {
          const hasEnded = exception.state === 'expired' || exception.state === 'revoked'
          return (
            <li key={exception.id} className={classes.item}>
              <div className={classes.top}>
                <h2>{visible(exception.title)}</h2>
                <State exception={exception} />
                <Hidden exception={exception} />
                {mayChange && !hasEnded && (
                  <span className={classes.acts}>
                    <Button size="compact-sm" variant="default" onClick={() => setExtending(exception)}>
                      {t('extend')}
                    </Button>
                    <Button size="compact-sm" variant="default" onClick={() => setRevoking(exception)}>
                      {t('revoke')}
                    </Button>
                  </span>
                )}
              </div>
              {exception.problem !== undefined && (
                <p className={classes.warn}>{t('idle', { why: visible(exception.problem) })}</p>
              )}
              <Facts exception={exception} />
              <More exception={exception} />
            </li>
          )
        })}
      </ul>
      {revoking !== null && <RevokeDialog exception={revoking} close={() => setRevoking(null)} />}
      {extending !== null && <ExtendDialog exception={extending} close={() => setExtending(null)} />}
    </>
  )
}

function State({ exception: { state, expiresSoon } }: { exception: Exception }) {
  return (
    <span className={classes.state} data-state={expiresSoon ? 'soon' : state}>
      {t(expiresSoon ? 'soon' : `state.${state}`)}
    </span>
  )
}

function Hidden({ exception: { hidden } }: { exception: Exception }) {
  return (
    <span className={classes.hidden}>
      {hidden.events === 0 ? t('hidden.none') : t('hidden', { n: hidden.events })}
      {hidden.lastAt !== undefined && (
        <>
          {', '}
          {t('hidden.last')} <Ago at={hidden.lastAt} />
        </>
      )}
    </span>
  )
}

function Facts({ exception }: { exception: Exception }) {
  const { agencyName } = useAgencies()
  const { owner, reason, agencies, rules, expiresAt, expiredAt, revoked, createdBy, createdAt } = exception
  return (
    <dl className={classes.facts}>
      <div>
        <dt>{t('owner')}</dt>
        <dd>{visible(owner)}</dd>
      </div>
      <div>
        <dt>{t('reason')}</dt>
        <dd>{visible(reason)}</dd>
      </div>
      <div>
        <dt>{t('rules')}</dt>
        <dd>{rules === 'any' ? t('rules.any') : rules.map((id) => <RuleLink key={id} id={id} />)}</dd>
      </div>
      <div>
        <dt>{t('where')}</dt>
        <dd>{agencies === 'all' ? t('everywhere') : agencies.map(agencyName).join(', ')}</dd>
      </div>
      <div>
        {revoked !== undefined ? (
          <>
            <dt>{t('ended.revoked')}</dt>
            <dd>
              <Time at={revoked.at} /> · {visible(revoked.by)}: {visible(revoked.reason)}
            </dd>
          </>
        ) : expiredAt !== undefined ? (
          <>
            <dt>{t('ended.expired')}</dt>
            <dd>
              <Time at={expiredAt} />
            </dd>
          </>
        ) : (
          <>
            <dt>{t('ends')}</dt>
            <dd>{expiresAt === undefined ? <b>{t('ends.never')}</b> : <Time at={expiresAt} />}</dd>
          </>
        )}
        <dd className={classes.quiet}>
          {t('made', { by: createdBy })}, <Time at={createdAt} />
        </dd>
      </div>
    </dl>
  )
}

/** A rule by its title, where it is one of those in force. */
function RuleLink({ id }: { id: string }) {
  const { data } = useQuery(rulesQuery)
  const rule = data?.items.find((one) => one.id === id)
  if (rule === undefined) return <code>{id}</code>
  return (
    <Link to="/rules/$id" params={{ id }}>
      {titled(rule)}
    </Link>
  )
}

function More({ exception: { filter, hidden } }: { exception: Exception }) {
  return (
    <details className={classes.more}>
      <summary>{t('details')}</summary>
      <div className={classes.detail}>
        <pre tabIndex={0} aria-label={t('text')}>
          {visible(filter)}
        </pre>
        {hidden.events > 0 && (
          <div>
            <h3>{t('hidden.rules')}</h3>
            <ul>
              {hidden.rules.map(({ rule, events }) => (
                <li key={rule}>
                  <RuleLink id={rule} /> <b>{number(events)}</b>
                </li>
              ))}
            </ul>
            <h3>{t('hidden.days')}</h3>
            <ul>
              {hidden.days.map(({ day, events }) => (
                <li key={day}>
                  {day.split('-').reverse().join('/')} <b>{number(events)}</b>
                </li>
              ))}
            </ul>
          </div>
        )}
      </div>
    </details>
  )
}

interface DialogProps {
  exception: Exception
  close: () => void
}

function RevokeDialog({ exception: { id, title }, close }: DialogProps) {
  const client = useQueryClient()
  const [reason, setReason] = useState('')
  const [busy, setBusy] = useState(false)
  const submit = async (): Promise<void> => {
    setBusy(true)
    try {
      await request('POST /exceptions/{id}/revoke', { params: { id }, body: { reason: reason.trim() } })
      await client.invalidateQueries({ queryKey: ['exceptions'] })
      toast(t('revoke.done'))
      close()
    } catch (problem) {
      toastProblem(problem)
      setBusy(false)
    }
  }
  return (
    <FormDialog
      title={t('revoke.title')}
      close={close}
      submit={() => void submit()}
      isIncomplete={reason.trim() === ''}
      isBusy={busy}
    >
      <p>
        <b>{visible(title)}</b>
      </p>
      <p>{t('revoke.note')}</p>
      <TextInput
        label={t('revoke.why')}
        value={reason}
        maxLength={1_000}
        data-autofocus
        onChange={({ currentTarget }) => setReason(currentTarget.value)}
      />
    </FormDialog>
  )
}

function ExtendDialog({ exception: { id, owner: former, reason: why }, close }: DialogProps) {
  const client = useQueryClient()
  const [owner, setOwner] = useState(former)
  const [reason, setReason] = useState(why)
  const [life, setLife] = useState<(typeof LIVES)[number]>('30')
  const [busy, setBusy] = useState(false)
  const submit = async (): Promise<void> => {
    setBusy(true)
    const expiresAt = life === 'never' ? life : new Date(Date.now() + Number(life) * DAY_MS).toISOString()
    try {
      const body = { owner: owner.trim(), reason: reason.trim(), expiresAt }
      await request('PATCH /exceptions/{id}', { params: { id }, body })
      await client.invalidateQueries({ queryKey: ['exceptions'] })
      toast(t('extend.done'))
      close()
    } catch (problem) {
      toastProblem(problem)
      setBusy(false)
    }
  }
  return (
    <FormDialog
      title={t('extend.title')}
      close={close}
      submit={() => void submit()}
      isIncomplete={owner.trim() === '' || reason.trim() === ''}
      isBusy={busy}
    >
      <TextInput
        label={t('owner')}
        value={owner}
        maxLength={200}
        onChange={({ currentTarget }) => setOwner(currentTarget.value)}
      />
      <TextInput
        label={t('reason')}
        value={reason}
        maxLength={2_000}
        onChange={({ currentTarget }) => setReason(currentTarget.value)}
      />
      <NativeSelect
        label={t('extend.life')}
        value={life}
        onChange={({ currentTarget }) => setLife(currentTarget.value as (typeof LIVES)[number])}
        data={LIVES.map((each) => ({
          value: each,
          label: each === 'never' ? t('extend.never') : t('extend.days', { n: Number(each) }),
        }))}
      />
    </FormDialog>
  )
}
