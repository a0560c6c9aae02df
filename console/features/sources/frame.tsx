import { Button } from '@mantine/core'
import { Link } from '@tanstack/react-router'
import type { ReactNode } from 'react'
import { useMe } from '../../api/session.ts'
import { Icon } from '../../ui/icon.tsx'
import { PageTabs } from '../../ui/page-tabs.tsx'
import { t } from './messages.ts'
import classes from './frame.module.css'

const TABS = [
  ['/sources', 'tab.sources', 'sources:read'],
  ['/sources/agencies', 'tab.agencies', 'agencies:read'],
  ['/sources/registry', 'tab.registry', 'agencies:read'],
  ['/sources/coverage', 'tab.coverage', 'events:read'],
  ['/sources/dead-letters', 'tab.dead', 'dead_letters:read'],
] as const

/** Head of the pages about sources: where one is, and the others. */
export function Frame({ children }: { children: ReactNode }) {
  const { actions, agencies } = useMe()
  return (
    <div className={classes.page}>
      <header className={classes.head}>
        <h1>{t('title')}</h1>
        <Button component={Link} to="/sources/add" size="xs" leftSection={<Icon name="plus" size={14} />}>
          {t('add')}
        </Button>
      </header>
      <PageTabs
        look="lines"
        label={t('tabs')}
        tabs={TABS.filter(
          ([to, , needs]) => actions.includes(needs) && (to !== '/sources/registry' || agencies === 'all'),
        ).map(([to, key]) => ({ to, label: t(key) }))}
      />
      {children}
    </div>
  )
}
