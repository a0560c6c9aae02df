import { Modal, NativeSelect, TextInput } from '@mantine/core'
import { keepPreviousData, useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { request } from '../../api/request.ts'
import { visible } from '../../lib/highlight.ts'
import { titled } from '../../lib/language.ts'
import { LevelBadge, StateBadge } from '../../ui/badges.tsx'
import { Icon } from '../../ui/icon.tsx'
import { problemText } from '../../ui/problem.ts'
import { t as w } from '../../ui/words.ts'
import type { Incident } from './incident-api.ts'
import { t } from './incident-messages.ts'
import classes from './incident-picker.module.css'

const RELATIONS = ['related', 'follows', 'campaign'] as const
type Relation = (typeof RELATIONS)[number]

interface IncidentPickerProps {
  title: string
  /** The incident that is not offered: the one it is about. */
  besides: string
  /** Only of this agency. */
  agency: string | undefined
  withRelation: boolean
  close: () => void
  pick: (incident: Incident, relation: Relation) => void
}

/** Finds another incident by its words. */
export default function IncidentPicker({ title, besides, agency, withRelation, close, pick }: IncidentPickerProps) {
  const [typed, setTyped] = useState('')
  const [relation, setRelation] = useState<Relation>('related')
  const q = typed.trim()
  const query = {
    ...(agency !== undefined && { agency }),
    ...(q !== '' && { q }),
    sort: 'updated' as const,
    limit: 20,
  }
  const { data, error } = useQuery({
    queryKey: ['incident-pick', query],
    queryFn: ({ signal }) => request('GET /incidents', { query, signal }),
    placeholderData: keepPreviousData,
  })
  const found = data?.items.filter(({ id, mergedInto }) => id !== besides && mergedInto === undefined) ?? []
  return (
    <Modal opened onClose={close} title={title} size="lg" closeButtonProps={{ 'aria-label': w('close') }}>
      <div className={classes.ask}>
        <TextInput
          data-autofocus
          size="sm"
          type="search"
          aria-label={t('pick.search')}
          placeholder={t('pick.search')}
          leftSection={<Icon name="search" size={15} />}
          value={typed}
          maxLength={200}
          onChange={(event) => setTyped(event.currentTarget.value)}
        />
        {withRelation && (
          <NativeSelect
            size="sm"
            aria-label={t('links.relation')}
            value={relation}
            onChange={(event) => setRelation(event.currentTarget.value as Relation)}
          >
            {RELATIONS.map((each) => (
              <option key={each} value={each}>
                {t(`links.${each}`)}
              </option>
            ))}
          </NativeSelect>
        )}
      </div>
      {error !== null && <p role="alert">{problemText(error)}</p>}
      {data !== undefined && found.length === 0 && <p className={classes.none}>{t('pick.none')}</p>}
      <ul className={classes.found}>
        {found.map((incident) => (
          <li key={incident.id}>
            <button type="button" onClick={() => pick(incident, relation)}>
              <span className={classes.title}>
                #{incident.number} {visible(titled(incident))}
              </span>
              <LevelBadge level={incident.level} /> <StateBadge state={incident.state} />
            </button>
          </li>
        ))}
      </ul>
    </Modal>
  )
}
