import { Checkbox, MultiSelect, NativeSelect, TextInput } from '@mantine/core'
import { useState } from 'react'
import { byAlphabet, named } from '../../lib/language.ts'
import { FormDialog } from '../../ui/form-dialog.tsx'
import {
  AGENCY_KINDS,
  type Change,
  type Kind,
  ROLES,
  type Registry,
  SENDER_KINDS,
  kindText,
  lasts,
  matchText,
  nameOf,
  todayIn,
} from './registry-change.ts'
import { t } from './registry-messages.ts'

const FIELDS = {
  add_agency: ['vi', 'en', 'key', 'type', 'parent', 'from'],
  end_agency: ['successors', 'end'],
  add_system: ['vi', 'en', 'key', 'owner', 'level', 'status', 'basis', 'from'],
  role: ['role', 'agency', 'basis', 'from'],
  level: ['level', 'status', 'basis', 'from'],
  add_source: ['address', 'certificate', 'hostname', 'stream', 'agency', 'system', 'type', 'from'],
  move_source: ['agency', 'system', 'from'],
  end_source: ['end'],
  names: ['vi', 'en', 'aliases'],
  holiday: ['from', 'days', 'vi', 'en'],
  working_day: ['from', 'days', 'vi', 'en'],
  remove_day: [],
  calendar_end: ['end'],
  health: ['expected', 'silentMinutes', 'fallenPercent', 'driftSeconds'],
} as const satisfies Record<Kind, readonly string[]>
type Field = (typeof FIELDS)[Kind][number]

/** What need not be filled in. */
const OPTIONAL: Partial<Record<Kind, readonly Field[]>> = {
  add_agency: ['parent'],
  end_agency: ['successors'],
  add_system: ['level', 'status', 'basis'],
  role: ['basis'],
  add_source: ['address', 'certificate', 'hostname', 'stream', 'agency', 'system', 'type'],
  move_source: ['agency', 'system'],
  names: ['aliases'],
  health: ['expected', 'silentMinutes', 'fallenPercent', 'driftSeconds'],
}
const DAYS: ReadonlySet<Field> = new Set(['from', 'end'])
/** Whole numbers from 1 to these. */
const NUMBERS: Partial<Record<Field, number>> = {
  days: 31,
  silentMinutes: 10_080,
  fallenPercent: 100,
  driftSeconds: 86_400,
}
/** Between the other names of one thing: a name may have a comma. */
const BETWEEN_NAMES = ';'

interface ChangeDialogProps {
  registry: Registry
  /** The kind of the change, and what it is about. */
  start: Change
  close: () => void
  stage: (change: Change) => void
}

