import { Button } from '@mantine/core'
import { useQueries, useQuery, useQueryClient } from '@tanstack/react-query'
import { type Answer, request } from '../../api/request.ts'
import { visible } from '../../lib/highlight.ts'
import { Empty, Failure, Loading } from '../../ui/states.tsx'
import { Table, TableBox } from '../../ui/table.tsx'
import { Time } from '../../ui/time.tsx'
import { toast, toastProblem } from '../../ui/toasts.tsx'
import { has as isWord, say as word } from '../../ui/words.ts'
import { useAgencies } from '../../api/agencies.ts'
import { titled } from '../../lib/language.ts'
import { ruleQuery } from '../../api/rules.ts'
import classes from './administration.module.css'
import { has, say, t } from './messages.ts'
import { Tabbed } from './tabs.tsx'

type Rule = Answer<'GET /notifications/rules'>['rules'][number]

const MINUTE_MS = 60_000
const LOG_SHOWN = 100
/** A trial is sent within seconds: its outcome shows by itself. */
const REFRESH_MS = 5_000

/** Who is told of what, and what became of each message. */
export default function NotificationsPage() {
  const client = useQueryClient()
  const rules = useQuery({
    queryKey: ['notification-rules'],
    queryFn: ({ signal }) => request('GET /notifications/rules', { signal }),
  })
  const log = useQuery({
    queryKey: ['notifications'],
    queryFn: ({ signal }) => request('GET /notifications', { query: { limit: LOG_SHOWN }, signal }),
    refetchInterval: REFRESH_MS,
  })
  const own = useQuery({
    queryKey: ['own-notifications'],
    queryFn: ({ signal }) => request('GET /me/notifications', { signal }),
  })
  const { agencyName } = useAgencies()
  const ruleTitle = useRuleTitles(rules.data?.rules.flatMap((rule) => rule.rules ?? []) ?? [])
  const ways = own.data?.ways.filter((way) => own.data.settings.addresses[way] !== undefined) ?? []
  const doing = async (work: Promise<unknown>, said: string): Promise<void> => {
    await work.then(() => toast(said), toastProblem)
    await client.invalidateQueries({ queryKey: ['notifications'] })
  }
  return (
    <Tabbed
      tab="tab.notifications"
      beside={
        own.data !== undefined && ways.length === 0 ? (
          <span className={classes.note}>{t('notify.no_way')}</span>
        ) : (
          ways.map((way) => (
            <Button
              key={way}
              size="xs"
              variant="default"
              onClick={() =>
                void doing(request('POST /me/notifications/trial', { body: { way } }), t('notify.trial_sent'))
              }
            >
              {t('notify.trial', { way: t(`way.${way}`) })}
            </Button>
          ))
        )
      }
    >
      <p className={classes.intro}>{t('notify.intro')}</p>
      <TableBox label={t('tab.notifications')}>
        {rules.isPending && <Loading />}
        {rules.error !== null && <Failure error={rules.error} retry={() => void rules.refetch()} />}
        {rules.data !== undefined && (
          <Table label={t('notify.rules')} heads={[t('notify.key'), t('notify.about'), t('notify.to'), t('notify.by')]}>
            {rules.data.rules.map((rule) => (
              <tr key={rule.key}>
                <th scope="row">{rule.key}</th>
                <td className={classes.wide}>{conditionsOf(rule, { ruleTitle, agencyName })}</td>
                <td className={classes.wide}>
                  {[
                    ...rule.to.roles.map((role) => wordOf('role', role)),
                    ...rule.to.people.map((person) => codeText('person', person)),
                    ...rule.to.users,
                  ].join(', ')}
                </td>
                <td className={classes.wide}>{howOf(rule)}</td>
              </tr>
            ))}
          </Table>
        )}
        {log.error !== null && <Failure error={log.error} retry={() => void log.refetch()} />}
        {log.data?.items.length === 0 && <Empty icon="comment" title={t('notify.none')} />}
        {log.data !== undefined && log.data.items.length > 0 && (
          <Table label={t('notify.log')} heads={[t('at'), t('actor'), t('notify.by'), t('notify.state'), t('acts')]}>
            {log.data.items.map(({ id, at, user, way, state, attempts, error }) => (
              <tr key={id}>
                <td>
                  <Time at={at} seconds />
                </td>
                <td>{user}</td>
                <td>{t(`way.${way}`)}</td>
                <td className={state === 'failed' ? classes.bad : classes.wide}>
                  {t(`notify.${state}`)} · {t('notify.attempts', { n: attempts })}
                  {error !== undefined && ` · ${visible(error)}`}
                </td>
                <td>
                  {state === 'failed' && (
                    <Button
                      size="compact-xs"
                      variant="default"
                      onClick={() =>
                        void doing(request('POST /notifications/{id}/resend', { params: { id } }), t('notify.resent'))
                      }
                    >
                      {t('notify.resend')}
                    </Button>
                  )}
                </td>
              </tr>
            ))}
          </Table>
        )}
      </TableBox>
    </Tabbed>
  )
}

function wordOf(kind: 'role' | 'level', key: string): string {
  const name = `${kind}.${key}`
  return isWord(name) ? word(name) : key
}

/** Titles of rules by id; what is not in force is called by its id. */
function useRuleTitles(ids: readonly string[]): (id: string) => string {
  const found = useQueries({ queries: [...new Set(ids)].map(ruleQuery) })
  const titles = new Map(found.flatMap(({ data }) => (data === undefined ? [] : [[data.id, titled(data)] as const])))
  return (id) => titles.get(id) ?? id
}

/** A code of the history, or a kind of person, in words; as it is where there are none for it. */
function codeText(kind: 'event' | 'person', code: string): string {
  const name = `${kind}.${code}`
  return has(name) ? say(name) : code
}

interface Names {
  ruleTitle: (id: string) => string
  agencyName: (key: string) => string
}

function conditionsOf(
  { about, levels = [], rules = [], agencies = [] }: Rule,
  { ruleTitle, agencyName }: Names,
): string {
  return [
    about.map((code) => codeText('event', code)).join(', '),
    levels.map((level) => wordOf('level', level)).join(', '),
    [...rules.map(ruleTitle), ...agencies.map(agencyName)].join(', '),
  ]
    .filter((part) => part !== '')
    .join(' · ')
}

function howOf({ by, urgent, digest }: Rule): string {
  const ways = by.map((way) => t(`way.${way}`)).join(', ')
  const minute = digest?.minuteOfDay
  const at = minute === undefined ? '' : new Date(minute * MINUTE_MS).toISOString().slice(11, 16)
  return [
    ways,
    urgent ? t('notify.urgent') : '',
    digest?.everyMs === undefined ? '' : t('notify.every', { n: digest.everyMs / MINUTE_MS }),
    minute === undefined ? '' : t('notify.daily', { at }),
  ]
    .filter((part) => part !== '')
    .join(' · ')
}
