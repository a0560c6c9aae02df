import { TextInput } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { request } from '../../api/request.ts'
import { visible } from '../../lib/highlight.ts'
import { number } from '../../lib/language.ts'
import { Panel } from '../../ui/panel.tsx'
import { Failure, Loading } from '../../ui/states.tsx'
import classes from './containment.module.css'
import { Frame } from './frame.tsx'
import { t } from './messages.ts'

const GROUPS = ['networks', 'domainsBelow', 'domains', 'hashes'] as const

/** What no list for firewalls ever holds. */
export default function NeverPage() {
  const { data, error, isPending, refetch } = useQuery({
    queryKey: ['never'],
    queryFn: ({ signal }) => request('GET /blocks/never', { signal }),
  })
  const [typed, setTyped] = useState('')
  return (
    <Frame tab="tab.never">
      <p className={classes.note}>{t('never.means')}</p>
      <TextInput
        className={classes.find}
        size="xs"
        aria-label={t('never.find')}
        placeholder={t('never.find')}
        value={typed}
        onChange={({ currentTarget }) => setTyped(currentTarget.value)}
      />
      {isPending && <Loading />}
      {error !== null && <Failure error={error} retry={() => void refetch()} />}
      {data !== undefined && (
        <div className={classes.groups}>
          {GROUPS.map((group) => {
            const shown = data[group].filter((entry) => entry.includes(typed.trim().toLowerCase()))
            return (
              <Panel key={group} title={t(`never.${group}`)} icon="ban" beside={number(shown.length)}>
                {shown.length === 0 ? (
                  <p className={classes.quiet}>{t('never.none')}</p>
                ) : (
                  <ul>
                    {shown.map((entry) => (
                      <li key={entry}>{visible(entry)}</li>
                    ))}
                  </ul>
                )}
              </Panel>
            )
          })}
        </div>
      )}
    </Frame>
  )
}
