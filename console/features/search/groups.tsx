import { useAgencies } from '../../api/agencies.ts'
import { number } from '../../lib/language.ts'
import { Empty } from '../../ui/states.tsx'
import { t } from './messages.ts'
import type { Counted } from './search-api.ts'
import { Value } from './value-menu.tsx'
import classes from './groups.module.css'

/** What `| count by` gave: one row for each group, each value to go on from. */
export function Groups({ counted }: { counted: Counted }) {
  const { by, groups = [], more } = counted
  const { agencyName } = useAgencies()
  if (groups.length === 0) return <Empty icon="search" title={t('events.none')} />
  const most = Math.max(...groups.map(({ count }) => count))
  return (
    <div className={classes.box} tabIndex={0} role="region" aria-label={t('group.table')}>
      <table className={classes.table}>
        <thead>
          <tr>
            {by.map((field) => (
              <th key={field} scope="col">
                {field}
              </th>
            ))}
            <th scope="col">{t('group.count')}</th>
          </tr>
        </thead>
        <tbody>
          {groups.map(({ values, count }) => (
            <tr key={JSON.stringify(values)}>
              {values.map((value, index) => (
                <td key={index} className={classes.value}>
                  <Value
                    field={by[index]!}
                    value={value}
                    name={by[index] === 'soc.agency' ? agencyName(value) : undefined}
                  />
                </td>
              ))}
              <td>
                <span className={classes.figure}>{number(count)}</span>
                <span className={classes.bars}>
                  <span className={classes.bar} style={{ width: `${Math.max(1, (count / most) * 100)}%` }} />
                </span>
              </td>
            </tr>
          ))}
        </tbody>
      </table>
      {more === true && <p className={classes.more}>{t('group.more')}</p>}
    </div>
  )
}
