import { useVirtualizer } from '@tanstack/react-virtual'
import { useEffect, useEffectEvent, useRef } from 'react'
import { useAgencies } from '../../api/agencies.ts'
import { Time } from '../../ui/time.tsx'
import { t } from './messages.ts'
import type { Event } from './search-api.ts'
import { shown, textsOf } from './texts.ts'
import { Value } from './value-menu.tsx'
import classes from './results.module.css'

const ROW_HEIGHT = 28
/** Of a message in a row of the table; the rest, and the raw line, are in the drawer. */
const LINE_CHARS_MAX = 600

interface ResultsProps {
  events: readonly Event[]
  columns: readonly string[]
  /** Row that the keyboard is at. */
  at: number
  setAt: (at: number) => void
  open: (event: Event) => void
  opened: string | undefined
  /** The end of the list came into sight. */
  more: () => void
  hasMore: boolean
}

/** The events as a table, of which only the rows in sight are there. */
export function Results({ events, columns, at, setAt, open, opened, more, hasMore }: ResultsProps) {
  const box = useRef<HTMLDivElement>(null)
  const { agencyName } = useAgencies()
  // oxlint-disable-next-line react/incompatible-library -- no compiler memoises what is read from it
  const rows = useVirtualizer({
    count: events.length,
    getScrollElement: () => box.current,
    estimateSize: () => ROW_HEIGHT,
    overscan: 6,
  })
  const items = rows.getVirtualItems()
  const last = items.at(-1)?.index ?? 0
  const wantMore = useEffectEvent(() => more())
  useEffect(() => {
    if (hasMore && last >= events.length - 30) wantMore()
  }, [last, events.length, hasMore])

  const toRow = useEffectEvent((index: number) => {
    rows.scrollToIndex(index)
    // It is drawn with the scroll that was just asked for.
    requestAnimationFrame(() => box.current?.querySelector<HTMLElement>(`[data-index="${index}"]`)?.focus())
  })
  const moved = useRef(at)
  useEffect(() => {
    if (moved.current !== at) toRow(at)
    moved.current = at
  }, [at])

  const pressed = (event: React.KeyboardEvent): void => {
    const page = Math.max(1, Math.floor((box.current?.clientHeight ?? 0) / ROW_HEIGHT) - 1)
    const steps: Readonly<Record<string, number>> = {
      ArrowDown: 1,
      ArrowUp: -1,
      PageDown: page,
      PageUp: -page,
      Home: -events.length,
      End: events.length,
    }
    const step = steps[event.key]
    if (event.key === 'Enter' && event.target instanceof HTMLElement && event.target.role === 'row') {
      event.preventDefault()
      const chosen = events[at]
      if (chosen !== undefined) open(chosen)
    } else if (step !== undefined) {
      event.preventDefault()
      setAt(Math.min(events.length - 1, Math.max(0, at + step)))
    }
  }

  const cell = (event: Event, field: string) => {
    const texts = textsOf(event[field])
    if (field === 'soc.agency' && texts.length === 1) {
      return <span title={texts[0]!.text}>{agencyName(texts[0]!.text)}</span>
    }
    return texts.map(({ text, searchable }, index) => (
      <span key={index}>
        {index > 0 && ', '}
        <Value field={field} value={text} searchable={searchable} tabbable={false} charsMax={200} />
      </span>
    ))
  }

  return (
    // oxlint-disable-next-line jsx-a11y/interactive-supports-focus -- its rows have the focus
    <div
      ref={box}
      role="grid"
      className={classes.box}
      aria-label={t('events.table')}
      aria-rowcount={hasMore ? -1 : events.length + 1}
      aria-colcount={columns.length + 2}
      onKeyDown={pressed}
      style={{ '--columns': columns.length } as React.CSSProperties}
    >
      <div role="row" className={`${classes.row} ${classes.head}`} aria-rowindex={1}>
        <span role="columnheader" className={classes.cell}>
          {t('column.time')}
        </span>
        {columns.map((name) => (
          <span key={name} role="columnheader" className={classes.cell} title={name}>
            {name}
          </span>
        ))}
        <span role="columnheader" className={classes.cell}>
          {t('column.message')}
        </span>
      </div>
      <div role="rowgroup" className={classes.rows} style={{ height: rows.getTotalSize() }}>
        {items.map(({ index, start }) => {
          const event = events[index]!
          const record = String(event['soc.record'])
          return (
            // oxlint-disable-next-line jsx-a11y/click-events-have-key-events -- the grid has the keys
            <div
              key={record}
              role="row"
              className={classes.row}
              data-index={index}
              aria-rowindex={index + 2}
              aria-selected={record === opened}
              tabIndex={index === at ? 0 : -1}
              style={{ transform: `translateY(${start}px)` }}
              onFocus={(focus) => {
                if (focus.target === focus.currentTarget && index !== at) setAt(index)
              }}
              onClick={() => open(event)}
            >
              <span role="gridcell" className={classes.cell}>
                <Time at={String(event['@timestamp'])} seconds />
              </span>
              {columns.map((name) => (
                <span key={name} role="gridcell" className={classes.cell}>
                  {cell(event, name)}
                </span>
              ))}
              <span role="gridcell" className={`${classes.cell} ${classes.raw}`} dir="ltr">
                {shown(textsOf(event['message'] ?? event['event.original'])[0]?.text ?? '', LINE_CHARS_MAX)}
              </span>
            </div>
          )
        })}
      </div>
    </div>
  )
}
