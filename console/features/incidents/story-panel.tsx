import { useQuery } from '@tanstack/react-query'
import { LEVELS } from '../../../model/alert.ts'
import { useAgencies } from '../../api/agencies.ts'
import { visible } from '../../lib/highlight.ts'
import { currentLanguage, number, titled } from '../../lib/language.ts'
import { duration, vietnamTime } from '../../lib/time.ts'
import { LevelBadge } from '../../ui/badges.tsx'
import { Panel } from '../../ui/panel.tsx'
import { kindOf } from '../../ui/words.ts'
import type { IncidentDetail } from './incident-api.ts'
import { has, say, t } from './incident-messages.ts'
import { ruleQuery } from '../../api/rules.ts'
import classes from './story-panel.module.css'

/** Within this, the incident is a moment and not a stretch of time. */
const MOMENT_MS = 1_000
const ALSO_MAX = 12

/** What happened, in sentences: when, where, about what, by which rules, and what to look at first. */
export function StoryPanel({ incident }: { incident: IncidentDetail }) {
  const { firstEventAt, lastEventAt, alertCount, rules, entity, entities, attack, agency } = incident
  const { agencyName } = useAgencies()
  const lengthMs = Date.parse(lastEventAt) - Date.parse(firstEventAt)
  const facts = {
    first: vietnamTime(firstEventAt, true),
    last: vietnamTime(lastEventAt, true),
    length: duration(lengthMs),
    alerts: t('story.times', { n: alertCount }),
    rules: t('story.rules', { n: rules.length }),
    kind: kindOf(entity.kind),
    entity: visible(entity.value),
    agency: agencyName(agency),
  }
  const [gravest] = gravestFirst(rules)
  const others = entities.filter(({ kind, value }) => kind !== entity.kind || value !== entity.value)
  return (
    <Panel title={t('story.title')} icon="book">
      <p className={classes.lead}>{lengthMs > MOMENT_MS ? t('story.start', facts) : t('story.moment', facts)}</p>
      <ul className={classes.rules}>
        {gravestFirst(rules).map((rule) => (
          <li key={rule.id}>
            <LevelBadge level={rule.level} />
            <span>{visible(titled(rule))}</span>
            <small>{t('story.times', { n: rule.count })}</small>
          </li>
        ))}
      </ul>
      {others.length > 0 && (
        <p className={classes.also}>
          {t('story.also')}
          {others.slice(0, ALSO_MAX).map(({ kind, value }, index) => (
            <span key={`${kind} ${value}`}>
              {index > 0 && ', '}
              {kindOf(kind)} <code>{visible(value)}</code>
            </span>
          ))}
          {others.length > ALSO_MAX && ` … (${number(others.length)})`}
        </p>
      )}
      {attack.length > 0 && (
        <p className={classes.also}>
          {t('story.attack')}
          {attack.map(attackName).join(', ')}
        </p>
      )}
      {gravest !== undefined && <Advice ruleId={gravest.id} />}
    </Panel>
  )
}

function gravestFirst(rules: IncidentDetail['rules']): IncidentDetail['rules'] {
  return rules.toSorted((a, b) => LEVELS.indexOf(b.level) - LEVELS.indexOf(a.level))
}

/** What the gravest rule means, and what it says to look at first; rules say the latter in Vietnamese alone. */
function Advice({ ruleId }: { ruleId: string }) {
  const { data } = useQuery(ruleQuery(ruleId))
  if (data === undefined) return null
  const isVietnamese = currentLanguage() === 'vi'
  const means = isVietnamese ? (data.descriptionVi ?? data.description) : data.description
  return (
    <>
      {means !== undefined && (
        <p className={classes.means}>
          <b>{t('story.means')}</b>
          {means}
        </p>
      )}
      {isVietnamese && data.triageVi !== undefined && (
        <p className={classes.advice}>
          <b>{t('story.first_look')}</b>
          {data.triageVi}
        </p>
      )}
    </>
  )
}

/** `attack.t1110.001` as `T1110.001`, `attack.credential-access` in words. */
function attackName(tag: string): string {
  const name = tag.replace(/^attack\./, '')
  const tactic = `tactic.${name}`
  if (has(tactic)) return say(tactic)
  return /^[tgs]\d/.test(name) ? name.toUpperCase() : name.replaceAll(/[-_]/g, ' ')
}
