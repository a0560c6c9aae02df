import { ActionIcon, Button } from '@mantine/core'
import { useInfiniteQuery, useIsFetching, useQuery, useQueryClient } from '@tanstack/react-query'
import { Suspense, lazy, useEffect, useEffectEvent, useRef, useState } from 'react'
import { parseQuery } from '../../../store/query/parse.ts'
import { conditionOf, excluding, fieldText, including, only, valueText } from '../../../store/query/refine.ts'
import { useMe } from '../../api/session.ts'
import { useShortcuts } from '../../lib/keys.ts'
import { useAddress, useGo } from '../../lib/location.ts'
import { stringifySearch, valuesOf } from '../../lib/search-parameters.ts'
import { Icon } from '../../ui/icon.tsx'
import { Empty, Failure, Loading } from '../../ui/states.tsx'
import { toast } from '../../ui/toasts.tsx'
import { EventDrawer } from './event-drawer.tsx'
import { FieldsPanel } from './fields-panel.tsx'
import { Groups } from './groups.tsx'
import { Histogram } from './histogram.tsx'
import { t } from './messages.ts'
import { QueryBar } from './query-bar.tsx'
import { RangePicker } from './range-picker.tsx'
import { Results } from './results.tsx'
import { SavedMenu } from './saved-menu.tsx'
import { type Asked, type Event, SEARCHES, countedQuery, eventQuery, eventsQuery } from './search-api.ts'
import { textsOf } from './texts.ts'
import { type Range, addressOfRange, rangeOf } from './time-range.ts'
import { PointContext, type Pointed, type Refinement, ValueMenu } from './value-menu.tsx'
import classes from './search-page.module.css'

const ExportDialog = lazy(() => import('./export-dialog.tsx'))

/** Shown where the address names none. */
const COLUMNS = ['soc.agency', 'host.name']
/** Before and after an event, for what else its host said. */
const AROUND_MS = 5 * 60_000
const GROUPS = 20

