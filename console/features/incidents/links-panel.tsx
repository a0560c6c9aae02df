import { ActionIcon } from '@mantine/core'
import { Link } from '@tanstack/react-router'
import { request } from '../../api/request.ts'
import { visible } from '../../lib/highlight.ts'
import { titled } from '../../lib/language.ts'
import { Icon } from '../../ui/icon.tsx'
import { Panel } from '../../ui/panel.tsx'
import { problemText } from '../../ui/problem.ts'
import { t } from './incident-messages.ts'
import { useDeed, usePart } from './part.ts'
import classes from './side.module.css'

/** Incidents that people linked with this one. */
export function LinksPanel({ id, mayWrite, add }: { id: string; mayWrite: boolean; add: () => void }) {
  const { data, error } = usePart(id, 'links', (signal) =>
    request('GET /incidents/{id}/links', { params: { id }, signal }),
  )
  const deed = useDeed(id)
  return (
    <Panel
      title={t('links.title')}
      icon="link"
      beside={
        mayWrite && (
          <ActionIcon size="sm" variant="subtle" aria-label={t('link')} title={t('link')} onClick={add}>
            <Icon name="plus" size={15} />
          </ActionIcon>
        )
      }
    >
      {error !== null && <p role="alert">{problemText(error)}</p>}
      {data?.items.length === 0 && <p className={classes.none}>{t('links.none')}</p>}
      <ul className={classes.list}>
        {data?.items.map((link) => (
          <li key={`${link.incidentId} ${link.relation}`} className={classes.row}>
            <span className={classes.item}>
              <Link to="/incidents/$id" params={{ id: link.incidentId }}>
                #{link.number} {visible(titled(link))}
              </Link>{' '}
              <span className={classes.quiet}>{t(`links.${link.relation}`)}</span>
            </span>
            {mayWrite && (
              <ActionIcon
                size="xs"
                variant="subtle"
                color="gray"
                aria-label={t('links.remove', { number: String(link.number) })}
                onClick={() =>
                  void deed(request('DELETE /incidents/{id}/links/{other}', { params: { id, other: link.incidentId } }))
                }
              >
                <Icon name="close" size={12} />
              </ActionIcon>
            )}
          </li>
        ))}
      </ul>
    </Panel>
  )
}
