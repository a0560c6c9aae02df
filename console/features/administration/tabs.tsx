import type { ReactNode } from 'react'
import { useMay } from '../../api/session.ts'
import { useTitle } from '../../lib/title.ts'
import { PageTabs } from '../../ui/page-tabs.tsx'
import classes from './administration.module.css'
import { t } from './messages.ts'

const TABS = [
  { to: '/administration/audit', label: 'tab.audit', needs: 'audit:read' },
  { to: '/administration/users', label: 'tab.users', needs: 'users:manage' },
  { to: '/administration/tokens', label: 'tab.tokens', needs: 'tokens:manage' },
  { to: '/administration/holds', label: 'tab.holds', needs: 'audit:read' },
  { to: '/administration/retention', label: 'tab.retention', needs: 'audit:read' },
  { to: '/administration/notifications', label: 'tab.notifications', needs: 'notifications:manage' },
  { to: '/administration/webhooks', label: 'tab.webhooks', needs: 'webhooks:manage' },
] as const

/** A page of the administration: its heading, the way to the others, and what it holds. */
export function Tabbed({
  tab,
  beside,
  children,
}: {
  tab: (typeof TABS)[number]['label']
  beside?: ReactNode
  children: ReactNode
}) {
  const may = {
    'audit:read': useMay('audit:read'),
    'users:manage': useMay('users:manage'),
    'tokens:manage': useMay('tokens:manage'),
    'notifications:manage': useMay('notifications:manage'),
    'webhooks:manage': useMay('webhooks:manage'),
  }
  useTitle(t(tab))
  return (
    <div className={classes.page}>
      <header className={classes.head}>
        <h1>{t(tab)}</h1>
        <PageTabs
          look="pills"
          label={t('nav')}
          tabs={TABS.filter(({ needs }) => may[needs]).map(({ to, label }) => ({ to, label: t(label) }))}
        />
        {beside !== undefined && <div className={classes.beside}>{beside}</div>}
      </header>
      {children}
    </div>
  )
}
