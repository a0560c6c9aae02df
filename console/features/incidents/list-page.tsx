import { ActionIcon, Button, TextInput } from '@mantine/core'
import { useInfiniteQuery, useQueryClient } from '@tanstack/react-query'
import { lazyRouteComponent, useRouter } from '@tanstack/react-router'
import { Suspense, useCallback, useEffect, useMemo, useRef, useState } from 'react'
import { useAgencies } from '../../api/agencies.ts'
import { useMay, useMe } from '../../api/session.ts'
import { useIsLive } from '../../api/stream.ts'
import { useAhead } from '../../lib/ahead.ts'
import { useShortcuts } from '../../lib/keys.ts'
import { useAddress, useGo } from '../../lib/location.ts'
import { useTitle } from '../../lib/title.ts'
import { Icon } from '../../ui/icon.tsx'
import { Empty, Failure, Loading } from '../../ui/states.tsx'
import { toast, toastProblem } from '../../ui/toasts.tsx'
import { t as w } from '../../ui/words.ts'
import { BulkBar } from './bulk-bar.tsx'
import { Facets } from './facets.tsx'
import { filterOf, only } from './filter.ts'
import {
  type Decision,
  type Incident,
  type Targets,
  decide,
  decideAll,
  exactCount,
  incidentsQuery,
  patchLists,
  undoAll,
} from './incident-api.ts'
import { type GridHandle, IncidentGrid } from './incident-grid.tsx'
import { rememberList } from './last-list.ts'
import classes from './list-page.module.css'
import { t } from './messages.ts'
import { useLiveList } from './use-live-list.ts'
import { ViewsBar } from './views-bar.tsx'

const DecisionDialog = lazyRouteComponent(() => import('./decision-dialog.tsx'))

const TYPING_MS = 250
/** Within this the rows are on the screen. */
const PAINTED_MS = 100
/** A pointer that rests on a row for so long may open it. */
const STAYS_MS = 60
/** One request of names; more go by the filter. */
const IDS_MAX = 500

