import { Button } from '@mantine/core'
import { useQueries } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { addressOf, request } from '../../api/request.ts'
import { useMay } from '../../api/session.ts'
import { Table, TableBox } from '../../ui/table.tsx'
import { toast, toastProblem } from '../../ui/toasts.tsx'
import { t as w } from '../../ui/words.ts'
import classes from './containment.module.css'
import { Frame } from './frame.tsx'
import { t } from './messages.ts'

const LISTS = ['ip', 'domain', 'url', 'url-with-scheme', 'hash'] as const

/** Where firewalls fetch what they have to stop. */
export default function ListsPage() {
  const mayRead = useMay('blocklists:read')
  const mayMakeTokens = useMay('tokens:manage')
  const found = useQueries({
    queries: LISTS.map((list) => ({
      queryKey: ['blocklist', list],
      // The answer is text, which comes as bytes.
      queryFn: async ({ signal }: { signal: AbortSignal }) => {
        const answer: unknown = await request('GET /blocklists/{list}', { params: { list }, signal })
        const text = answer instanceof Blob ? await answer.text() : ''
        return text.split('\n').filter((line) => line !== '').length
      },
      enabled: mayRead,
    })),
  })
  return (
    <Frame tab="tab.lists">
      <p className={classes.note}>
        {t('lists.means')} {mayMakeTokens && <Link to="/administration/tokens">{t('lists.token')}</Link>}
      </p>
      <TableBox label={t('tab.lists')}>
        <Table heads={[t('lists.list'), t('lists.now'), t('lists.address')]}>
          {LISTS.map((list, at) => {
            const path = addressOf('GET /blocklists/{list}', { params: { list } })
            const count = found[at]?.data
            return (
              <tr key={list}>
                <th scope="row">{t(`list.${list}`)}</th>
                <td>
                  {mayRead ? (
                    <a href={path} target="_blank" rel="noreferrer" title={t('lists.open')}>
                      {count === undefined ? w('nothing') : t('lists.entries', { n: count })}
                    </a>
                  ) : (
                    t('lists.unknown')
                  )}
                </td>
                <td>
                  <code>{`${location.origin}${path}`}</code>
                  <Button
                    className={classes.copy}
                    size="compact-xs"
                    variant="default"
                    aria-label={t('lists.copy', { list: t(`list.${list}`) })}
                    onClick={() =>
                      void navigator.clipboard
                        .writeText(`${location.origin}${path}`)
                        .then(() => toast(w('copied')), toastProblem)
                    }
                  >
                    {w('copy')}
                  </Button>
                </td>
              </tr>
            )
          })}
        </Table>
      </TableBox>
      <p className={classes.note}>{t('lists.recipes')}</p>
    </Frame>
  )
}
