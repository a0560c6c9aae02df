import { Button, Switch, TextInput } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { useMay } from '../../api/session.ts'
import { folded } from '../../lib/folded.ts'
import { useAddress } from '../../lib/location.ts'
import { Icon } from '../../ui/icon.tsx'
import { Failure, Loading } from '../../ui/states.tsx'
import { Frame } from './frame.tsx'
import { Calendar } from './registry-calendar.tsx'
import { type Change, type Kind, registryQuery, setDraft, useDraft } from './registry-change.ts'
import { ChangeDialog } from './registry-dialog.tsx'
import { DraftPanel } from './registry-draft.tsx'
import { History } from './registry-history.tsx'
import { Agencies, Senders, Systems } from './registry-lists.tsx'
import { t } from './registry-messages.ts'
import frame from './frame.module.css'
import classes from './registry.module.css'

const PARTS = ['systems', 'agencies', 'sources', 'calendar', 'history'] as const
const ADDS = {
  systems: 'add_system',
  agencies: 'add_agency',
  sources: 'add_source',
  calendar: 'holiday',
} as const satisfies Record<string, Kind>

/** Agencies, systems and senders with their days; changes are put together in a draft, looked at, and put in force with a reason. */
export default function RegistryPage() {
  const [search, change] = useAddress()
  const part = PARTS.find((each) => each === search['part']) ?? 'systems'
  const { data, error, isPending, refetch } = useQuery(registryQuery)
  const mayManage = useMay('registry:manage')
  const draft = useDraft()
  const [changing, setChanging] = useState<Change | null>(null)
  const [ended, setEnded] = useState(false)
  const [text, setText] = useState('')
  const wanted = folded(text.trim())
  const fits = (...words: (string | undefined)[]): boolean =>
    wanted === '' || words.some((word) => word !== undefined && folded(word).includes(wanted))
  const stage = (made: Change): void => {
    setDraft([...draft, made])
    setChanging(null)
  }
  // A day is taken out as it stands: there is nothing to fill in.
  const act = mayManage ? (made: Change) => (made.kind === 'remove_day' ? stage(made) : setChanging(made)) : null
  return (
    <Frame>
      <p className={frame.about}>{t('intro')}</p>
      <div className={classes.bar}>
        <div className={classes.parts} role="group" aria-label={t('show')}>
          {PARTS.map((each) => (
            <button key={each} type="button" aria-pressed={each === part} onClick={() => change({ part: each })}>
              {t(`show.${each}`)}
            </button>
          ))}
        </div>
        {part !== 'history' && (
          <>
            <TextInput
              size="xs"
              aria-label={t('find')}
              placeholder={t('find')}
              value={text}
              onChange={({ currentTarget }) => setText(currentTarget.value)}
            />
            {part !== 'calendar' && (
              <Switch
                size="xs"
                label={t('ended')}
                checked={ended}
                onChange={({ currentTarget }) => setEnded(currentTarget.checked)}
              />
            )}
            {mayManage && (
              <Button
                size="xs"
                variant="default"
                className={classes.add}
                leftSection={<Icon name="plus" size={14} />}
                onClick={() => setChanging({ kind: ADDS[part] })}
              >
                {t(`do.${ADDS[part]}`)}
              </Button>
            )}
          </>
        )}
      </div>
      {isPending && <Loading />}
      {error !== null && <Failure error={error} retry={() => void refetch()} />}
      {data !== undefined && (
        <>
          {mayManage && draft.length > 0 && <DraftPanel registry={data} draft={draft} />}
          {part === 'systems' && <Systems registry={data} ended={ended} fits={fits} act={act} />}
          {part === 'agencies' && <Agencies registry={data} ended={ended} fits={fits} act={act} />}
          {part === 'sources' && <Senders registry={data} ended={ended} fits={fits} act={act} />}
          {part === 'calendar' && <Calendar registry={data} fits={fits} act={act} />}
          {part === 'history' && <History />}
          {changing !== null && (
            <ChangeDialog registry={data} start={changing} close={() => setChanging(null)} stage={stage} />
          )}
        </>
      )}
    </Frame>
  )
}