export default function ListPage() {
  const [search, change] = useAddress()
  const filter = filterOf(search)
  const { sort: _sort, ...narrowing } = filter
  const client = useQueryClient()
  const go = useGo()
  const router = useRouter()
  const me = useMe()
  const mayDecide = useMay('incidents:write')
  const mayDecideMany = useMay('incidents:merge')
  const mayExcept = useMay('exceptions:write')
  const { agencyName } = useAgencies()
  const query = useInfiniteQuery(incidentsQuery(filter))
  const { data, error, isPending, hasNextPage, isFetchingNextPage, fetchNextPage, refetch } = query
  const { waiting, taken } = useLiveList(filter)
  const [cursor, setCursor] = useState('')
  const [selected, setSelected] = useState<ReadonlySet<string>>(new Set())
  /** How many fit, where all that fit are selected, loaded or not. */
  const [allCount, setAllCount] = useState<number | null>(null)
  const [deciding, setDeciding] = useState<'state' | 'verdict' | null>(null)
  const [busy, setBusy] = useState('')
  const [showFilters, setShowFilters] = useState(false)
  const grid = useRef<GridHandle>(null)
  useTitle(t('nav'))

  const items = data?.pages.flatMap((page) => page.items) ?? []
  const first = data?.pages[0]
  const total = first === undefined || first.totalIsAtLeast === true ? null : (first.total ?? null)
  const key = JSON.stringify(filter)
  useEffect(() => {
    rememberList(filterOf(search))
    setSelected(new Set())
    setAllCount(null)
    // oxlint-disable-next-line react-hooks/exhaustive-deps -- by what the filter says
  }, [key])

  const open = (incident: Incident): void => go(`/incidents/${incident.id}`)
  const ahead = useOnceItStays(({ id }: Incident) => {
    void router.preloadRoute({ to: '/incidents/$id', params: { id } })
  })
  const at = items.findIndex(({ id }) => id === cursor)
  const onCursor = items[at]
  const move = (to: number): void => {
    const index = Math.min(items.length - 1, Math.max(0, to))
    if (items[index] === undefined) return
    setCursor(items[index].id)
    grid.current?.focusRow(index)
  }
  const toggle = (id: string): void => {
    setAllCount(null)
    setSelected((before) =>
      before.has(id) ? new Set([...before].filter((one) => one !== id)) : new Set([...before, id]),
    )
  }
  const toggleAll = (): void => {
    setAllCount(null)
    setSelected(selected.size >= items.length ? new Set() : new Set(items.slice(0, IDS_MAX).map(({ id }) => id)))
  }
  const clear = (): void => {
    setAllCount(null)
    setSelected(new Set())
  }
  const showNew = (): void => {
    taken()
    grid.current?.toTop()
    // Only the beginning: what was scrolled to further down is read again when somebody goes there.
    client.setQueryData(incidentsQuery(filter).queryKey, (now: typeof data) =>
      now === undefined ? now : { pages: now.pages.slice(0, 1), pageParams: now.pageParams.slice(0, 1) },
    )
    void refetch()
    void client.invalidateQueries({ queryKey: ['incident-counts'] })
  }
  const loadMore = useCallback(() => {
    if (!isFetchingNextPage) void fetchNextPage()
  }, [isFetchingNextPage, fetchNextPage])

  const targets: Targets | null =
    allCount !== null
      ? { filter: narrowing, expected: allCount }
      : selected.size > 0
        ? { ids: [...selected] }
        : onCursor === undefined
          ? null
          : { ids: [onCursor.id] }
  const count = allCount ?? (selected.size > 0 ? selected.size : 1)

  const run = async (decision: Decision): Promise<void> => {
    if (targets === null) return
    try {
      if (mayDecideMany) await runMany(targets, decision)
      else if (onCursor !== undefined) {
        await decide(client, onCursor, decision)
        toast(t('decide.done', { number: String(onCursor.number) }))
      }
      setDeciding(null)
    } catch (problem) {
      toastProblem(problem)
    }
  }
  const runMany = async (about: Targets, decision: Decision): Promise<void> => {
    const progress = ({ remaining, total }: { remaining: number; total: number }): void =>
      setBusy(t('bulk.progress', { done: total - remaining, total }))
    try {
      const job = await decideAll(about, decision, progress)
      const { changed = 0, unchanged = 0 } = job.results
      const refused = job.total - changed - unchanged
      await seen(about, decision)
      clear()
      const undo = async (): Promise<void> => {
        const { results } = await undoAll(job.id, progress)
        const { undone = 0, changed_since: since = 0 } = results
        toast(since === 0 ? t('bulk.undone', { n: undone }) : t('bulk.undone_partly', { n: undone, refused: since }))
        await refetch()
      }
      toast(refused === 0 ? t('bulk.done', { n: changed }) : t('bulk.done_partly', { n: changed, refused }), {
        label: w('undo'),
        run: () => void undo().catch(toastProblem),
      })
    } finally {
      setBusy('')
    }
  }
  /** Rows that were named stay where they are and show what was decided; after a decision about all, the list is read anew. */
  const seen = async (about: Targets, { state, verdict, assignee }: Decision): Promise<void> => {
    void client.invalidateQueries({ queryKey: ['incident-counts'] })
    void client.invalidateQueries({ queryKey: ['incident'] })
    if (!('ids' in about)) return void (await refetch())
    const patch = {
      ...(state !== undefined && { state }),
      ...(verdict !== undefined && { verdict: verdict ?? undefined }),
      ...(assignee !== undefined && { assignee: assignee ?? undefined }),
    } as Partial<Incident>
    patchLists(client, new Map(about.ids.map((id) => [id, patch])))
  }
  const chooseAll = (): void => {
    void exactCount(narrowing).then(setAllCount, toastProblem)
  }
  const take = (): void => {
    const starts = selected.size === 0 && allCount === null && onCursor?.state === 'new'
    void run({ assignee: me.name, ...(starts && { state: 'in_progress' }) })
  }

  useAhead(DecisionDialog)
  useShortcuts({
    heading: t('keys.list'),
    shortcuts: [
      { keys: 'j', label: t('keys.down'), run: () => move(at + 1) },
      { keys: 'k', label: t('keys.up'), run: () => move(at - 1) },
      { keys: 'ArrowDown', label: t('keys.down'), run: () => move(at + 1), isHidden: true },
      { keys: 'ArrowUp', label: t('keys.up'), run: () => move(at - 1), isHidden: true },
      { keys: 'Home', label: t('keys.up'), run: () => move(0), isHidden: true },
      { keys: 'End', label: t('keys.down'), run: () => move(items.length - 1), isHidden: true },
      { keys: 'Enter', label: t('keys.open'), run: () => onCursor !== undefined && open(onCursor) },
      ...(mayDecideMany
        ? [
            { keys: 'x', label: t('keys.select'), run: () => onCursor !== undefined && toggle(onCursor.id) },
            { keys: 'X', label: t('keys.select_all'), run: toggleAll },
          ]
        : []),
      ...(mayDecide
        ? [
            { keys: 'a', label: t('act.take'), run: take },
            { keys: 's', label: t('act.state'), run: () => targets !== null && setDeciding('state') },
            { keys: 'v', label: t('act.verdict'), run: () => targets !== null && setDeciding('verdict') },
          ]
        : []),
      {
        keys: 'c',
        label: t('act.comment'),
        run: () => onCursor !== undefined && go(`/incidents/${onCursor.id}?at=comment`),
      },
      ...(mayExcept
        ? [
            {
              keys: 'e',
              label: t('act.exception'),
              run: () => onCursor !== undefined && go(`/incidents/${onCursor.id}?at=exception`),
            },
          ]
        : []),
      { keys: '/', label: t('keys.search'), run: () => document.getElementById('incident-search')?.focus() },
      { keys: '.', label: t('keys.show_new'), run: showNew },
      { keys: 'Escape', label: t('keys.clear'), run: clear },
    ],
  })

  const assignees = [...new Set(items.flatMap(({ assignee }) => assignee ?? []))].sort().join('\n')
  const counting = useIsPainted(data !== undefined)
  // The same elements as before, so that a change of some rows does not draw them all again.
  const facets = useMemo(
    () => (
      <Facets
        filter={filterOf(search)}
        search={search}
        change={change}
        assignees={assignees === '' ? [] : assignees.split('\n')}
        counting={counting}
      />
    ),
    [search, change, assignees, counting],
  )
  const views = useMemo(() => <ViewsBar search={search} change={change} />, [search, change])
  return (
    <div className={classes.page}>
      <div className={classes.head}>
        <h1>{t('nav')}</h1>
        <span className={classes.total} role="status">
          {first?.total !== undefined &&
            (first.totalIsAtLeast === true
              ? t('list.more_than', { n: first.total })
              : t('list.total', { n: first.total }))}
        </span>
        <Live waiting={waiting} show={showNew} />
        <span className={classes.grow} />
        <SearchBox text={filter.q ?? ''} find={(text) => change({ q: text === '' ? undefined : text })} />
        <Button
          size="xs"
          variant="default"
          className={classes.filtersButton}
          aria-expanded={showFilters}
          leftSection={<Icon name="filter" size={15} />}
          onClick={() => setShowFilters(!showFilters)}
        >
          {t('list.filters')}
        </Button>
        <ActionIcon
          variant="default"
          size={30}
          aria-label={t('list.reload')}
          title={t('list.reload')}
          onClick={showNew}
        >
          <Icon name="refresh" size={16} />
        </ActionIcon>
      </div>
      {views}
      <div className={classes.body}>
        <aside className={`${classes.facets} ${showFilters ? classes.shown : ''}`} aria-label={t('list.filters')}>
          {facets}
        </aside>
        <div className={classes.main}>
          {mayDecideMany && (selected.size > 0 || allCount !== null) && (
            <BulkBar
              count={count}
              isAll={allCount !== null}
              offerAll={allCount === null && selected.size >= items.length && hasNextPage ? chooseAll : null}
              busy={busy}
              assignMe={take}
              decide={setDeciding}
              clear={clear}
            />
          )}
          {isPending ? (
            <Loading />
          ) : error !== null && data === undefined ? (
            <Failure error={error} retry={() => void refetch()} />
          ) : items.length === 0 ? (
            <NothingHere plain={key === JSON.stringify(filterOf({}))} showAll={() => change(only({ state: 'any' }))} />
          ) : (
            <IncidentGrid
              items={items}
              total={total}
              hasMore={hasNextPage}
              loadMore={loadMore}
              cursor={cursor}
              setCursor={setCursor}
              selected={mayDecideMany ? selected : null}
              toggle={toggle}
              toggleAll={toggleAll}
              open={open}
              ahead={ahead}
              agencyName={agencyName}
              handle={grid}
            />
          )}
        </div>
      </div>
      <Suspense>
        {deciding !== null && (
          <DecisionDialog
            about={selected.size > 0 || allCount !== null ? count : (onCursor ?? 0)}
            focus={deciding}
            close={() => setDeciding(null)}
            decide={run}
          />
        )}
      </Suspense>
    </div>
  )
}

