import { Button, NativeSelect, SegmentedControl, TextInput } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { type FormEvent, useState } from 'react'
import { type Answer, request } from '../../api/request.ts'
import { named } from '../../lib/language.ts'
import { vietnamTime } from '../../lib/time.ts'
import { Panel } from '../../ui/panel.tsx'
import { Time } from '../../ui/time.tsx'
import { t as w } from '../../ui/words.ts'
import { ClockStateBadge, useClocks } from './clocks-panel.tsx'
import { t as h } from './history-messages.ts'
import type { IncidentDetail } from './incident-api.ts'
import { t } from './incident-messages.ts'
import { useDeed } from './part.ts'
import classes from './side.module.css'

const QUESTIONS = ['serious', 'nationalSecurity', 'personalData'] as const
type Deadline = Answer<'GET /incidents/{id}/clocks'>['legal'][number]

/** What the law asks about an incident, and by when what has to be reported. */
export default function LegalPanel({ incident, mayWrite }: { incident: IncidentDetail; mayWrite: boolean }) {
  const { id, version, legal } = incident
  const { data } = useClocks(id)
  const { data: profiles } = useQuery({
    queryKey: ['legal'],
    queryFn: ({ signal }) => request('GET /legal', { signal }),
    staleTime: Infinity,
  })
  const deed = useDeed(id)
  const answer = (facts: Partial<IncidentDetail['legal']>): void => {
    const body = Object.fromEntries(
      Object.entries({ ...legal, ...facts }).filter(([, value]) => value !== undefined && value !== ''),
    )
    void deed(request('PUT /incidents/{id}/legal', { params: { id }, ifMatch: version, body }))
  }
  const groups = profiles?.items.flatMap((profile) => profile.groups) ?? []
  return (
    <Panel title={t('legal.title')} icon="law">
      <div className={classes.list}>
        {QUESTIONS.map((question) => (
          <div key={question} className={classes.row}>
            <span id={`legal-${question}`}>{t(`legal.${question}`)}</span>
            <SegmentedControl
              size="xs"
              transitionDuration={0}
              aria-labelledby={`legal-${question}`}
              disabled={!mayWrite}
              value={legal[question] === undefined ? '' : String(legal[question])}
              onChange={(value) => answer({ [question]: value === '' ? undefined : value === 'true' })}
              data={[
                { value: '', label: '?' },
                { value: 'false', label: h('no') },
                { value: 'true', label: h('yes') },
              ]}
            />
          </div>
        ))}
        <NativeSelect
          size="xs"
          label={t('legal.group')}
          disabled={!mayWrite}
          value={legal.group ?? ''}
          onChange={(event) => answer({ group: event.currentTarget.value })}
        >
          <option value="">{t('legal.no_group')}</option>
          {groups.map((group) => (
            <option key={group.key} value={group.key}>
              {named(group)}
            </option>
          ))}
        </NativeSelect>
        {data?.legal.length === 0 && <p className={classes.none}>{t('legal.none')}</p>}
        {data?.legal.map((deadline) => (
          <DeadlineRow key={deadline.key} id={id} deadline={deadline} mayWrite={mayWrite} />
        ))}
      </div>
    </Panel>
  )
}

function DeadlineRow({ id, deadline, mayWrite }: { id: string; deadline: Deadline; mayWrite: boolean }) {
  const { key, state, dueAt, document, article, report } = deadline
  const [isOpen, setOpen] = useState(false)
  const [reference, setReference] = useState('')
  const deed = useDeed(id)
  const send = async (event: FormEvent): Promise<void> => {
    event.preventDefault()
    if (reference.trim() === '') return
    const body = { deadline: key, reference: reference.trim() }
    if (await deed(request('POST /incidents/{id}/reports', { params: { id }, body }))) setOpen(false)
  }
  return (
    <div className={classes.clock}>
      <p className={classes.row}>
        <b className={classes.item}>{named(deadline)}</b> <ClockStateBadge state={state} />
      </p>
      <p className={classes.meta}>
        <span>
          {t('legal.due')}
          <Time at={dueAt} />
        </span>
        <span>
          {named(document)}, {article}
        </span>
      </p>
      {report !== undefined && (
        <p className={classes.quiet}>
          {t('legal.reported', { at: vietnamTime(report.at), reference: report.reference })}
        </p>
      )}
      {report === undefined && mayWrite && !isOpen && (
        <Button size="compact-xs" variant="default" onClick={() => setOpen(true)}>
          {t('legal.report')}
        </Button>
      )}
      {isOpen && (
        <form className={classes.inline} onSubmit={(event) => void send(event)}>
          <TextInput
            size="xs"
            autoFocus
            label={t('legal.reference')}
            value={reference}
            maxLength={500}
            onChange={(event) => setReference(event.currentTarget.value)}
          />
          <Button size="xs" type="submit">
            {w('save')}
          </Button>
        </form>
      )}
    </div>
  )
}
