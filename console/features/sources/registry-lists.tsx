import { Button } from '@mantine/core'
import { visible } from '../../lib/highlight.ts'
import { byAlphabet, named } from '../../lib/language.ts'
import { Empty } from '../../ui/states.tsx'
import { Table, TableBox } from '../../ui/table.tsx'
import { t as w } from '../../ui/words.ts'
import {
  type Change,
  ROLES,
  type Registry,
  kindText,
  lasts,
  matchText,
  nameOf,
  periodText,
  todayIn,
} from './registry-change.ts'
import { t } from './registry-messages.ts'
import classes from './registry.module.css'

interface ListProps {
  registry: Registry
  /** What has ended as well. */
  ended: boolean
  fits: (...words: (string | undefined)[]) => boolean
  /** Begins a change; null where the reader may change nothing. */
  act: ((change: Change) => void) | null
}

export function Systems({ registry, ended, fits, act }: ListProps) {
  const today = todayIn(registry.timeZone)
  const shown = registry.systems
    .filter(({ key, vi, en, aliases = [] }) => fits(key, vi, en, ...aliases))
    .toSorted((a, b) => byAlphabet(named(a), named(b)))
  if (shown.length === 0) return <Empty title={t('none')} />
  return (
    <TableBox label={t('show.systems')}>
      <Table hasSentences heads={headsOf([t('name'), ...ROLES.map((role) => t(`role.${role}`)), t('levels')], act)}>
        {shown.map((system) => (
          <tr key={system.key}>
            <th scope="row" className={classes.name}>
              <Name entry={system} />
            </th>
            {ROLES.map((role) => (
              <td key={role} className={classes.dated}>
                <Dated
                  entries={system.roles[role].filter(({ to }) => ended || lasts(to, today))}
                  text={({ agency }) => named(nameOf(registry, agency))}
                />
              </td>
            ))}
            <td className={classes.dated}>
              <Levels levels={system.levels.filter(({ to }) => ended || lasts(to, today))} />
            </td>
            {act !== null && (
              <td className={classes.acts}>
                <Act text={t('short.names')} of={named(system)} run={() => act({ kind: 'names', key: system.key })} />
                <Act text={t('short.role')} of={named(system)} run={() => act({ kind: 'role', key: system.key })} />
                <Act text={t('short.level')} of={named(system)} run={() => act({ kind: 'level', key: system.key })} />
              </td>
            )}
          </tr>
        ))}
      </Table>
    </TableBox>
  )
}

export function Agencies({ registry, ended, fits, act }: ListProps) {
  const today = todayIn(registry.timeZone)
  const shown = registry.agencies
    .filter(
      ({ key, vi, en, aliases = [], validTo }) => (ended || lasts(validTo, today)) && fits(key, vi, en, ...aliases),
    )
    .toSorted((a, b) => byAlphabet(named(a), named(b)))
  if (shown.length === 0) return <Empty title={t('none')} />
  return (
    <TableBox label={t('show.agencies')}>
      <Table hasSentences heads={headsOf([t('name'), t('above'), t('life'), t('levels')], act)}>
        {shown.map((agency) => (
          <tr key={agency.key}>
            <th scope="row" className={classes.name}>
              <Name entry={agency} />
            </th>
            <td className={classes.dated}>
              <Dated
                entries={agency.parents.filter(({ to }) => ended || lasts(to, today))}
                text={({ agency: key }) => named(nameOf(registry, key))}
              />
            </td>
            <td className={classes.dated}>
              {lifeText(agency) === '' ? t('always') : lifeText(agency)}
              {agency.successorOf.length > 0 && (
                <small>
                  {t('former', { names: agency.successorOf.map((key) => named(nameOf(registry, key))).join(', ') })}
                </small>
              )}
            </td>
            <td className={classes.dated}>
              <Levels levels={agency.levels.filter(({ to }) => ended || lasts(to, today))} />
            </td>
            {act !== null && (
              <td className={classes.acts}>
                <Act text={t('short.names')} of={named(agency)} run={() => act({ kind: 'names', key: agency.key })} />
                <Act text={t('short.level')} of={named(agency)} run={() => act({ kind: 'level', key: agency.key })} />
                {agency.validTo === undefined && (
                  <Act
                    text={t('short.end')}
                    of={named(agency)}
                    run={() => act({ kind: 'end_agency', key: agency.key })}
                  />
                )}
              </td>
            )}
          </tr>
        ))}
      </Table>
    </TableBox>
  )
}

