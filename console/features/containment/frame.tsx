import type { ReactNode } from 'react'
import { useMe } from '../../api/session.ts'
import { useTitle } from '../../lib/title.ts'
import { PageTabs } from '../../ui/page-tabs.tsx'
import classes from './containment.module.css'
import { t } from './messages.ts'

const TABS = [
  ['/containment', 'tab.blocks'],
  ['/containment/lists', 'tab.lists'],
  ['/containment/never', 'tab.never'],
] as const

/** Head of the pages about containment: where one is, and the others. */
export function Frame({ tab, children }: { tab: (typeof TABS)[number][1]; children: ReactNode }) {
  const { agencies } = useMe()
  useTitle(`${t('nav')} · ${t(tab)}`)
  return (
    <div className={classes.page}>
      <header className={classes.head}>
        <h1>{t('nav')}</h1>
        {/* The never-list names every agency's networks. */}
        <PageTabs
          look="pills"
          label={t('nav')}
          tabs={TABS.filter(([, key]) => key !== 'tab.never' || agencies === 'all').map(([to, key]) => ({
            to,
            label: t(key),
          }))}
        />
      </header>
      {children}
    </div>
  )
}