/** True once what is there now is on the screen: what is less urgent then begins. */
function useIsPainted(isThere: boolean): boolean {
  const [isPainted, setIsPainted] = useState(false)
  useEffect(() => {
    if (!isThere) return
    const timer = setTimeout(() => setIsPainted(true), PAINTED_MS)
    return () => clearTimeout(timer)
  }, [isThere])
  return isPainted
}

/** Calls `act` with what was given last, once nothing else has been given for a moment. */
function useOnceItStays<T>(act: (value: T) => void): (value: T) => void {
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined)
  return (value) => {
    clearTimeout(timer.current)
    timer.current = setTimeout(() => act(value), STAYS_MS)
  }
}

/** Whether changes are coming in, and what waits to be shown. */
function Live({ waiting, show }: { waiting: number | null; show: () => void }) {
  const isLive = useIsLive()
  if (waiting === null || waiting > 0) {
    return (
      <button type="button" className={classes.pill} onClick={show}>
        <Icon name="up" size={14} />
        {waiting === null ? t('list.outdated') : t('list.new', { n: waiting })}
      </button>
    )
  }
  return isLive ? (
    <span className={classes.live} title={t('list.live_hint')}>
      <i aria-hidden="true" /> {t('list.live')}
    </span>
  ) : (
    <span className={classes.notLive} role="status">
      <Icon name="wifiOff" size={15} /> {t('list.not_live')}
    </span>
  )
}