export function Senders({ registry, ended, fits, act }: ListProps) {
  const today = todayIn(registry.timeZone)
  const shown = registry.sources
    .map((source, index) => ({ source, index, whose: whoseText(registry, source) }))
    .filter(
      ({ source, whose }) =>
        (ended || lasts(source.to, today)) && fits(matchText(source), whose, kindText(source.kind ?? '')),
    )
  const judged = (
    <p className={classes.judged}>
      <span>{t('judged', { how: healthText(registry.health) })}</span>
      {act !== null && <Act text={t('short.health')} of={t('judged_all')} run={() => act({ kind: 'health' })} />}
    </p>
  )
  if (shown.length === 0) {
    return (
      <>
        {judged}
        <Empty title={t('none')} />
      </>
    )
  }
  return (
    <>
      {judged}
      <TableBox label={t('show.sources')}>
        <Table hasSentences heads={headsOf([t('match'), t('whose'), t('life')], act)}>
          {shown.map(({ source, index, whose }) => (
            <tr key={index}>
              <th scope="row" className={classes.match}>
                {visible(matchText(source))}
                {source.kind !== undefined && <small>{kindText(source.kind)}</small>}
                {source.health !== undefined && <small>{healthText(source.health)}</small>}
              </th>
              <td className={classes.dated}>{whose}</td>
              <td>{periodText(source) === '' ? t('always') : periodText(source)}</td>
              {act !== null && (
                <td className={classes.acts}>
                  {lasts(source.to, today) && (
                    <>
                      <Act
                        text={t('short.health')}
                        of={matchText(source)}
                        run={() => act({ kind: 'health', source: index })}
                      />
                      <Act
                        text={t('short.move')}
                        of={matchText(source)}
                        run={() => act({ kind: 'move_source', source: index })}
                      />
                      <Act
                        text={t('short.end')}
                        of={matchText(source)}
                        run={() => act({ kind: 'end_source', source: index })}
                      />
                    </>
                  )}
                </td>
              )}
            </tr>
          ))}
        </Table>
      </TableBox>
    </>
  )
}

/** How a sender is judged, where something is said of it. */
function healthText({ expected = true, silentMinutes, fallenPercent, driftSeconds }: Registry['health']): string {
  const parts = [
    expected ? '' : t('health.unexpected'),
    silentMinutes === undefined ? '' : t('health.silent', { n: silentMinutes }),
    fallenPercent === undefined ? '' : t('health.fallen', { n: fallenPercent }),
    driftSeconds === undefined ? '' : t('health.drift', { n: driftSeconds }),
  ].filter((part) => part !== '')
  return parts.length === 0 ? t('health.habit') : parts.join(' · ')
}

function whoseText(registry: Registry, { agency, system }: Registry['sources'][number]): string {
  const [of, running] = [agency, system].map((key) => (key === undefined ? undefined : named(nameOf(registry, key))))
  if (running === undefined) return of ?? w('nothing')
  return of === undefined ? t('owned_by', { system: running }) : `${of} · ${running}`
}

function lifeText({ validFrom, validTo }: Registry['agencies'][number]): string {
  return periodText({ ...(validFrom && { from: validFrom }), ...(validTo && { to: validTo }) })
}

function Name({ entry }: { entry: { key: string; vi: string; en: string; aliases?: string[] } }) {
  const { key, aliases = [] } = entry
  return (
    <>
      {named(entry)}
      <code>{key}</code>
      {aliases.length > 0 && <small>{t('aliases', { names: aliases.join('; ') })}</small>}
    </>
  )
}

interface Period {
  from?: string
  to?: string
}

/** What was, is and will be so, each with its days. */
function Dated<T extends Period>({ entries, text }: { entries: readonly T[]; text: (entry: T) => string }) {
  if (entries.length === 0) return <>{w('nothing')}</>
  return (
    <ul>
      {entries.map((entry) => (
        <li key={`${entry.from} ${entry.to}`}>
          {text(entry)} <small>{periodText(entry)}</small>
        </li>
      ))}
    </ul>
  )
}

function Levels({ levels }: { levels: Registry['systems'][number]['levels'] }) {
  const statusText = (status: string): string => t(status === 'approved' ? 'status.approved' : 'status.proposed')
  return (
    <Dated
      entries={levels}
      text={({ level, status, basis }) => `${t('level', { level: String(level) })}, ${statusText(status)}: ${basis}`}
    />
  )
}

/** Heads of a table whose rows end with what the reader may change, if anything. */
export function headsOf(heads: readonly string[], act: ListProps['act']): string[] {
  return act === null ? [...heads] : [...heads, t('acts')]
}

export function Act({ text, of, run }: { text: string; of: string; run: () => void }) {
  return (
    <Button size="compact-xs" variant="default" aria-label={t('of', { what: text, name: of })} onClick={run}>
      {text}
    </Button>
  )
}
