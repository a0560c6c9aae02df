import { Button } from '@mantine/core'
import { named } from '../../lib/language.ts'
import { calendarDay, weekday } from '../../lib/time.ts'
import { Empty } from '../../ui/states.tsx'
import { Table, TableBox } from '../../ui/table.tsx'
import { type Change, type Registry, periodText } from './registry-change.ts'
import { Act, headsOf } from './registry-lists.tsx'
import { t } from './registry-messages.ts'
import classes from './registry.module.css'

interface CalendarProps {
  registry: Registry
  fits: (...words: (string | undefined)[]) => boolean
  /** Begins a change; null where the reader may change nothing. */
  act: ((change: Change) => void) | null
}

/** Days off and days worked in their stead: rules ask whether somebody logs in on one. */
export function Calendar({ registry, fits, act }: CalendarProps) {
  const { calendar } = registry
  const days = [
    ...calendar.holidays.map((day) => ({ ...day, kind: 'holiday' as const })),
    ...calendar.workingDays.map((day) => ({ ...day, kind: 'working_day' as const })),
  ]
    .filter(({ date, vi, en }) => fits(date, calendarDay(date), vi, en))
    .toSorted((a, b) => a.date.localeCompare(b.date))
  return (
    <>
      <p className={classes.judged}>
        <span>
          {t('calendar.known', { from: calendarDay(calendar.from), to: calendarDay(calendar.to) })}{' '}
          {calendar.workingHours
            .map(({ days: on, hours, ...period }) =>
              [on.map((day) => weekday(day)).join(', '), hours.join(', '), periodText(period)].join(' ').trim(),
            )
            .join('; ')}
        </span>
        {act !== null && (
          <>
            <Button size="compact-xs" variant="default" onClick={() => act({ kind: 'calendar_end' })}>
              {t('do.calendar_end')}
            </Button>
            <Button size="compact-xs" variant="default" onClick={() => act({ kind: 'working_day' })}>
              {t('do.working_day')}
            </Button>
          </>
        )}
      </p>
      {days.length === 0 ? (
        <Empty title={t('none')} />
      ) : (
        <TableBox label={t('show.calendar')}>
          <Table
            hasSentences
            heads={headsOf([t('calendar.day'), t('calendar.days'), t('name'), t('calendar.kind')], act)}
          >
            {days.map((day) => (
              <tr key={`${day.kind} ${day.date}`}>
                <td>{calendarDay(day.date)}</td>
                <td>{day.days ?? 1}</td>
                <th scope="row" className={classes.name}>
                  {named(day)}
                </th>
                <td>{t(`kind.${day.kind}`)}</td>
                {act !== null && (
                  <td className={classes.acts}>
                    <Act
                      text={t('short.remove')}
                      of={`${named(day)} ${calendarDay(day.date)}`}
                      run={() => act({ kind: 'remove_day', from: day.date })}
                    />
                  </td>
                )}
              </tr>
            ))}
          </Table>
        </TableBox>
      )}
    </>
  )
}
