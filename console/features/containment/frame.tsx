import { Link } from '@tanstack/react-router'
import type { ReactNode } from 'react'
import { useMe } from '../../api/session.ts'
import { useTitle } from '../../lib/title.ts'
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
        <nav aria-label={t('nav')}>
          {/* The never-list names every agency's networks. */}
          {TABS.filter(([, key]) => key !== 'tab.never' || agencies === 'all').map(([to, key]) => (
            <Link
              key={to}
              to={to as string}
              className={classes.tab}
              activeOptions={{ exact: true, includeSearch: false }}
            >
              {t(key)}
            </Link>
          ))}
        </nav>
      </header>
      {children}
    </div>
  )
}
