import { Link } from '@tanstack/react-router'
import classes from './page-tabs.module.css'

interface PageTabsProps {
  label: string
  tabs: readonly { to: string; label: string }[]
  /** `lines`: above all that the page shows; `pills`: in its head. */
  look: 'lines' | 'pills'
}

/** The pages that belong together, and which of them is open. */
export function PageTabs({ label, tabs, look }: PageTabsProps) {
  return (
    <nav className={classes[look]} aria-label={label}>
      {tabs.map((tab) => (
        <Link key={tab.to} to={tab.to} activeOptions={{ exact: true, includeSearch: false }}>
          {tab.label}
        </Link>
      ))}
    </nav>
  )
}
