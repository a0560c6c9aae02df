import { Button, NativeSelect, TextInput } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { useVirtualizer } from '@tanstack/react-virtual'
import { useDeferredValue, useRef } from 'react'
import { LEVELS } from '../../../model/alert.ts'
import { useMay } from '../../api/session.ts'
import { useShortcuts } from '../../lib/keys.ts'
import { number, shortNumber, titled } from '../../lib/language.ts'
import { useAddress } from '../../lib/location.ts'
import { useTitle } from '../../lib/title.ts'
import { LevelBadge } from '../../ui/badges.tsx'
import { Icon } from '../../ui/icon.tsx'
import { Empty, Failure, Loading } from '../../ui/states.tsx'
import { Ago } from '../../ui/time.tsx'
import { t as w } from '../../ui/words.ts'
import { whyNever } from './coverage-texts.ts'
import { t } from './messages.ts'
import {
  type Judged,
  ORDERS,
  type Quality,
  type Rule,
  type RuleList,
  STATUSES,
  chosen,
  orderOf,
  qualitiesQuery,
  rulesQuery,
  sourceOf,
} from './rule-api.ts'
import classes from './rules.module.css'
import { Sections } from './sections.tsx'

const ROW_PX = 48

export default function ListPage() {
  const [search, change] = useAddress()
  const { data, error, isPending, refetch } = useQuery(rulesQuery)
  const { data: qualities } = useQuery(qualitiesQuery)
  const mayTune = useMay('rules:tune')
  const find = useRef<HTMLInputElement>(null)
  const filter = useDeferredValue(search)
  useTitle(t('nav'))
  useShortcuts({
    heading: t('nav'),
    shortcuts: [{ keys: '/', label: t('find'), run: () => find.current?.focus() }],
  })
  if (isPending) return <Loading />
  if (error !== null) return <Failure error={error} retry={() => void refetch()} />
  const judged = data.items.map((rule) => ({ ...rule, quality: qualities?.get(rule.id) }))
  const rules = chosen(judged, filter, titled)
  const text = (name: string): string => (typeof search[name] === 'string' ? search[name] : '')
  return (
    <div className={classes.page}>
      <Sections />
      <header className={classes.head}>
        <h1>{t('nav')}</h1>
        <span className={classes.quiet}>{t('count', { n: rules.length })}</span>
        <TextInput
          ref={find}
          className={classes.find}
          size="xs"
          type="search"
          aria-label={t('find')}
          placeholder={t('find')}
          leftSection={<Icon name="search" size={15} />}
          defaultValue={text('q')}
          onChange={({ currentTarget: { value } }) => change({ q: value === '' ? undefined : value })}
        />
        <NativeSelect
          size="xs"
          aria-label={t('level')}
          value={text('level')}
          onChange={({ currentTarget: { value } }) => change({ level: value === '' ? undefined : value })}
          data={[
            { value: '', label: t('level.any') },
            ...LEVELS.toReversed().map((level) => ({ value: level, label: w(`level.${level}`) })),
          ]}
        />
        <NativeSelect
          size="xs"
          aria-label={t('status')}
          value={text('status')}
          onChange={({ currentTarget: { value } }) => change({ status: value === '' ? undefined : value })}
          data={[
            { value: '', label: t('status.any') },
            ...STATUSES.map((status) => ({ value: status, label: t(`status.${status}`) })),
          ]}
        />
        <NativeSelect
          size="xs"
          aria-label={t('order')}
          value={orderOf(search)}
          onChange={({ currentTarget: { value } }) => change({ sort: value === 'level' ? undefined : value })}
          data={ORDERS.map((order) => ({ value: order, label: `${t('order')}: ${t(`order.${order}`)}` }))}
        />
        {mayTune && (
          <Button component={Link} to="/rules/new" size="xs" leftSection={<Icon name="plus" size={14} />}>
            {t('new')}
          </Button>
        )}
      </header>
      <Problems problems={data.problems} />
      {rules.length === 0 && <Empty icon="rules" title={t('empty')} />}
      {rules.length > 0 && <Grid rules={rules} all={data.items} />}
    </div>
  )
}

