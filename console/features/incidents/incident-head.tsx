import { ActionIcon, Button } from '@mantine/core'
import { Link } from '@tanstack/react-router'
import { type ReactNode, Suspense, lazy, useState } from 'react'
import { useAgencies } from '../../api/agencies.ts'
import { useMe } from '../../api/session.ts'
import { visible } from '../../lib/highlight.ts'
import { titled } from '../../lib/language.ts'
import { LevelBadge, StateBadge, VerdictBadge } from '../../ui/badges.tsx'
import { Icon } from '../../ui/icon.tsx'
import { Time } from '../../ui/time.tsx'
import { has as isWord, kindOf, say as word } from '../../ui/words.ts'
import type { IncidentDetail } from './incident-api.ts'
import classes from './incident-head.module.css'
import { has, say, t } from './incident-messages.ts'
import { t as listT } from './messages.ts'

const MoreMenu = lazy(() => import('./more-menu.tsx'))

interface IncidentHeadProps {
  incident: IncidentDetail
  before: string | undefined
  after: string | undefined
  take: (() => void) | null
  decide: ((focus: 'state' | 'verdict') => void) | null
  comment: (() => void) | null
  pick: ((what: 'merge' | 'link') => void) | null
  mayMerge: boolean
}

/** Which incident this is, how it stands, and what can be done with it. */
export function IncidentHead({ incident, before, after, take, decide, comment, pick, mayMerge }: IncidentHeadProps) {
  const { id, number, level, state, verdict, assignee } = incident
  const me = useMe()
  const [more, setMore] = useState(false)
  return (
    <header className={classes.head}>
      <div className={classes.way}>
        <Link to="/incidents" className={classes.back}>
          <Icon name="left" size={15} /> {t('back')}
        </Link>
        <span className={classes.grow} />
        <Neighbour to={before} icon="up" label={t('before')} shortcut="p" />
        <Neighbour to={after} icon="down" label={t('after')} shortcut="n" />
      </div>
      <div className={classes.title}>
        <div className={classes.badges}>
          <LevelBadge level={level} />
          <StateBadge state={state} />
          {verdict !== undefined && <VerdictBadge verdict={verdict} />}
          <span className={classes.number}>{t('number', { number: String(number) })}</span>
        </div>
        <h1>{visible(titled(incident))}</h1>
      </div>
      <div className={classes.acts}>
        {take !== null && (
          <Act icon="user" shortcut="a" run={take} filled={assignee === undefined}>
            {listT(assignee === me.name ? 'act.release' : 'act.take')}
          </Act>
        )}
        {decide !== null && (
          <>
            <Act icon="flag" shortcut="s" run={() => decide('state')}>
              {listT('act.state')}
            </Act>
            <Act icon="check" shortcut="v" run={() => decide('verdict')}>
              {listT('act.verdict')}
            </Act>
          </>
        )}
        {comment !== null && (
          <Act icon="comment" shortcut="c" run={comment}>
            {listT('act.comment')}
          </Act>
        )}
        {more ? (
          <Suspense fallback={<MoreButton />}>
            <MoreMenu
              id={id}
              mayWatch={comment !== null}
              merge={mayMerge && pick !== null ? () => pick('merge') : null}
              link={decide !== null && pick !== null ? () => pick('link') : null}
            />
          </Suspense>
        ) : (
          <MoreButton open={() => setMore(true)} />
        )}
      </div>
    </header>
  )
}

function MoreButton({ open }: { open?: () => void }) {
  return (
    <ActionIcon
      variant="default"
      size={30}
      aria-label={t('more')}
      title={t('more')}
      aria-haspopup="menu"
      aria-expanded={false}
      onClick={open}
    >
      <Icon name="more" size={16} />
    </ActionIcon>
  )
}

function Neighbour(props: { to: string | undefined; icon: 'up' | 'down'; label: string; shortcut: string }) {
  const { to, icon, label, shortcut } = props
  if (to === undefined) return null
  return (
    <Link to="/incidents/$id" params={{ id: to }} className={classes.neighbour} title={label}>
      <Icon name={icon} size={15} /> <span>{label}</span> <kbd>{shortcut}</kbd>
    </Link>
  )
}

interface ActProps {
  icon: 'user' | 'flag' | 'check' | 'comment'
  shortcut: string
  run: () => void
  filled?: boolean
  children: ReactNode
}

function Act({ icon, shortcut, run, filled = false, children }: ActProps) {
  return (
    <Button
      size="xs"
      variant={filled ? 'filled' : 'default'}
      leftSection={<Icon name={icon} size={15} />}
      rightSection={<kbd className={classes.key}>{shortcut}</kbd>}
      onClick={run}
    >
      {children}
    </Button>
  )
}

/** What there is to know of it at a glance. */
export function Facts({ incident }: { incident: IncidentDetail }) {
  const { priority, priorityReasons, agency, system, entity, firstEventAt, lastEventAt, assignee } = incident
  const { agencyName, systemName } = useAgencies()
  return (
    <dl className={classes.facts}>
      <Fact name={t('fact.priority')}>
        <b>{priority}</b> <small>{priorityReasons.map(reasonText).join(' × ')}</small>
      </Fact>
      <Fact name={t('fact.agency')}>{agencyName(agency)}</Fact>
      {system !== undefined && <Fact name={t('fact.system')}>{systemName(system)}</Fact>}
      <Fact name={t('fact.entity')}>
        {kindOf(entity.kind)} <code>{visible(entity.value)}</code>
      </Fact>
      <Fact name={t('fact.time')}>
        <Time at={firstEventAt} seconds /> → <Time at={lastEventAt} seconds />
      </Fact>
      <Fact name={t('fact.assignee')}>{assignee ?? listT('nobody')}</Fact>
    </dl>
  )
}

function Fact({ name, children }: { name: string; children: ReactNode }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd>{children}</dd>
    </div>
  )
}

/** `level:high` as «luật mức cao». */
function reasonText(reason: string): string {
  const [code = '', value = ''] = reason.split(':')
  const [key, level] = [`reason.${code}`, `level.${value}`]
  return has(key) ? say(key, { value: isWord(level) ? word(level).toLowerCase() : value }) : reason
}
