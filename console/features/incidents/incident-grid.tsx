import { useVirtualizer } from '@tanstack/react-virtual'
import { type RefObject, memo, useEffect, useImperativeHandle, useLayoutEffect, useRef } from 'react'
import { visible } from '../../lib/highlight.ts'
import { titled } from '../../lib/language.ts'
import { useIsNarrow } from '../../lib/narrow.ts'
import { LevelBadge, StateBadge, VerdictBadge } from '../../ui/badges.tsx'
import { Check } from '../../ui/check.tsx'
import { Ago } from '../../ui/time.tsx'
import { kindOf } from '../../ui/words.ts'
import classes from './incident-grid.module.css'
import type { Incident } from './incident-api.ts'
import { t } from './messages.ts'

const ROW_PX = 50
const NARROW_ROW_PX = 104
/** So many rows before the end, the next are asked for. */
const AHEAD = 30

export interface GridHandle {
  focusRow: (index: number) => void
  toTop: () => void
}

interface GridProps {
  items: readonly Incident[]
  /** How many there are in all; null where only more than that is known. */
  total: number | null
  hasMore: boolean
  loadMore: () => void
  /** The row that the keyboard is on. */
  cursor: string
  setCursor: (id: string) => void
  /** Null where the user may not decide about many. */
  selected: ReadonlySet<string> | null
  toggle: (id: string) => void
  toggleAll: () => void
  open: (incident: Incident) => void
  /** Somebody may open it next. */
  ahead: (incident: Incident) => void
  agencyName: (key: string) => string
  handle: RefObject<GridHandle | null>
}

/** The rows of the list; only those in the window are in the page. */
export function IncidentGrid(props: GridProps) {
  const { items, total, hasMore, loadMore, cursor, selected, agencyName, handle } = props
  const acts = useRef<RowProps['acts']['current']>(props)
  useLayoutEffect(() => {
    acts.current = props
  })
  const scroller = useRef<HTMLDivElement>(null)
  const narrow = useIsNarrow()
  // oxlint-disable-next-line react/incompatible-library -- nothing here is memoized by a compiler
  const virtual = useVirtualizer({
    count: items.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => (narrow ? NARROW_ROW_PX : ROW_PX),
    overscan: 8,
    getItemKey: (index) => items[index]!.id,
  })
  useEffect(() => virtual.measure(), [narrow, virtual])

  const rows = virtual.getVirtualItems()
  const last = rows.at(-1)?.index ?? 0
  useEffect(() => {
    if (hasMore && last >= items.length - AHEAD) loadMore()
  }, [hasMore, last, items.length, loadMore])

  useImperativeHandle(handle, () => ({
    focusRow: (index) => {
      const focus = (): boolean => {
        const row = scroller.current?.querySelector<HTMLElement>(`[aria-rowindex="${index + 2}"]`)
        row?.focus({ preventScroll: true })
        return row != null
      }
      virtual.scrollToIndex(index)
      // A row far away only comes into the page with the next drawing.
      if (!focus()) requestAnimationFrame(() => requestAnimationFrame(focus))
    },
    toTop: () => scroller.current?.scrollTo({ top: 0 }),
  }))

  const cursorIsHere = items.some(({ id }) => id === cursor)
  return (
    <div
      role="grid"
      aria-label={t('nav')}
      aria-rowcount={total === null ? -1 : total + 1}
      aria-multiselectable={selected !== null}
      className={classes.grid}
    >
      <div role="rowgroup">
        <div role="row" aria-rowindex={1} className={`${classes.row} ${classes.head}`}>
          {selected !== null && (
            <span role="columnheader" className={classes.check}>
              <Check
                aria-label={t('list.select_all')}
                checked={selected.size > 0 && selected.size >= items.length}
                indeterminate={selected.size > 0 && selected.size < items.length}
                onChange={props.toggleAll}
              />
            </span>
          )}
          <span role="columnheader" className={classes.priority} title={t('column.priority_long')}>
            {t('column.priority')}
          </span>
          <span role="columnheader" className={classes.level}>
            {t('column.level')}
          </span>
          <span role="columnheader" className={classes.what}>
            {t('column.what')}
          </span>
          <span role="columnheader" className={classes.agency}>
            {t('column.agency')}
          </span>
          <span role="columnheader" className={classes.state}>
            {t('column.state')}
          </span>
          <span role="columnheader" className={classes.assignee}>
            {t('column.assignee')}
          </span>
          <span role="columnheader" className={classes.when}>
            {t('column.when')}
          </span>
        </div>
      </div>
      {/* oxlint-disable-next-line jsx-a11y/no-static-element-interactions -- scrolls; the rows take the focus */}
      <div ref={scroller} className={classes.scroller} role="presentation">
        <div role="rowgroup" style={{ height: virtual.getTotalSize(), position: 'relative' }}>
          {rows.map(({ index, start, size }) => {
            const incident = items[index]!
            return (
              <Row
                key={incident.id}
                incident={incident}
                agency={agencyName(incident.agency)}
                index={index}
                start={start}
                size={size}
                tabbable={cursorIsHere ? incident.id === cursor : index === 0}
                isCursor={incident.id === cursor}
                isChosen={selected === null ? null : selected.has(incident.id)}
                acts={acts}
              />
            )
          })}
        </div>
      </div>
    </div>
  )
}

