import { Button, Checkbox, NativeSelect, TextInput } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { useDeferredValue, useEffect, useRef, useState } from 'react'
import { addressOf } from '../../api/request.ts'
import { useShortcuts } from '../../lib/keys.ts'
import { named, number, titled } from '../../lib/language.ts'
import { useAddress } from '../../lib/location.ts'
import { valuesOf } from '../../lib/search-parameters.ts'
import { useTitle } from '../../lib/title.ts'
import { Icon } from '../../ui/icon.tsx'
import { Empty, Failure, Loading } from '../../ui/states.tsx'
import { type Cell, type Coverage, DAYS, type Technique, cellsOf, coverageQuery, matrixOf } from './coverage.ts'
import { t } from './coverage-texts.ts'
import classes from './coverage.module.css'
import { t as list } from './messages.ts'
import frame from './rules.module.css'
import { Sections } from './sections.tsx'

const COLOURS = ['coverage', 'fired'] as const
type Colour = (typeof COLOURS)[number]
/** From so many incidents on a technique is as dark as it gets. */
const MANY = 5

/** What of ATT&CK the rules see, and what of it happened. */
export default function CoveragePage() {
  const { data, error, isPending, refetch } = useQuery(coverageQuery)
  useTitle(list('section.coverage'))
  return (
    <div className={frame.long}>
      <Sections />
      <header className={frame.head}>
        <h1>{list('section.coverage')}</h1>
        <Button
          component="a"
          size="xs"
          variant="default"
          href={addressOf('GET /coverage/navigator', { query: { days: DAYS } })}
          download
          leftSection={<Icon name="download" size={15} />}
        >
          {t('download')}
        </Button>
      </header>
      {isPending && <Loading />}
      {error !== null && <Failure error={error} retry={() => void refetch()} />}
      {data !== undefined && <Matrix coverage={data} />}
    </div>
  )
}

function Matrix({ coverage }: { coverage: Coverage }) {
  const [search, change] = useAddress()
  const value = (name: string): string => valuesOf(search, name)[0] ?? ''
  const colour = COLOURS.find((known) => known === value('colour')) ?? 'coverage'
  const find = useDeferredValue(value('q'))
  const only = value('all') !== '1'
  const columns = matrixOf(coverage, { find, only })
  const cells = cellsOf(coverage.techniques)
  const open = cells.find(({ technique }) => technique.id === value('technique'))
  const close = (): void => {
    change({ technique: undefined })
    document.getElementById(`technique-${open?.technique.id ?? ''}`)?.focus()
  }
  return (
    <>
      <Summary cells={cells} />
      <div className={classes.tools}>
        <NativeSelect
          size="xs"
          aria-label={t('colour')}
          value={colour}
          onChange={({ currentTarget }) =>
            change({ colour: currentTarget.value === 'coverage' ? undefined : currentTarget.value })
          }
          data={COLOURS.map((each) => ({ value: each, label: `${t('colour')}: ${t(`colour.${each}`)}` }))}
        />
        <TextInput
          size="xs"
          type="search"
          aria-label={t('find')}
          placeholder={t('find')}
          leftSection={<Icon name="search" size={15} />}
          defaultValue={value('q')}
          onChange={({ currentTarget }) => change({ q: currentTarget.value === '' ? undefined : currentTarget.value })}
        />
        <Checkbox
          size="xs"
          label={t('only')}
          checked={only}
          onChange={({ currentTarget }) => change({ all: currentTarget.checked ? undefined : '1' })}
        />
        <Legend colour={colour} />
      </div>
      {columns.length === 0 && <Empty icon="search" title={t('empty')} />}
      <div className={classes.matrix} data-testid="matrix">
        {columns.map(({ key, names, rules, cells: own }) => (
          <section key={key} className={classes.column} aria-label={named(names)}>
            <h2>
              {named(names)} <small>{t('tactic.count', { n: rules })}</small>
            </h2>
            <ul>
              {own.map((cell) => (
                <li key={cell.technique.id}>
                  <CellButton
                    cell={cell}
                    tactic={key}
                    colour={colour}
                    isOpen={cell === open}
                    choose={() => change({ technique: cell.technique.id })}
                  />
                </li>
              ))}
            </ul>
          </section>
        ))}
      </div>
      {coverage.unknown.length > 0 && (
        <p className={classes.quiet}>{t('unknown', { ids: coverage.unknown.join(', ') })}</p>
      )}
      <p className={classes.quiet}>{t('about', { version: coverage.version })}</p>
      {open !== undefined && <Detail key={open.technique.id} cell={open} close={close} />}
    </>
  )
}

