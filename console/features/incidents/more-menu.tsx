import { ActionIcon, Menu } from '@mantine/core'
import { useQuery, useQueryClient } from '@tanstack/react-query'
import { request } from '../../api/request.ts'
import { useMe } from '../../api/session.ts'
import { Icon } from '../../ui/icon.tsx'
import { toast, toastProblem } from '../../ui/toasts.tsx'
import { t } from './incident-messages.ts'

interface MoreMenuProps {
  id: string
  mayWatch: boolean
  merge: (() => void) | null
  link: (() => void) | null
}

/** What is done with an incident now and then; open when it appears. */
export default function MoreMenu({ id, mayWatch, merge, link }: MoreMenuProps) {
  return (
    <Menu position="bottom-end" defaultOpened>
      <Menu.Target>
        <ActionIcon variant="default" size={30} aria-label={t('more')} title={t('more')}>
          <Icon name="more" size={16} />
        </ActionIcon>
      </Menu.Target>
      <Menu.Dropdown>
        {mayWatch && <WatchItem id={id} />}
        {merge !== null && (
          <Menu.Item leftSection={<Icon name="merge" size={16} />} onClick={merge}>
            {t('merge')}
          </Menu.Item>
        )}
        {link !== null && (
          <Menu.Item leftSection={<Icon name="link" size={16} />} onClick={link}>
            {t('link')}
          </Menu.Item>
        )}
        <Menu.Item leftSection={<Icon name="print" size={16} />} onClick={() => print()}>
          {t('print')}
        </Menu.Item>
      </Menu.Dropdown>
    </Menu>
  )
}

function WatchItem({ id }: { id: string }) {
  const { name } = useMe()
  const client = useQueryClient()
  const queryKey = ['incident', id, 'watchers']
  const { data } = useQuery({
    queryKey,
    queryFn: ({ signal }) => request('GET /incidents/{id}/watchers', { params: { id }, signal }),
  })
  const watches = data?.items.includes(name) === true
  const toggle = async (): Promise<void> => {
    try {
      const params = { id, name }
      if (watches) await request('DELETE /incidents/{id}/watchers/{name}', { params })
      else await request('PUT /incidents/{id}/watchers/{name}', { params })
      toast(t(watches ? 'unwatched' : 'watched'))
      await client.invalidateQueries({ queryKey })
    } catch (problem) {
      toastProblem(problem)
    }
  }
  return (
    <Menu.Item leftSection={<Icon name="eye" size={16} />} onClick={() => void toggle()}>
      {t(watches ? 'unwatch' : 'watch')}
    </Menu.Item>
  )
}