function Problems({ problems }: { problems: RuleList['problems'] }) {
  if (problems.length === 0) return null
  return (
    <details className={classes.problems}>
      <summary>
        <Icon name="alert" size={15} /> {t('problems.title')} · {t('problems.count', { n: problems.length })}
      </summary>
      <ul>
        {problems.map(({ path, line, column, severity, code, message }, index) => (
          <li key={index} data-severity={severity}>
            <code>
              {path}:{line}:{column}
            </code>{' '}
            <code>{code}</code> {message}
          </li>
        ))}
      </ul>
    </details>
  )
}

/** Only the rows in the window are in the page: an imported release has thousands. */
function Grid({ rules, all }: { rules: readonly Judged[]; all: readonly Rule[] }) {
  const scroller = useRef<HTMLDivElement>(null)
  const nanos = all.reduce((sum, { stats }) => sum + (stats?.nanos ?? 0), 0)
  // oxlint-disable-next-line react/incompatible-library -- nothing here is memoized by a compiler
  const virtual = useVirtualizer({
    count: rules.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => ROW_PX,
    overscan: 10,
    getItemKey: (index) => rules[index]!.id,
  })
  return (
    <div role="table" aria-label={t('nav')} aria-rowcount={rules.length + 1} className={classes.grid}>
      <div role="row" aria-rowindex={1} className={`${classes.row} ${classes.names}`}>
        <span role="columnheader">{t('level')}</span>
        <span role="columnheader">{t('title')}</span>
        <span role="columnheader">{t('source')}</span>
        <span role="columnheader" className={classes.count} title={t('alerts.note')}>
          {t('alerts')}
        </span>
        <span role="columnheader" className={classes.count} title={t('precision.note')}>
          {t('precision')}
        </span>
        <span role="columnheader">{t('last')}</span>
        <span role="columnheader" className={classes.count} title={t('cost.note')}>
          {t('cost')}
        </span>
      </div>
      <div ref={scroller} role="rowgroup" className={classes.scroller} tabIndex={0} aria-label={t('nav')}>
        <div role="presentation" className={classes.canvas} style={{ height: virtual.getTotalSize() }}>
          {virtual.getVirtualItems().map(({ index, key, start }) => {
            const rule = rules[index]!
            return (
              <div
                key={key}
                role="row"
                aria-rowindex={index + 2}
                className={`${classes.row} ${classes.item}`}
                style={{ transform: `translateY(${start}px)`, height: ROW_PX }}
              >
                <span role="cell">
                  <LevelBadge level={rule.level} />
                </span>
                <span role="cell" className={classes.title}>
                  <Link to="/rules/$id" params={{ id: rule.id }}>
                    {titled(rule)}
                  </Link>
                  <Mark rule={rule} />
                </span>
                <span role="cell" className={classes.source}>
                  {rule.kind === 'correlation' ? t('correlation') : sourceOf(rule)}
                  {rule.quality?.standing === 'no_events' && <span className={classes.off}>{t('unfed')}</span>}
                </span>
                <span role="cell" className={classes.count}>
                  {rule.quality === undefined ? '' : number(rule.quality.alerts)}
                </span>
                <span role="cell" className={classes.count}>
                  {precisionText(rule.quality)}
                </span>
                <span role="cell" className={classes.last}>
                  {rule.quality?.lastFired === undefined ? w('nothing') : <Ago at={rule.quality.lastFired} />}
                </span>
                <span role="cell" className={classes.count}>
                  {nanos === 0
                    ? w('nothing')
                    : t('cost.share', { share: shortNumber((100 * (rule.stats?.nanos ?? 0)) / nanos) })}
                </span>
              </div>
            )
          })}
        </div>
      </div>
    </div>
  )
}

function precisionText(quality: Quality | undefined): string {
  const precision = quality?.precision ?? null
  return precision === null ? w('nothing') : `${shortNumber(precision * 100)} %`
}

/** Why a rule does nothing, where it does nothing. */
export function Mark({ rule: { disabled, neverFires } }: { rule: Pick<Rule, 'disabled' | 'neverFires'> }) {
  if (disabled !== undefined) return <span className={classes.off}>{t('disabled', { why: disabled })}</span>
  if (neverFires !== undefined) return <span className={classes.off}>{t('never', { why: whyNever(neverFires) })}</span>
  return null
}