function Summary({ cells }: { cells: readonly Cell[] }) {
  const count = (fits: (cell: Cell) => boolean): number => cells.filter(fits).length
  const unanswered = count(({ coverage, incidents }) => coverage !== 'live' && incidents > 0)
  return (
    <ul className={classes.summary}>
      <li>{t('summary.techniques', { covered: count(({ coverage }) => coverage === 'live'), all: cells.length })}</li>
      <li>{t('summary.blind', { n: count(({ coverage }) => coverage === 'idle') })}</li>
      <li className={unanswered > 0 ? classes.bad : undefined}>{t('summary.unanswered', { n: unanswered })}</li>
    </ul>
  )
}

interface CellButtonProps {
  cell: Cell
  tactic: string
  colour: Colour
  isOpen: boolean
  choose: () => void
}

function CellButton({ cell, tactic, colour, isOpen, choose }: CellButtonProps) {
  const { technique, coverage, incidents } = cell
  const said =
    colour === 'coverage'
      ? t(`cell.${coverage}`)
      : incidents === 0
        ? t('cell.quiet')
        : t('cell.fired', { n: incidents })
  const isFirst = technique.tactics[0] === tactic
  return (
    <button
      type="button"
      {...(isFirst && { id: `technique-${technique.id}` })}
      className={classes.cell}
      data-colour={colour === 'coverage' ? coverage : shadeOf(incidents)}
      aria-pressed={isOpen}
      title={said}
      onClick={choose}
    >
      <small>{technique.id}</small>
      <span>{technique.name}</span>
      {incidents > 0 && <b aria-hidden="true">{number(incidents)}</b>}
      <span className={classes.unseen}>: {said}</span>
    </button>
  )
}

function shadeOf(incidents: number): 'zero' | 'some' | 'many' {
  return incidents === 0 ? 'zero' : incidents < MANY ? 'some' : 'many'
}

const LEGENDS = { coverage: ['live', 'idle', 'none'], fired: ['zero', 'some', 'many'] } as const

function Legend({ colour }: { colour: Colour }) {
  return (
    <ul className={classes.legend}>
      {LEGENDS[colour].map((each) => (
        <li key={each}>
          <i data-colour={each} aria-hidden="true" /> {t(`legend.${each}`)}
        </li>
      ))}
    </ul>
  )
}

/** One technique and those below it, with their rules. */
function Detail({ cell: { technique, below, incidents }, close }: { cell: Cell; close: () => void }) {
  const heading = useRef<HTMLHeadingElement>(null)
  const [told] = useState(() => [
    technique,
    ...below.filter(({ rules, incidents: own }) => rules.length > 0 || own > 0),
  ])
  useEffect(() => heading.current?.focus(), [])
  useShortcuts({
    heading: list('section.coverage'),
    shortcuts: [{ keys: 'Escape', label: t('detail.close'), run: close }],
  })
  return (
    <aside className={classes.detail} aria-label={`${technique.id} ${technique.name}`}>
      <div className={classes.detailHead}>
        <h2 ref={heading} tabIndex={-1}>
          {technique.id} {technique.name}
        </h2>
        <Button size="compact-sm" variant="default" onClick={close}>
          {t('detail.close')}
        </Button>
      </div>
      <p>{t('detail.incidents', { n: incidents })}</p>
      <h3>{t('detail.rules')}</h3>
      {told.every(({ rules }) => rules.length === 0) && <p className={classes.quiet}>{t('detail.none')}</p>}
      {told.map((one) => (
        <RulesOf key={one.id} technique={one} isSub={one !== technique} />
      ))}
    </aside>
  )
}

function RulesOf({ technique: { id, name, rules, incidents }, isSub }: { technique: Technique; isSub: boolean }) {
  if (rules.length === 0 && !isSub) return null
  return (
    <>
      {isSub && (
        <h4>
          {id} {name} {incidents > 0 && <small>{t('cell.fired', { n: incidents })}</small>}
        </h4>
      )}
      <ul className={classes.rules}>
        {rules.map(({ standing, ...rule }) => (
          <li key={rule.id}>
            <Link to="/rules/$id" params={{ id: rule.id }}>
              {titled(rule)}
            </Link>{' '}
            <small data-standing={standing}>{t(`standing.${standing}`)}</small>
          </li>
        ))}
      </ul>
    </>
  )
}
