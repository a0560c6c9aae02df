import { Button, TextInput } from '@mantine/core'
import { keepPreviousData, useQuery, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { type Answer, RequestError, request } from '../../api/request.ts'
import { visible } from '../../lib/highlight.ts'
import { named } from '../../lib/language.ts'
import { calendarDay } from '../../lib/time.ts'
import { Diff } from '../../ui/diff.tsx'
import { Icon } from '../../ui/icon.tsx'
import { Panel } from '../../ui/panel.tsx'
import { problemText } from '../../ui/problem.ts'
import { toast, toastProblem } from '../../ui/toasts.tsx'
import { type Change, type Registry, matchText, nameOf, registryQuery, setDraft } from './registry-change.ts'
import { has, say, t } from './registry-messages.ts'
import classes from './registry.module.css'

const WHY_MIN = 3

/** Changes that are put together, what they would do, and the reason with which they are put in force. */
export function DraftPanel({ registry, draft }: { registry: Registry; draft: readonly Change[] }) {
  const client = useQueryClient()
  const { base } = registry
  const [why, setWhy] = useState('')
  const [busy, setBusy] = useState(false)
  const preview = useQuery({
    queryKey: ['registry', 'preview', base, draft],
    queryFn: ({ signal }) => request('POST /registry/preview', { body: { base, changes: [...draft] }, signal }),
    placeholderData: keepPreviousData,
    retry: false,
  })
  const save = async (): Promise<void> => {
    setBusy(true)
    try {
      const body = { base, changes: [...draft], why: why.trim() }
      const { seq, number } = await request('POST /registry/changes', { body })
      setDraft([])
      toast(t('draft.saved', { seq: String(seq), number: String(number) }))
      await client.invalidateQueries({ queryKey: ['agencies'] })
    } catch (error) {
      if (isOvertaken(error)) toast(t('draft.overtaken'))
      else toastProblem(error)
    }
    setBusy(false)
    await client.invalidateQueries({ queryKey: registryQuery.queryKey })
  }
  return (
    <Panel
      title={t('draft.title', { n: draft.length })}
      icon="edit"
      className={classes.draft}
      beside={
        <Button size="compact-xs" variant="subtle" onClick={() => setDraft([])}>
          {t('draft.drop')}
        </Button>
      }
    >
      <ol className={classes.changes}>
        {draft.map((change, index) => (
          <li key={JSON.stringify([index, change])}>
            <span>{changeText(registry, change)}</span>
            <button
              type="button"
              aria-label={`${t('draft.remove')}: ${changeText(registry, change)}`}
              title={t('draft.remove')}
              onClick={() => setDraft(draft.filter((_, at) => at !== index))}
            >
              <Icon name="close" size={15} />
            </button>
          </li>
        ))}
      </ol>
      {preview.error !== null && <Refused registry={registry} draft={draft} error={preview.error} />}
      {preview.error === null && preview.data !== undefined && (
        <Consequences nameFor={(key) => nameAfter(registry, draft, key)} {...preview.data} />
      )}
      <form
        className={classes.save}
        onSubmit={(event) => {
          event.preventDefault()
          void save()
        }}
      >
        <TextInput
          label={t('draft.why')}
          required
          withAsterisk={false}
          minLength={WHY_MIN}
          maxLength={1_000}
          value={why}
          onChange={({ currentTarget }) => setWhy(currentTarget.value)}
        />
        <Button
          type="submit"
          loading={busy}
          disabled={preview.error !== null || preview.data === undefined || why.trim().length < WHY_MIN}
        >
          {t('draft.save')}
        </Button>
      </form>
    </Panel>
  )
}

/** Somebody else has changed the registry since it was read. */
function isOvertaken(error: unknown): boolean {
  return error instanceof RequestError && error.code === 'precondition_failed'
}

/** Why it cannot be so: which of the changes, or which place of the registry, and what is wrong there. */
function Refused({ registry, draft, error }: { registry: Registry; draft: readonly Change[]; error: Error }) {
  const client = useQueryClient()
  if (isOvertaken(error)) {
    return (
      <div className={classes.refused} role="alert">
        <p>{t('draft.overtaken')}</p>
        <Button
          size="xs"
          variant="default"
          onClick={() => void client.invalidateQueries({ queryKey: registryQuery.queryKey })}
        >
          {t('draft.again')}
        </Button>
      </div>
    )
  }
  const [fault] = error instanceof RequestError ? error.errors : []
  const code = `why.${fault?.code}`
  const [, at] = /^\/changes\/(\d+)/.exec(fault?.pointer ?? '') ?? []
  const change = at === undefined ? undefined : draft[Number(at)]
  return (
    <div className={classes.refused} role="alert">
      <p>{t('draft.refused', { what: has(code) ? say(code) : problemText(error) })}</p>
      {fault !== undefined && (
        <p>
          {t('draft.place', {
            place: change === undefined ? placeText(registry, fault.pointer) : changeText(registry, change),
          })}
        </p>
      )}
      {error instanceof RequestError && error.detail !== '' && <code>{visible(error.detail)}</code>}
    </div>
  )
}

/** `/systems/dc/roles/owner/1` with the system's name. */
function placeText(registry: Registry, pointer: string): string {
  const [, of = '', key = '', ...rest] = pointer.split('/')
  if (of === 'sources') {
    const source = registry.sources[Number(key)]
    return source === undefined ? pointer : `${t('part.sources')}: ${matchText(source)}`
  }
  return [named(nameOf(registry, key)), ...rest].join(' / ')
}

/** The name of an agency or a system as the draft leaves it: a new one is in the draft alone. */
function nameAfter(registry: Registry, draft: readonly Change[], key: string): string {
  const { vi, en } = draft.findLast((change) => change.key === key && change.vi !== undefined) ?? {}
  return named(vi === undefined ? nameOf(registry, key) : { vi, en: en ?? vi })
}

function Consequences({
  nameFor,
  hunks,
  touched,
  moved,
  past,
}: Answer<'POST /registry/preview'> & { nameFor: (key: string) => string }) {
  const whose = ({ agency, system }: { agency: string; system?: string }): string =>
    [agency, system ?? []].flat().map(nameFor).join(' · ')
  return (
    <div className={classes.consequences}>
      {past && <p className={classes.past}>{t('draft.past')}</p>}
      <p>
        <b>{t('draft.touched')}</b>
      </p>
      <ul>
        {touched.map(({ of, key, part }) => {
          const word = key === undefined ? `part.${of}` : `part.${part}`
          const said = has(word) ? say(word) : part
          return (
            <li key={`${of} ${key} ${part}`}>
              {key === undefined ? said : t('draft.part', { name: nameFor(key), part: said })}
            </li>
          )
        })}
      </ul>
      <p>
        <b>{moved.length === 0 ? t('draft.none_moved') : t('draft.moved', { n: moved.length })}</b>
      </p>
      {moved.length > 0 && (
        <ul>
          {moved.map(({ source, before, after }) => (
            <li key={source}>
              <code>{visible(source)}</code>: {whose(before)} → {whose(after)}
            </li>
          ))}
        </ul>
      )}
      <details>
        <summary>{t('draft.text')}</summary>
        <Diff hunks={hunks} label={t('draft.text')} />
      </details>
    </div>
  )
}

/** A change in a sentence. */
function changeText(registry: Registry, change: Change): string {
  const {
    kind,
    key = '',
    vi = '',
    en = '',
    agency = '',
    system,
    source,
    match = {},
    level,
    status,
    successors = [],
  } = change
  const nameIn = (name: string): string => named(nameOf(registry, name))
  const name = vi === '' ? nameIn(key) : named({ vi, en })
  const from = calendarDay(change.from ?? '')
  const whose = [agency === '' ? [] : agency, system ?? []].flat().map(nameIn).join(' · ')
  const existing = source === undefined ? undefined : registry.sources[source]
  const { address, ...others } = match
  const known = visible(matchText(existing ?? { addresses: address === undefined ? [] : [address], ...others }))
  switch (kind) {
    case 'add_agency':
      return t('change.add_agency', { name, from })
    case 'end_agency':
      return successors.length === 0
        ? t('change.end_agency', { name, from })
        : t('change.end_agency_to', { name, from, successors: successors.map(nameIn).join(', ') })
    case 'add_system':
      return t('change.add_system', { name, from, agency: nameIn(agency) })
    case 'role':
      return t('change.role', { name, from, agency: nameIn(agency), role: t(`role.${change.role ?? 'owner'}`) })
    case 'level':
      return t('change.level', { name, from, level: String(level), status: t(`status.${status ?? 'approved'}`) })
    case 'add_source':
      return t('change.add_source', { match: known, whose, from })
    case 'move_source':
      return t('change.move_source', { match: known, whose, from })
    case 'end_source':
      return t('change.end_source', { match: known, from })
    case 'names':
      return t('change.names', { name: nameIn(key), vi, en })
    case 'holiday':
    case 'working_day':
      return t(`change.${kind}`, { name, from, n: change.days ?? 1 })
    case 'remove_day':
    case 'calendar_end':
      return t(`change.${kind}`, { from })
    case 'health':
      return source === undefined ? t('change.health_all') : t('change.health', { match: known })
  }
}
