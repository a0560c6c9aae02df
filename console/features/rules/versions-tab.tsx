import { Button, NativeSelect, TextInput } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { useAgencies } from '../../api/agencies.ts'
import { type Answer, request } from '../../api/request.ts'
import { visible } from '../../lib/highlight.ts'
import { Diff } from '../../ui/diff.tsx'
import { FormDialog } from '../../ui/form-dialog.tsx'
import { Panel } from '../../ui/panel.tsx'
import { Empty, Failure, Loading } from '../../ui/states.tsx'
import { Time } from '../../ui/time.tsx'
import { type Revision, revisionsQuery, useRuleChange } from './rule-life.ts'
import { has, say, t } from './rule-messages.ts'
import classes from './rule.module.css'

type Rule = Answer<'GET /rules/{id}'>
type Settings = Revision['settings']
type AgencyName = (key: string) => string

/** How the rule came to be as it is: who, when, why; what is different between two; and a way back. */
export function VersionsTab({ rule, mayRestore }: { rule: Rule; mayRestore: boolean }) {
  const { id } = rule
  const { agencyName } = useAgencies()
  const { data, error, isPending, refetch } = useQuery(revisionsQuery(id))
  /** Versions that are compared: the newest and the one before it, until somebody chooses. */
  const [pair, setPair] = useState<{ from: number; to: number } | null>(null)
  const [restoring, setRestoring] = useState<number | null>(null)
  if (isPending) return <Loading />
  if (error !== null) return <Failure error={error} retry={() => void refetch()} />
  const { items } = data
  const [newest, before] = items
  if (newest === undefined) {
    return (
      <Empty icon="history" title={t('versions.empty')}>
        {t('versions.empty.hint')}
      </Empty>
    )
  }
  const shown = pair ?? (before === undefined ? null : { from: before.number, to: newest.number })
  return (
    <div className={classes.stack}>
      <Panel title={t('versions.title')} icon="history">
        <ol className={classes.versions}>
          {items.map((revision, index) => (
            <li key={revision.number}>
              <div>
                <b>{t('versions.number', { n: revision.number })}</b>{' '}
                {index === 0 && <span className={classes.quiet}>({t('versions.now')})</span>}
                <p className={classes.quiet}>
                  <Time at={revision.at} seconds /> · {revision.by === '' ? t('versions.by_hand') : revision.by} ·{' '}
                  {t('versions.seq', { seq: String(revision.seq) })}
                </p>
                <p>{whatChanged(revision, items[index + 1], agencyName)}</p>
                <p>{revision.why === '' ? <i>{t('versions.no_why')}</i> : visible(revision.why)}</p>
              </div>
              <div className={classes.acts}>
                {index > 0 && (
                  <Button
                    size="compact-sm"
                    variant="default"
                    onClick={() => setPair({ from: revision.number, to: newest.number })}
                  >
                    {t('versions.compare')}
                  </Button>
                )}
                {mayRestore && revision.hash !== '' && revision.hash !== newest.hash && (
                  <Button size="compact-sm" variant="default" onClick={() => setRestoring(revision.number)}>
                    {t('restore', { n: revision.number })}
                  </Button>
                )}
              </div>
            </li>
          ))}
        </ol>
      </Panel>
      {shown !== null && (
        <Panel title={t('versions.diff', shown)} icon="split">
          <div className={classes.compare}>
            <NumberSelect
              label={t('versions.from')}
              items={items}
              value={shown.from}
              set={(from) => setPair({ ...shown, from })}
            />
            <NumberSelect
              label={t('versions.to')}
              items={items}
              value={shown.to}
              set={(to) => setPair({ ...shown, to })}
            />
          </div>
          <Difference id={id} {...shown} />
        </Panel>
      )}
      {restoring !== null && <RestoreDialog id={id} number={restoring} close={() => setRestoring(null)} />}
    </div>
  )
}

interface NumberSelectProps {
  label: string
  items: readonly Revision[]
  value: number
  set: (to: number) => void
}

function NumberSelect({ label, items, value, set }: NumberSelectProps) {
  return (
    <NativeSelect
      size="xs"
      label={label}
      value={String(value)}
      onChange={({ currentTarget }) => set(Number(currentTarget.value))}
      data={items.map(({ number }) => String(number))}
    />
  )
}

/** What a version has that the one before it had not, in a few words. */
function whatChanged(revision: Revision, before: Revision | undefined, agencyName: AgencyName): string {
  if (revision.hash === '') return t('versions.gone')
  if (before === undefined) return t('versions.first')
  const parts = settingChanges(before.settings, revision.settings, agencyName)
  return [...(revision.hash === before.hash ? [] : [t('versions.text')]), ...parts].join(' · ')
}

function settingChanges(before: Settings, after: Settings, agencyName: AgencyName): string[] {
  const names = [...new Set([...Object.keys(before), ...Object.keys(after)])] as (keyof Settings)[]
  return names.flatMap((name) => {
    const [old, fresh] = [before, after].map((settings) => settingText(settings, name, agencyName)) as [string, string]
    const what = `setting.${name}`
    return old === fresh ? [] : t('versions.setting', { what: has(what) ? say(what) : name, before: old, after: fresh })
  })
}

function settingText(settings: Settings, name: keyof Settings, agencyName: AgencyName): string {
  const value = settings[name]
  if (value === undefined) return '—'
  if (name === 'state') return t(`state.${settings.state}`)
  if (typeof value === 'object') return Object.keys(value).map(agencyName).join(', ') || '—'
  return visible(String(value))
}

/** Lines that went, lines that came, and a few around them. */
function Difference({ id, from, to }: { id: string; from: number; to: number }) {
  const { agencyName } = useAgencies()
  const { data, error, isPending, refetch } = useQuery({
    queryKey: ['rule', id, 'diff', from, to],
    queryFn: ({ signal }) => request('GET /rules/{id}/diff', { params: { id }, query: { from, to }, signal }),
  })
  if (isPending) return <Loading />
  if (error !== null) return <Failure error={error} retry={() => void refetch()} />
  const settings = settingChanges(data.before, data.after, agencyName)
  return (
    <>
      {settings.length > 0 && (
        <ul className={classes.changes}>
          {settings.map((text) => (
            <li key={text}>{text}</li>
          ))}
        </ul>
      )}
      {data.hunks.length === 0 && <p className={classes.quiet}>{t('versions.same')}</p>}
      {data.hunks.length > 0 && <Diff hunks={data.hunks} label={t('versions.diff', { from, to })} />}
    </>
  )
}

function RestoreDialog({ id, number, close }: { id: string; number: number; close: () => void }) {
  const [why, setWhy] = useState('')
  const [busy, make] = useRuleChange(id)
  const submit = async (): Promise<void> => {
    const body = { revision: number, why: why.trim() }
    if (await make(() => request('POST /rules/{id}/restore', { params: { id }, body }))) close()
  }
  return (
    <FormDialog
      title={t('restore', { n: number })}
      close={close}
      submit={() => void submit()}
      isIncomplete={why.trim() === ''}
      isBusy={busy}
    >
      <p>{t('restore.note')}</p>
      <TextInput
        label={t('why')}
        value={why}
        maxLength={500}
        data-autofocus
        onChange={({ currentTarget }) => setWhy(currentTarget.value)}
      />
    </FormDialog>
  )
}
