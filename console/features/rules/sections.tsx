import { PageTabs } from '../../ui/page-tabs.tsx'
import { t } from './messages.ts'

const SECTIONS = [
  ['/rules', 'section.rules'],
  ['/rules/exceptions', 'section.exceptions'],
  ['/rules/coverage', 'section.coverage'],
  ['/rules/gaps', 'section.gaps'],
] as const

/** The pages about rules, and which of them is open. */
export function Sections() {
  const tabs = SECTIONS.map(([to, label]) => ({ to, label: t(label) }))
  return <PageTabs look="lines" label={t('sections')} tabs={tabs} />
}