interface RowProps {
  incident: Incident
  /** Its name. */
  agency: string
  index: number
  start: number
  size: number
  tabbable: boolean
  isCursor: boolean
  /** Null where the user may not decide about many. */
  isChosen: boolean | null
  /** The same object always, or every row would be drawn with each of them. */
  acts: RefObject<Pick<GridProps, 'setCursor' | 'toggle' | 'open' | 'ahead'>>
}

/** Drawn again only when something of it has changed: fifty may change in a second, and the list has a hundred. */
const Row = memo(function Row(props: RowProps) {
  const { incident, agency, index, start, size, tabbable, isCursor, isChosen, acts } = props
  const { id, number, level, priority, state, verdict, assignee, entity, alertCount, rules } = incident
  return (
    // oxlint-disable-next-line jsx-a11y/click-events-have-key-events -- Enter is a shortcut of the page
    <div
      role="row"
      aria-rowindex={index + 2}
      aria-selected={isChosen ?? undefined}
      data-level={level}
      data-id={id}
      tabIndex={tabbable ? 0 : -1}
      className={`${classes.row} ${classes.item} ${isCursor ? classes.cursor : ''} ${isChosen === true ? classes.chosen : ''} ${
        state === 'resolved' || state === 'closed' ? classes.handled : ''
      }`}
      style={{ transform: `translateY(${start}px)`, height: size }}
      onFocus={() => acts.current.setCursor(id)}
      onPointerEnter={() => acts.current.ahead(incident)}
      onClick={(event) => {
        const { target } = event
        if (!(target instanceof Element) || target.closest('label, input') !== null) return
        if (target.closest('a') !== null) {
          // In a window of its own, as any link.
          if (event.ctrlKey || event.metaKey || event.shiftKey) return
          event.preventDefault()
        }
        acts.current.open(incident)
      }}
    >
      {isChosen !== null && (
        <span role="gridcell" className={classes.check}>
          <Check
            tabIndex={-1}
            aria-label={t('list.select', { number: String(number) })}
            checked={isChosen}
            onChange={() => acts.current.toggle(id)}
          />
        </span>
      )}
      <span role="gridcell" className={classes.priority}>
        {priority}
      </span>
      <span role="gridcell" className={classes.level}>
        <LevelBadge level={level} />
      </span>
      <span role="gridcell" className={classes.what}>
        {/* The row opens it and fetches it ahead, so that no link of the router is needed in each. */}
        <a href={`/incidents/${id}`} tabIndex={-1} className={classes.title}>
          {visible(titled(incident))}
        </a>
        <span className={classes.about}>
          <span className={classes.number}>#{number}</span>
          <span className={classes.entity}>
            {kindOf(entity.kind)} <b>{visible(entity.value)}</b>
          </span>
          <span>{t('list.alerts', { n: alertCount })}</span>
          {rules.length > 1 && <span>{t('list.rules', { n: rules.length })}</span>}
          <span className={classes.its} aria-hidden="true">
            {agency}
          </span>
        </span>
      </span>
      <span role="gridcell" className={classes.agency} title={agency}>
        {agency}
      </span>
      <span role="gridcell" className={classes.state}>
        <StateBadge state={state} />
        {verdict !== undefined && <VerdictBadge verdict={verdict} />}
      </span>
      <span role="gridcell" className={classes.assignee}>
        {assignee ?? <i>{t('nobody')}</i>}
      </span>
      <span role="gridcell" className={classes.when}>
        <Ago at={incident.lastEventAt} />
      </span>
    </div>
  )
})
