import { ActionIcon, Menu } from '@mantine/core'
import { logOut, useMe } from '../api/session.ts'
import { Icon } from '../ui/icon.tsx'
import { has, say, t } from './messages.ts'
import classes from './shell.module.css'

/** Who is logged in, and what they can do about it; open when it appears. */
export default function UserMenu({ changePassword }: { changePassword: () => void }) {
  const me = useMe()
  const role = `role_${me.role}`
  return (
    <Menu position="bottom-end" defaultOpened>
      <Menu.Target>
        <ActionIcon variant="subtle" className={classes.tool} aria-label={t('user.menu', { name: me.displayName })}>
          <Icon name="user" />
        </ActionIcon>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Label>
          <strong>{me.displayName}</strong>
          <br />
          {has(role) ? say(role) : me.role}
        </Menu.Label>
        <Menu.Item leftSection={<Icon name="edit" size={16} />} onClick={changePassword}>
          {t('user.password')}
        </Menu.Item>
        <Menu.Item leftSection={<Icon name="logout" size={16} />} onClick={() => void logOut()}>
          {t('user.logout')}
        </Menu.Item>
      </Menu.Dropdown>
    </Menu>
  )
}
