import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { only } from '../../../store/query/refine.ts'
import { useAgencies } from '../../api/agencies.ts'
import { byAlphabet, named, shortNumber } from '../../lib/language.ts'
import { visible } from '../../lib/highlight.ts'
import { Icon } from '../../ui/icon.tsx'
import { Failure, Loading } from '../../ui/states.tsx'
import { Table, TableBox } from '../../ui/table.tsx'
import { Frame } from './frame.tsx'
import { t } from './messages.ts'
import { coverageQuery } from './sources-api.ts'
import frame from './frame.module.css'
import classes from './coverage-page.module.css'

/** Which system sends which kind of log: what is missing is seen at a glance. */
export default function CoveragePage() {
  const { data, error, refetch } = useQuery(coverageQuery())
  return (
    <Frame>
      <p className={frame.about}>{t('coverage.about')}</p>
      {data !== undefined ? (
        <Matrix groups={data} />
      ) : error !== null ? (
        <Failure error={error} retry={() => void refetch()} />
      ) : (
        <Loading />
      )}
    </Frame>
  )
}

function Matrix({ groups }: { groups: readonly { values: string[]; count: number }[] }) {
  const { systems, agencyName } = useAgencies()
  const counts = new Map(groups.map(({ values: [system = '', kind = ''], count }) => [`${system}\n${kind}`, count]))
  const totals = new Map<string, number>()
  for (const { values, count } of groups) totals.set(values[1]!, (totals.get(values[1]!) ?? 0) + count)
  const kinds = [...totals].toSorted(([, m], [, n]) => n - m).map(([kind]) => kind)
  const heard = new Set(groups.map(({ values }) => values[0]))
  const rows = systems.toSorted(
    (a, b) =>
      byAlphabet(agencyName(a.owner ?? ''), agencyName(b.owner ?? '')) || byAlphabet(named(a.names), named(b.names)),
  )
  return (
    <>
      <p className={classes.seen}>
        {t('coverage.seen', { n: rows.filter(({ key }) => heard.has(key)).length, total: rows.length })}
      </p>
      <TableBox label={t('coverage.table')}>
        <Table hasSentences className={classes.matrix} heads={[t('coverage.system'), ...kinds.map(visible)]}>
          {rows.map(({ key, names, owner }) => (
            <tr key={key}>
              <th scope="row" className={classes.system}>
                {named(names)}
                <div className={frame.quiet}>{agencyName(owner ?? '')}</div>
                {!heard.has(key) && (
                  <div className={classes.blind}>
                    <Icon name="wifiOff" size={13} /> {t('coverage.blind')}
                  </div>
                )}
              </th>
              {kinds.map((kind) => (
                <td key={kind} className={frame.number}>
                  <Cell system={key} name={named(names)} kind={kind} count={counts.get(`${key}\n${kind}`) ?? 0} />
                </td>
              ))}
            </tr>
          ))}
        </Table>
      </TableBox>
    </>
  )
}

function Cell({ system, name, kind, count }: { system: string; name: string; kind: string; count: number }) {
  if (count === 0) return null
  return (
    <Link
      to="/search"
      search={{ q: `${only('soc.system', system)} and ${only('event.dataset', kind)}`, last: '7d' }}
      className={classes.cell}
      aria-label={`${shortNumber(count)} · ${t('coverage.cell', { n: count, kind: visible(kind), system: name })}`}
    >
      {shortNumber(count)}
    </Link>
  )
}