/** Everything about the search stands in the address: query, time, columns, the event that is open. */
export default function SearchPage() {
  const [address, change] = useAddress()
  const go = useGo()
  const client = useQueryClient()
  const mayExport = useMe().actions.includes('events:export')
  const [askedAtMs, setAskedAtMs] = useState(Date.now)
  const [at, setAt] = useState(0)
  const [pointed, setPointed] = useState<Pointed | null>(null)
  const [exporting, setExporting] = useState(false)
  const [fieldsShown, setFieldsShown] = useState(() => matchMedia('(min-width: 1000px)').matches)
  const editor = useRef<() => void>(() => undefined)
  const page = useRef<HTMLDivElement>(null)
  /** After a search by keyboard or menu its first row has the focus. */
  const toFirst = useRef(false)

  const q = valuesOf(address, 'q')[0] ?? ''
  const range = rangeOf(address, askedAtMs)
  const asked: Asked = { q, from: new Date(range.fromMs).toISOString(), to: new Date(range.toMs).toISOString() }
  const parsed = parseQuery(q)
  const output = 'query' in parsed ? parsed.query.output : null
  const fields = output?.kind === 'events' ? output.fields : undefined
  const chosen = address['col'] === undefined ? COLUMNS : valuesOf(address, 'col').filter((name) => name !== '')
  const columns = (fields ?? chosen).filter((name) => name !== 'event.original' && name !== '@timestamp')

  const found = useInfiniteQuery({ ...eventsQuery(asked), enabled: output?.kind === 'events' })
  const histogramQ = output?.kind === 'histogram' ? q : `${conditionOf(q)} | histogram`.trim()
  const histogram = useQuery({ ...countedQuery({ ...asked, q: histogramQ }), enabled: output !== null })
  const groups = useQuery({ ...countedQuery(asked), enabled: output?.kind === 'count' })
  const events = found.data?.pages.flatMap(({ items }) => items) ?? []
  const total = histogram.data?.buckets?.reduce((sum, { count }) => sum + count, 0)
  const running = useIsFetching({ queryKey: SEARCHES }) > 0

  const openedRecord = valuesOf(address, 'event')[0]
  const loaded = events.find((event) => event['soc.record'] === openedRecord)
  const alone = useQuery({
    ...eventQuery(openedRecord ?? ''),
    enabled: openedRecord !== undefined && loaded === undefined && !found.isFetching,
  })
  const opened = openedRecord === undefined ? undefined : (loaded ?? alone.data)

  const run = (to: string, more: Range | null = null): void => {
    toFirst.current = true
    setAt(0)
    setAskedAtMs(Date.now())
    change(
      { q: to === '' ? undefined : to, event: undefined, ...(more !== null && addressOfRange(more)) },
      { replace: false },
    )
  }
  const choose = (to: Range): void => {
    setAskedAtMs(Date.now())
    change({ ...addressOfRange(to), event: undefined }, { replace: false })
  }
  const stop = (): void => void client.cancelQueries({ queryKey: SEARCHES })
  const refine = (how: Refinement, field: string, value: string): void => {
    const to: Readonly<Record<Refinement, () => string>> = {
      include: () => including(q, field, value),
      exclude: () => excluding(q, field, value),
      only: () => only(field, value),
      everywhere: () => valueText(value),
      count: () => `${conditionOf(q)} | count by ${fieldText(field)} | top ${GROUPS}`.trim(),
    }
    run(to[how]())
  }
  /** Who writes on is not carried off to the first row. */
  const stayInEditor = (): void => {
    toFirst.current = false
  }
  const open = (event: Event): void => {
    const index = events.indexOf(event)
    if (index !== -1) setAt(index)
    change({ event: String(event['soc.record']) })
  }
  const toRow = (): void => {
    requestAnimationFrame(() => page.current?.querySelector<HTMLElement>('[role=row][tabindex="0"]')?.focus())
  }
  const close = (): void => {
    change({ event: undefined })
    toRow()
  }
  const step = (by: 1 | -1): void => {
    const next = events[(loaded === undefined ? -1 : events.indexOf(loaded)) + by]
    if (next !== undefined) open(next)
  }
  const around = (event: Event): void => {
    const atMs = Date.parse(String(event['@timestamp']))
    const host = textsOf(event['host.name'])[0]?.text ?? ''
    run(only('host.name', host), { fromMs: atMs - AROUND_MS, toMs: atMs + AROUND_MS })
  }
  const toggle = (field: string): void => {
    const to = columns.includes(field) ? columns.filter((name) => name !== field) : [...columns, field]
    change({ col: to.length === 0 ? '' : to })
  }
  const share = (): void => {
    const fixed = { ...address, ...addressOfRange({ fromMs: range.fromMs, toMs: range.toMs }) }
    navigator.clipboard.writeText(`${location.origin}/search${stringifySearch(fixed)}`).then(
      () => toast(t('share.done')),
      () => toast(t('share.failed')),
    )
  }

  const arrived = useEffectEvent(() => {
    if (!toFirst.current) return
    toFirst.current = false
    toRow()
  })
  const settledAt = found.isSuccess && !found.isFetching ? found.dataUpdatedAt : 0
  useEffect(() => {
    if (settledAt > 0) arrived()
  }, [settledAt])

  useShortcuts({
    heading: t('nav'),
    shortcuts: [
      { keys: '/', label: t('key.query'), run: () => (stayInEditor(), editor.current()) },
      { keys: 'j', label: t('key.next'), run: () => setAt(Math.min(events.length - 1, at + 1)) },
      { keys: 'k', label: t('key.previous'), run: () => setAt(Math.max(0, at - 1)) },
      {
        keys: 'Enter',
        label: t('key.open'),
        run: () => {
          const event = events[at]
          if (event !== undefined) open(event)
        },
      },
      {
        keys: 'Escape',
        label: t('key.close'),
        run: () => {
          if (pointed !== null) return // the menu has the key
          if (running) stop()
          else if (openedRecord !== undefined) close()
        },
      },
      { keys: 'f', label: t('key.fields'), run: () => setFieldsShown(!fieldsShown) },
      { keys: 'r', label: t('refresh'), run: () => run(q) },
    ],
  })

  return (
    <PointContext value={setPointed}>
      <div ref={page} className={classes.page}>
        <header className={classes.head}>
          <h1>{t('title')}</h1>
          <span className={classes.grow} />
          <SavedMenu
            q={q}
            address={stringifySearch({ ...address, event: undefined }) || '?'}
            open={(to) => go(`/search${to}`)}
          />
          {mayExport && (
            <Button
              size="xs"
              variant="default"
              leftSection={<Icon name="download" size={14} />}
              onClick={() => setExporting(true)}
            >
              {t('export')}
            </Button>
          )}
          <Button size="xs" variant="default" leftSection={<Icon name="link" size={14} />} onClick={share}>
            {t('share')}
          </Button>
        </header>
        <div className={classes.controls}>
          <QueryBar
            q={q}
            running={running}
            run={run}
            stop={stop}
            typed={stayInEditor}
            ready={(focus) => {
              editor.current = focus
            }}
          />
          <RangePicker range={range} choose={choose} />
        </div>
        {histogram.data !== undefined && (
          <Histogram counted={histogram.data} choose={(fromMs, toMs) => choose({ fromMs, toMs })} />
        )}
        <div className={classes.tools}>
          <Button
            size="compact-xs"
            variant="subtle"
            aria-expanded={fieldsShown}
            leftSection={<Icon name="menu" size={14} />}
            onClick={() => setFieldsShown(!fieldsShown)}
          >
            {t('fields')}
          </Button>
          <span role="status" className={classes.count}>
            {running ? t('running') : total !== undefined && t('events.count', { n: total })}
          </span>
          <ActionIcon variant="subtle" size="sm" aria-label={t('refresh')} title={t('refresh')} onClick={() => run(q)}>
            <Icon name="refresh" size={15} />
          </ActionIcon>
        </div>
        <div className={classes.below}>
          {fieldsShown && output?.kind === 'events' && (
            <div className={classes.fields} role="region" aria-label={t('fields')}>
              <FieldsPanel asked={asked} events={events} columns={columns} toggle={toggle} />
            </div>
          )}
          <div className={classes.results}>
            {output === null && (
              <Empty icon="alert" title={t('query.bad')}>
                {t('query.bad_hint')}
              </Empty>
            )}
            {output?.kind === 'events' && (
              <Found state={found} again={() => run(q)}>
                {events.length === 0 ? (
                  <Empty icon="search" title={t('events.none')}>
                    {t('events.none_hint')}
                  </Empty>
                ) : (
                  <Results
                    events={events}
                    columns={columns}
                    at={at}
                    setAt={setAt}
                    open={open}
                    opened={openedRecord}
                    hasMore={found.hasNextPage}
                    more={() => {
                      if (!found.isFetchingNextPage) void found.fetchNextPage()
                    }}
                  />
                )}
              </Found>
            )}
            {output?.kind === 'count' && (
              <Found state={groups} again={() => run(q)}>
                {groups.data !== undefined && <Groups counted={groups.data} />}
              </Found>
            )}
            {output?.kind === 'histogram' && histogram.error !== null && <Failure error={histogram.error} />}
          </div>
          {opened !== undefined && <EventDrawer event={opened} close={close} step={step} around={around} />}
        </div>
      </div>
      <ValueMenu pointed={pointed} close={() => setPointed(null)} refine={refine} />
      <Suspense>
        {exporting && (
          <ExportDialog
            asked={asked}
            total={output?.kind === 'events' ? (total ?? 0) : undefined}
            close={() => setExporting(false)}
          />
        )}
      </Suspense>
    </PointContext>
  )
}

interface FoundProps {
  state: { isPending: boolean; fetchStatus: string; error: Error | null }
  again: () => void
  children: React.ReactNode
}

/** What was found, or why there is nothing yet. */
function Found({ state: { isPending, fetchStatus, error }, again, children }: FoundProps) {
  if (error !== null) return <Failure error={error} retry={again} />
  if (isPending && fetchStatus === 'idle') {
    return (
      <Empty icon="search" title={t('stopped')}>
        <Button size="xs" variant="default" onClick={again}>
          {t('refresh')}
        </Button>
      </Empty>
    )
  }
  return isPending ? <Loading /> : children
}
