import { Button, NativeSelect, TextInput } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { useState } from 'react'
import { only } from '../../../store/query/refine.ts'
import { useAgencies } from '../../api/agencies.ts'
import { useMe } from '../../api/session.ts'
import { folded } from '../../lib/folded.ts'
import { visible } from '../../lib/highlight.ts'
import { byAlphabet, number } from '../../lib/language.ts'
import { useAddress } from '../../lib/location.ts'
import { valuesOf } from '../../lib/search-parameters.ts'
import { duration } from '../../lib/time.ts'
import { Empty, Failure, Loading } from '../../ui/states.tsx'
import { Table, TableBox } from '../../ui/table.tsx'
import { Ago } from '../../ui/time.tsx'
import { Frame } from './frame.tsx'
import { t } from './messages.ts'
import { type Source, sourcesQuery } from './sources-api.ts'
import { STATES, SourceStateBadge } from './state-badge.tsx'
import frame from './frame.module.css'
import classes from './sources-page.module.css'

/** Rows that are drawn before somebody asks for more. */
const ROWS = 200
const COLUMNS = ['state', 'source', 'agency', 'last', 'rate', 'lag', 'clock', 'failures', 'lost'] as const

export default function SourcesPage() {
  const { data, error, refetch } = useQuery(sourcesQuery())
  return (
    <Frame>
      {data !== undefined ? (
        <Sources sources={data} />
      ) : error !== null ? (
        <Failure error={error} retry={() => void refetch()} />
      ) : (
        <Loading />
      )}
    </Frame>
  )
}

function Sources({ sources }: { sources: readonly Source[] }) {
  const [address, change] = useAddress()
  const [rows, setRows] = useState(ROWS)
  const { agencyName, systemName } = useAgencies()
  const [state] = valuesOf(address, 'state')
  const [agency = ''] = valuesOf(address, 'agency')
  const [q = ''] = valuesOf(address, 'q')

  const words = folded(q).split(/\s+/)
  const among = sources.filter((one) => {
    const text = folded(`${one.source} ${one.system ?? ''} ${systemName(one.system ?? '')}`)
    return (agency === '' || one.agency === agency) && words.every((word) => text.includes(word))
  })
  const wanted = among
    .filter((one) => state === undefined || one.state === state)
    .toSorted((a, b) => STATES.indexOf(a.state) - STATES.indexOf(b.state) || byAlphabet(a.source, b.source))
  const agencies = [...new Set(sources.map((one) => one.agency))]
    .map((key) => ({ value: key, label: agencyName(key) }))
    .toSorted((a, b) => byAlphabet(a.label, b.label))

  return (
    <>
      <div className={classes.filters}>
        <div role="group" aria-label={t('states')} className={classes.states}>
          <Chip on={state === undefined} count={among.length} press={() => change({ state: undefined })}>
            {t('state.all')}
          </Chip>
          {STATES.map((one) => (
            <Chip
              key={one}
              on={state === one}
              count={among.filter((source) => source.state === one).length}
              press={() => change({ state: state === one ? undefined : one })}
            >
              {t(`state.${one}`)}
            </Chip>
          ))}
        </div>
        <NativeSelect
          size="xs"
          aria-label={t('agency')}
          data={[{ value: '', label: t('agency.any') }, ...agencies]}
          value={agency}
          onChange={(event) => change({ agency: event.currentTarget.value || undefined })}
        />
        <TextInput
          size="xs"
          aria-label={t('find')}
          placeholder={t('find')}
          value={q}
          onChange={(event) => change({ q: event.currentTarget.value || undefined })}
        />
      </div>
      {wanted.length === 0 ? (
        <Empty icon="sources" title={t('sources.none')}>
          {t('sources.none_hint')}
        </Empty>
      ) : (
        <TableBox label={t('sources.table')}>
          <Table hasSentences heads={COLUMNS.map((name) => t(`column.${name}`))}>
            {wanted.slice(0, rows).map((source) => (
              <Row key={`${source.source} ${source.agency}`} source={source} />
            ))}
          </Table>
        </TableBox>
      )}
      {wanted.length > rows && (
        <Button mt="sm" size="xs" variant="default" onClick={() => setRows(rows + ROWS)}>
          {t('sources.more', { n: Math.min(ROWS, wanted.length - rows) })}
        </Button>
      )}
    </>
  )
}

function Chip(props: { on: boolean; count: number; press: () => void; children: string }) {
  return (
    <button type="button" className={classes.chip} aria-pressed={props.on} onClick={props.press}>
      {props.children} <span className={classes.count}>{number(props.count)}</span>
    </button>
  )
}

function Row({ source }: { source: Source }) {
  const { agencyName, systemName } = useAgencies()
  const mayRead = useMe().actions.includes('events:read')
  const { events, deadLetters, parseFailures, dropped, throttled, recordsLastHour, recordsUsual, lagSeconds } = source
  const key = visible(source.source)
  return (
    <tr>
      <td>
        <SourceStateBadge state={source.state} />
        {source.silentAfterSeconds !== undefined && (
          <div className={frame.quiet}>{t('silent.after', { after: duration(source.silentAfterSeconds * 1_000) })}</div>
        )}
      </td>
      <th scope="row" className={classes.source}>
        {mayRead ? (
          <Link
            to="/search"
            search={{ q: `${only('soc.source', source.source)} and ${only('soc.agency', source.agency)}` }}
            aria-label={t('search', { what: key })}
          >
            {key}
          </Link>
        ) : (
          key
        )}
      </th>
      <td className={classes.agency}>
        {agencyName(source.agency)}
        {source.system !== undefined && <div className={frame.quiet}>{systemName(source.system)}</div>}
      </td>
      <td className={frame.number}>
        <Ago at={source.lastSeen} />
      </td>
      <td className={frame.number}>
        {recordsLastHour === undefined ? t('none') : number(recordsLastHour)} /{' '}
        {recordsUsual === undefined ? t('none') : number(recordsUsual)}
      </td>
      <td className={frame.number}>
        {lagSeconds === undefined ? t('none') : duration(Math.max(0, lagSeconds) * 1_000)}
      </td>
      <td className={frame.number}>{clockText(source.clockDriftSeconds)}</td>
      <td className={frame.number}>
        {parseFailures === 0 ? '0' : t('failures.of', { n: parseFailures, total: events + deadLetters })}
      </td>
      <td className={frame.number}>{t('lost.of', { lost: dropped, throttled })}</td>
    </tr>
  )
}

function clockText(driftSeconds: number | undefined): string {
  if (driftSeconds === undefined) return t('none')
  if (Math.abs(driftSeconds) < 1) return t('clock.right')
  const by = duration(Math.abs(driftSeconds) * 1_000)
  return t(driftSeconds > 0 ? 'clock.ahead' : 'clock.behind', { by })
}