/** One change of the registry, with the day from which it counts. */
export function ChangeDialog({ registry, start, close, stage }: ChangeDialogProps) {
  const { kind } = start
  const today = todayIn(registry.timeZone)
  const [values, setValues] = useState<Partial<Record<Field, string>>>({
    from: today,
    end: today,
    role: 'owner',
    level: kind === 'level' ? '3' : '',
    status: 'approved',
    ...nowOf(registry, start),
  })
  const [successors, setSuccessors] = useState<string[]>([])
  const all: readonly Field[] = FIELDS[kind]
  // What nothing else is said of may not all be unexpected.
  const fields = kind === 'health' && start.source === undefined ? all.filter((field) => field !== 'expected') : all
  const value = (field: Field): string => values[field] ?? ''
  const set = (field: Field, to: string): void => setValues((before) => ({ ...before, [field]: to }))
  const isOptional = (field: Field): boolean => OPTIONAL[kind]?.includes(field) === true
  const isWhose = !fields.includes('system') || value('agency') !== '' || value('system') !== ''
  const isMatched = kind !== 'add_source' || MATCHES.some((field) => value(field).trim() !== '')
  const isIncomplete =
    !isWhose ||
    !isMatched ||
    fields.some((field) => field !== 'successors' && !isOptional(field) && value(field).trim() === '')

  const agencies = registry.agencies
    .filter(({ validTo, key }) => lasts(validTo, today) && key !== start.key)
    .map((agency) => ({ value: agency.key, label: named(agency) }))
    .toSorted((a, b) => byAlphabet(a.label, b.label))
  const systems = registry.systems
    .map((system) => ({ value: system.key, label: named(system) }))
    .toSorted((a, b) => byAlphabet(a.label, b.label))
  const kinds = kindsOf(registry, kind)
  const about =
    start.source === undefined
      ? start.key === undefined
        ? ''
        : named(nameOf(registry, start.key))
      : matchText(registry.sources[start.source]!)

  const submit = (): void => {
    const text = (field: Field): string | undefined => {
      const written = fields.includes(field) ? value(field).trim() : ''
      return written === '' ? undefined : written
    }
    const level = text('level')
    const isLevelled = level !== undefined
    const match = Object.fromEntries(MATCHES.map((field) => [field, text(field)]))
    const number = (field: Field): number | undefined => (text(field) === undefined ? undefined : Number(text(field)))
    stage(
      withoutEmpty({
        ...start,
        from: text('end') ?? text('from'),
        key: start.key ?? text('key'),
        vi: text('vi'),
        en: text('en'),
        type: text('type'),
        parent: text('parent'),
        role: ROLES.find((role) => role === text('role')),
        agency: text('owner') ?? text('agency'),
        system: text('system'),
        level: isLevelled ? Number(level) : undefined,
        status: isLevelled ? (text('status') === 'proposed' ? 'proposed' : 'approved') : undefined,
        basis: text('basis'),
        successors: successors.length === 0 ? undefined : successors,
        match: kind === 'add_source' ? withoutEmpty(match) : undefined,
        aliases: text('aliases')
          ?.split(BETWEEN_NAMES)
          .map((name) => name.trim())
          .filter((name) => name !== ''),
        days: number('days'),
        expected: fields.includes('expected') && value('expected') === 'no' ? false : undefined,
        silentMinutes: number('silentMinutes'),
        fallenPercent: number('fallenPercent'),
        driftSeconds: number('driftSeconds'),
      }),
    )
  }

  return (
    <FormDialog
      title={about === '' ? t(`do.${kind}`) : t('of', { what: t(`do.${kind}`), name: about })}
      action={t('stage')}
      size="lg"
      close={close}
      submit={submit}
      isIncomplete={isIncomplete}
    >
      {fields.map((field, index) => {
        const common = {
          label: t(`field.${field}`),
          value: value(field),
          required: !isOptional(field),
          withAsterisk: false,
          ...(index === 0 && { 'data-autofocus': true }),
        }
        const choices = choicesOf(field, { agencies, systems, kinds })
        if (field === 'expected') {
          return (
            <Checkbox
              key={field}
              label={t('field.expected')}
              checked={value(field) !== 'no'}
              data-autofocus
              onChange={({ currentTarget }) => set(field, currentTarget.checked ? 'yes' : 'no')}
            />
          )
        }
        if (field === 'successors') {
          return (
            <MultiSelect
              key={field}
              label={t('field.successors')}
              searchable
              data-autofocus
              data={agencies}
              value={successors}
              onChange={setSuccessors}
            />
          )
        }
        return choices === undefined ? (
          <TextInput
            key={field}
            {...common}
            type={DAYS.has(field) ? 'date' : NUMBERS[field] === undefined ? 'text' : 'number'}
            {...(NUMBERS[field] !== undefined && { min: 1, max: NUMBERS[field] })}
            maxLength={1_000}
            onChange={({ currentTarget }) => set(field, currentTarget.value)}
          />
        ) : (
          <NativeSelect
            key={field}
            {...common}
            data={choices}
            onChange={({ currentTarget }) => set(field, currentTarget.value)}
          />
        )
      })}
    </FormDialog>
  )
}

const MATCHES = ['address', 'certificate', 'hostname', 'stream'] as const satisfies readonly Field[]

/** What is said now of what is to be corrected, to begin with. */
function nowOf(registry: Registry, { kind, key, source }: Change): Partial<Record<Field, string>> {
  if (kind === 'names') {
    const { vi, en, aliases = [] } = [...registry.agencies, ...registry.systems].find((entry) => entry.key === key)!
    return { vi, en, aliases: aliases.join(`${BETWEEN_NAMES} `) }
  }
  if (kind === 'holiday' || kind === 'working_day') return { days: '1' }
  if (kind === 'calendar_end') return { end: registry.calendar.to }
  if (kind !== 'health') return {}
  const { expected = true, ...numbers } = (source === undefined ? registry : registry.sources[source]!).health ?? {}
  return {
    expected: expected ? 'yes' : 'no',
    ...Object.fromEntries(Object.entries(numbers).map(([name, value]) => [name, String(value)])),
  }
}

interface Choice {
  value: string
  label: string
}

type Listed = 'agencies' | 'systems' | 'kinds'

/** Kinds of agencies or of senders: those that have a word, and those that the registry says besides. */
function kindsOf({ agencies, sources }: Registry, kind: Kind): Choice[] {
  const [known, said] = kind === 'add_agency' ? [AGENCY_KINDS, agencies] : [SENDER_KINDS, sources]
  return [...new Set([...known, ...said.flatMap((each) => each.kind ?? [])])].map((value) => ({
    value,
    label: kindText(value),
  }))
}

/** What a field is chosen from; undefined where it is written. */
function choicesOf(
  field: Field,
  { agencies, systems, kinds }: Record<Listed, readonly Choice[]>,
): Choice[] | undefined {
  const nobody = { value: '', label: t('nobody') }
  switch (field) {
    case 'agency':
    case 'owner':
    case 'parent':
      return [nobody, ...agencies]
    case 'system':
      return [nobody, ...systems]
    case 'level':
      return [nobody, ...['1', '2', '3', '4', '5'].map((value) => ({ value, label: t('level', { level: value }) }))]
    case 'type':
      return [nobody, ...kinds]
    case 'role':
      return ROLES.map((value) => ({ value, label: t(`role.${value}`) }))
    case 'status':
      return (['approved', 'proposed'] as const).map((value) => ({ value, label: t(`status.${value}`) }))
    default:
      return undefined
  }
}

function withoutEmpty<T extends object>(given: { [K in keyof T]: T[K] | undefined }): T {
  return Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined)) as T
}
