import { useQuery } from '@tanstack/react-query'
import { useAgencies } from '../api/agencies.ts'
import { type Answer, request } from '../api/request.ts'
import { visible } from '../lib/highlight.ts'
import { messages, number } from '../lib/language.ts'
import classes from './impact.module.css'
import { problemText } from './problem.ts'
import { Time } from './time.tsx'
import { t as w } from './words.ts'

type Impact = Answer<'GET /incidents/{id}/blocks/impact'>

const { t } = messages(
  {
    title: 'Thử trước: 7 ngày qua, ai sẽ bị cắt?',
    none: 'Không có sự kiện nào dính đến nó: chặn lúc này không cắt việc của ai trong log đã lưu.',
    events: '{n} sự kiện dính đến nó. Những ai đã dùng:',
    agencies: 'Cơ quan',
    users: 'Tài khoản',
    hosts: 'Máy',
    more: 'và nữa',
    nobody: 'không có',
  },
  {
    title: 'Dry run: who would have been cut off in the last 7 days?',
    none: 'No event has anything to do with it: by the stored log, blocking it now cuts off nobody.',
    events: { one: '{n} event has to do with it. Who used it:', other: '{n} events have to do with it. Who used it:' },
    agencies: 'Agencies',
    users: 'Accounts',
    hosts: 'Hosts',
    more: 'and more',
    nobody: 'none',
  },
)

interface ImpactProps {
  incidentId: string
  kind: 'ip' | 'domain' | 'url' | 'hash'
  value: string
}

/** The dry run of a block: who stands in the stored events with what is to be stopped, and so would have been cut off. */
export function BlockImpact({ incidentId, kind, value }: ImpactProps) {
  const { data, error, isPending } = useQuery({
    queryKey: ['impact', incidentId, kind, value],
    queryFn: ({ signal }) =>
      request('GET /incidents/{id}/blocks/impact', { params: { id: incidentId }, query: { kind, value }, signal }),
    staleTime: Infinity,
  })
  return (
    <section className={classes.impact} aria-label={t('title')} aria-live="polite">
      <h3>{t('title')}</h3>
      {isPending && <p>{w('loading')}</p>}
      {error !== null && <p>{problemText(error)}</p>}
      {data !== undefined && <Figures impact={data} />}
    </section>
  )
}

function Figures({ impact }: { impact: Impact }) {
  const { agencyName } = useAgencies()
  const { events, from, to } = impact
  return (
    <>
      <p>
        <Time at={from} /> – <Time at={to} />
      </p>
      <p>
        <strong>{events === 0 ? t('none') : t('events', { n: events })}</strong>
      </p>
      {events > 0 && (
        <dl>
          {(['agencies', 'users', 'hosts'] as const).map((name) => (
            <div key={name}>
              <dt>{t(name)}</dt>
              <dd>
                {impact[name].items.length === 0 && t('nobody')}
                {impact[name].items
                  .map(
                    ({ value, count }) =>
                      `${visible(name === 'agencies' ? agencyName(value) : value)} (${number(count)})`,
                  )
                  .join(', ')}
                {impact[name].more && `, ${t('more')}…`}
              </dd>
            </div>
          ))}
        </dl>
      )}
    </>
  )
}