function SearchBox({ text, find }: { text: string; find: (text: string) => void }) {
  const [typed, setTyped] = useState(text)
  const [seen, setSeen] = useState(text)
  const [sent, setSent] = useState(text)
  // The address changed: by what was typed here, or else by something that the box has to follow.
  if (seen !== text) {
    setSeen(text)
    if (text !== sent) setTyped(text)
  }
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined)
  return (
    <TextInput
      id="incident-search"
      size="xs"
      type="search"
      className={classes.search}
      aria-label={t('list.search')}
      placeholder={t('list.search')}
      title={t('list.search_key')}
      leftSection={<Icon name="search" size={15} />}
      value={typed}
      maxLength={200}
      onChange={({ currentTarget: { value } }) => {
        setTyped(value)
        clearTimeout(timer.current)
        timer.current = setTimeout(() => {
          setSent(value.trim())
          find(value.trim())
        }, TYPING_MS)
      }}
      onKeyDown={(event) => {
        if (event.nativeEvent.isComposing) return
        if (event.key === 'Escape' || event.key === 'Enter') event.currentTarget.blur()
      }}
    />
  )
}

function NothingHere({ plain, showAll }: { plain: boolean; showAll: () => void }) {
  if (plain) {
    return (
      <Empty icon="check" title={t('list.empty_open')}>
        {t('list.empty_open_hint')}
      </Empty>
    )
  }
  return (
    <Empty icon="filter" title={t('list.empty_filtered')}>
      <p>{t('list.empty_filtered_hint')}</p>
      <Button size="xs" variant="default" mt="sm" onClick={showAll}>
        {t('list.show_all')}
      </Button>
    </Empty>
  )
}
