import { Link } from '@tanstack/react-router'
import { t } from './messages.ts'
import classes from './rules.module.css'

const SECTIONS = [
  ['/rules', 'section.rules'],
  ['/rules/exceptions', 'section.exceptions'],
  ['/rules/coverage', 'section.coverage'],
  ['/rules/gaps', 'section.gaps'],
] as const

/** The pages about rules, and which of them is open. */
export function Sections() {
  return (
    <nav className={classes.sections} aria-label={t('sections')}>
      {SECTIONS.map(([to, label]) => (
        <Link key={to} to={to as string} activeOptions={{ exact: true, includeSearch: false }}>
          {t(label)}
        </Link>
      ))}
    </nav>
  )
}
