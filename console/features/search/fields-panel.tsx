import { ActionIcon, TextInput } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { useMemo, useState } from 'react'
import { conditionOf, fieldText } from '../../../store/query/refine.ts'
import { number } from '../../lib/language.ts'
import { Icon } from '../../ui/icon.tsx'
import { Failure, Loading } from '../../ui/states.tsx'
import { t } from './messages.ts'
import { type Asked, type Event, countedQuery } from './search-api.ts'
import { Value } from './value-menu.tsx'
import classes from './fields-panel.module.css'

interface FieldsPanelProps {
  asked: Asked
  events: readonly Event[]
  columns: readonly string[]
  toggle: (field: string) => void
}

/** What is the same in every event, or told elsewhere. */
const HIDDEN = new Set(['event.original', 'soc.record', 'soc.seq', 'ecs.version', '@timestamp', 'message'])
const TOP = 8

/** The fields of the events, those that are shown first; each opens to its most frequent values. */
export function FieldsPanel({ asked, events, columns, toggle }: FieldsPanelProps) {
  const [filter, setFilter] = useState('')
  const [open, setOpen] = useState<string | null>(null)
  const fields = useMemo(() => fieldsOf(events), [events])
  const wanted = fields.filter(([name]) => !HIDDEN.has(name) && name.toLowerCase().includes(filter.toLowerCase()))
  const chosen = columns.map((name): [string, number] => [name, fields.find(([field]) => field === name)?.[1] ?? 0])
  const row = ([name, count]: readonly [string, number]) => (
    <Field
      key={name}
      name={name}
      share={events.length === 0 ? 0 : count / events.length}
      asked={asked}
      open={open === name}
      setOpen={(to) => setOpen(to ? name : null)}
      column={columns.includes(name)}
      toggle={() => toggle(name)}
    />
  )
  return (
    <div className={classes.panel}>
      <TextInput
        size="xs"
        aria-label={t('fields.filter')}
        placeholder={t('fields.filter')}
        value={filter}
        onChange={(event) => setFilter(event.currentTarget.value)}
      />
      {chosen.length > 0 && (
        <>
          <h2 className={classes.heading}>{t('fields.chosen')}</h2>
          <ul>{chosen.map(row)}</ul>
        </>
      )}
      <h2 className={classes.heading}>{t('fields.others', { n: events.length })}</h2>
      <ul>{wanted.filter(([name]) => !columns.includes(name)).map(row)}</ul>
    </div>
  )
}

/** Names and in how many events they stand, the most frequent first. */
function fieldsOf(events: readonly Event[]): [string, number][] {
  const counts = new Map<string, number>()
  for (const event of events) for (const name of Object.keys(event)) counts.set(name, (counts.get(name) ?? 0) + 1)
  return [...counts].sort(([a, m], [b, n]) => n - m || (a < b ? -1 : 1))
}

interface FieldProps {
  name: string
  share: number
  asked: Asked
  open: boolean
  setOpen: (to: boolean) => void
  column: boolean
  toggle: () => void
}

function Field({ name, share, asked, open, setOpen, column, toggle }: FieldProps) {
  const label = t(column ? 'fields.remove' : 'fields.add', { field: name })
  return (
    <li className={classes.field}>
      <div className={classes.row}>
        <button
          type="button"
          className={classes.name}
          aria-expanded={open}
          aria-label={t('fields.values', { field: name })}
          title={`${Math.round(share * 100)} %`}
          onClick={() => setOpen(!open)}
        >
          <Icon name={open ? 'down' : 'right'} size={12} className={classes.chevron} />
          <span className={classes.text}>{name}</span>
        </button>
        <ActionIcon variant="subtle" size="sm" aria-label={label} title={label} onClick={toggle}>
          <Icon name={column ? 'minus' : 'plus'} size={14} />
        </ActionIcon>
      </div>
      {open && <TopValues name={name} asked={asked} />}
    </li>
  )
}

function TopValues({ name, asked }: { name: string; asked: Asked }) {
  const q = `${conditionOf(asked.q)} | count by ${fieldText(name)} | top ${TOP}`.trim()
  const { data, error, isPending } = useQuery(countedQuery({ ...asked, q }))
  if (isPending) return <Loading />
  if (error !== null) return <Failure error={error} />
  const { groups = [] } = data
  if (groups.length === 0) return <p className={classes.none}>{t('fields.no_values')}</p>
  const most = Math.max(...groups.map(({ count }) => count))
  return (
    <ul className={classes.values}>
      {groups.map(({ values: [value = ''], count }) => (
        <li key={value} className={classes.value}>
          <span className={classes.line}>
            <Value field={name} value={value} charsMax={120} />
            <span className={classes.count}>{number(count)}</span>
          </span>
          <span className={classes.bar} style={{ width: `${Math.max(2, (count / most) * 100)}%` }} />
        </li>
      ))}
    </ul>
  )
}
