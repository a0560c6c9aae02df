import { useState } from 'react'
import { number } from '../../lib/language.ts'
import { t as w } from '../../ui/words.ts'
import { type ByLevel, GRAVEST_FIRST, sumOf } from './figures.ts'
import { t } from './messages.ts'
import classes from './overview.module.css'

const HEIGHT = 120
const WIDTH = 8
const GAP = 3

interface TrendProps {
  days: readonly { day: string; levels: ByLevel }[]
  /** Offers the same as a table, for who cannot see bars. */
  asTableToo?: true
}

/** One bar a day, its levels on top of each other. */
export function Trend({ days, asTableToo }: TrendProps) {
  const [asTable, setAsTable] = useState(false)
  const most = Math.max(1, ...days.map(({ levels }) => sumOf(levels)))
  const short = (day: string): string => `${day.slice(8, 10)}/${day.slice(5, 7)}`
  return (
    <>
      {!asTable && <p className={classes.most}>{t('trend.most', { n: most })}</p>}
      {!asTable && (
        <svg
          className={classes.trend}
          viewBox={`0 0 ${days.length * (WIDTH + GAP)} ${HEIGHT}`}
          preserveAspectRatio="none"
          role="img"
          aria-label={t('trend.label')}
        >
          {days.map(({ day, levels }, index) => {
            let top = HEIGHT
            return (
              <g key={day}>
                <title>{`${short(day)}: ${number(sumOf(levels))}`}</title>
                {/* As high as all, so that the number of a day is there to be pointed at. */}
                <rect x={index * (WIDTH + GAP)} y={0} width={WIDTH + GAP} height={HEIGHT} className={classes.room} />
                {GRAVEST_FIRST.toReversed().map((level) => {
                  const height = (levels[level] / most) * HEIGHT
                  top -= height
                  return (
                    <rect
                      key={level}
                      x={index * (WIDTH + GAP)}
                      y={top}
                      width={WIDTH}
                      height={height}
                      className={classes[`fill-${level}`]}
                    />
                  )
                })}
              </g>
            )
          })}
        </svg>
      )}
      {!asTable && (
        <p className={classes.axis}>
          <span>{short(days[0]?.day ?? '')}</span>
          <span className={classes.legend}>
            {GRAVEST_FIRST.map((level) => (
              <span key={level}>
                <i className={classes[`ground-${level}`]} /> {w(`level.${level}`)}
              </span>
            ))}
          </span>
          <span>{short(days.at(-1)?.day ?? '')}</span>
        </p>
      )}
      {asTable && (
        <div className={classes.scroll} tabIndex={0} role="group" aria-label={t('trend.title')}>
          <table className={classes.table}>
            <thead>
              <tr>
                <th scope="col">{t('day')}</th>
                {GRAVEST_FIRST.map((level) => (
                  <th key={level} scope="col" className={classes.count}>
                    {w(`level.${level}`)}
                  </th>
                ))}
                <th scope="col" className={classes.count}>
                  {t('sum')}
                </th>
              </tr>
            </thead>
            <tbody>
              {days.toReversed().map(({ day, levels }) => (
                <tr key={day}>
                  <th scope="row">{short(day)}</th>
                  {GRAVEST_FIRST.map((level) => (
                    <td key={level} className={classes.count}>
                      {number(levels[level])}
                    </td>
                  ))}
                  <td className={classes.count}>{number(sumOf(levels))}</td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
      {asTableToo === true && (
        <button type="button" className={classes.plain} aria-pressed={asTable} onClick={() => setAsTable(!asTable)}>
          {t('trend.table')}
        </button>
      )}
    </>
  )
}
