import { Button, Tabs } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { useState } from 'react'
import { useAgencies } from '../../api/agencies.ts'
import type { Answer } from '../../api/request.ts'
import { ruleQuery } from '../../api/rules.ts'
import { useMay, useMe } from '../../api/session.ts'
import { useShortcuts } from '../../lib/keys.ts'
import { titled } from '../../lib/language.ts'
import { useAddress, useGo, useParam } from '../../lib/location.ts'
import { valuesOf } from '../../lib/search-parameters.ts'
import { useTitle } from '../../lib/title.ts'
import { LevelBadge } from '../../ui/badges.tsx'
import { Icon } from '../../ui/icon.tsx'
import { Failure, Loading } from '../../ui/states.tsx'
import { ExceptionsOfRule } from './exceptions-table.tsx'
import { BudgetDialog, StateDialog, SwitchDialog } from './life-dialogs.tsx'
import { Mark } from './list-page.tsx'
import { t as list } from './messages.ts'
import { QualityTab } from './quality-tab.tsx'
import { t } from './rule-messages.ts'
import { RuleTab } from './rule-tab.tsx'
import classes from './rule.module.css'
import { ShadowTab } from './shadow-tab.tsx'
import { SuggestionsTab } from './suggestions-tab.tsx'
import { VersionsTab } from './versions-tab.tsx'

type Rule = Answer<'GET /rules/{id}'>
type Dialog = 'state' | 'promote' | 'switch' | 'budget'

const TABS = ['rule', 'quality', 'versions', 'shadow', 'suggestions', 'exceptions'] as const
type Tab = (typeof TABS)[number]
/** What only those see who tune rules. */
const FOR_TUNERS: ReadonlySet<Tab> = new Set(['shadow', 'suggestions'])

/** All there is to know and to settle about one rule. */
export default function RulePage() {
  const id = useParam('id')
  const { data, error, isPending, refetch } = useQuery(ruleQuery(id))
  useTitle(data === undefined ? list('nav') : titled(data))
  if (isPending) return <Loading />
  if (error !== null) return <Failure error={error} retry={() => void refetch()} />
  return <Page key={id} rule={data} />
}

function Page({ rule }: { rule: Rule }) {
  const mayTune = useMay('rules:tune')
  const settlesAll = useMe().agencies === 'all' && mayTune
  const [search, change] = useAddress()
  const go = useGo()
  const [dialog, setDialog] = useState<Dialog | null>(null)
  const tabs = TABS.filter((tab) => mayTune || !FOR_TUNERS.has(tab))
  const tab = tabs.find((known) => known === valuesOf(search, 'tab')[0]) ?? 'rule'
  const open = (to: string | null): void => change({ tab: to === 'rule' || to === null ? undefined : to })
  const close = (): void => setDialog(null)
  useShortcuts({
    heading: t('keys.heading'),
    shortcuts: [
      ...tabs.map((each, index) => ({ keys: String(index + 1), label: t(`tab.${each}`), run: () => open(each) })),
      ...(mayTune
        ? [{ keys: 'e', label: t('edit'), run: () => go(`/rules/${encodeURIComponent(rule.id)}/edit`) }]
        : []),
      ...(settlesAll ? [{ keys: 'l', label: t('life.change'), run: () => setDialog('state') }] : []),
      ...(mayTune ? [{ keys: 'o', label: switchLabel(rule), run: () => setDialog('switch') }] : []),
      ...(settlesAll ? [{ keys: 'b', label: t('budget.set'), run: () => setDialog('budget') }] : []),
    ],
  })
  return (
    <article className={classes.rule}>
      <Link to="/rules" className={classes.back}>
        <Icon name="left" size={15} /> {list('back')}
      </Link>
      <header className={classes.head}>
        <div>
          <h1>{titled(rule)}</h1>
          <Marks rule={rule} />
        </div>
        <div className={classes.acts}>
          {mayTune && (
            <Button component={Link} to={`/rules/${encodeURIComponent(rule.id)}/edit`} size="xs">
              {t('edit')}
            </Button>
          )}
          {settlesAll && (
            <Button size="xs" variant="default" onClick={() => setDialog('state')}>
              {t('life.change')}
            </Button>
          )}
          {mayTune && (
            <Button size="xs" variant="default" onClick={() => setDialog('switch')}>
              {switchLabel(rule)}
            </Button>
          )}
          {settlesAll && (
            <Button size="xs" variant="default" onClick={() => setDialog('budget')}>
              {t('budget.set')}
            </Button>
          )}
        </div>
      </header>
      <Tabs value={tab} onChange={open} keepMounted={false}>
        <Tabs.List className={classes.tabs} aria-label={t('tabs')}>
          {tabs.map((each) => (
            <Tabs.Tab key={each} value={each}>
              {t(`tab.${each}`)}
            </Tabs.Tab>
          ))}
        </Tabs.List>
        <Tabs.Panel value="rule">
          <RuleTab rule={rule} />
        </Tabs.Panel>
        <Tabs.Panel value="quality">
          <QualityTab rule={rule} mayTune={mayTune} />
        </Tabs.Panel>
        <Tabs.Panel value="versions">
          <VersionsTab rule={rule} mayRestore={settlesAll} />
        </Tabs.Panel>
        <Tabs.Panel value="shadow">
          <ShadowTab rule={rule} promote={settlesAll ? () => setDialog('promote') : null} />
        </Tabs.Panel>
        <Tabs.Panel value="suggestions">
          <SuggestionsTab rule={rule} />
        </Tabs.Panel>
        <Tabs.Panel value="exceptions">
          <ExceptionsOfRule id={rule.id} />
        </Tabs.Panel>
      </Tabs>
      {dialog === 'state' && <StateDialog rule={rule} close={close} />}
      {dialog === 'promote' && <StateDialog rule={rule} close={close} to="live" />}
      {dialog === 'switch' && <SwitchDialog rule={rule} close={close} />}
      {dialog === 'budget' && <BudgetDialog rule={rule} close={close} />}
    </article>
  )
}

function switchLabel({ disabled }: Rule): string {
  return t(disabled === undefined ? 'switch.off' : 'switch.on')
}

/** Level, stage and switches, and the way to its incidents. */
function Marks({ rule }: { rule: Rule }) {
  const { agencyName } = useAgencies()
  const { by, since } = rule.changed ?? {}
  return (
    <div className={classes.marks}>
      <LevelBadge level={rule.level} />
      <span
        className={classes.stage}
        data-stage={rule.state}
        {...(by !== undefined && since !== undefined && { title: t('life.by', { by, since }) })}
      >
        {t(`state.${rule.state}`)}
      </span>
      <Mark rule={rule} />
      {Object.entries(rule.disabledIn ?? {}).map(([agency, why]) => (
        <span key={agency} className={classes.warn}>
          {t('off.in', { agency: agencyName(agency), why })}
        </span>
      ))}
      <a href={`/incidents?q=${encodeURIComponent(titled(rule))}`}>{list('incidents')}</a>
    </div>
  )
}
