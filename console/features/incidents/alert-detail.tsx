import { Button } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { Suspense, lazy, useState } from 'react'
import { RequestError, request } from '../../api/request.ts'
import { useMay } from '../../api/session.ts'
import { visible } from '../../lib/highlight.ts'
import { titled } from '../../lib/language.ts'
import { Icon } from '../../ui/icon.tsx'
import { LogText } from '../../ui/log-text.tsx'
import { problemText } from '../../ui/problem.ts'
import { Time } from '../../ui/time.tsx'
import { t as w } from '../../ui/words.ts'
import classes from './alert-detail.module.css'
import type { Alert, Evidence } from './incident-api.ts'
import { t } from './incident-messages.ts'
import { litLines } from './rule-lines.ts'
import { ruleQuery } from '../../api/rules.ts'

const LineProof = lazy(() => import('./line-proof.tsx'))
const RevealDialog = lazy(() => import('./reveal-dialog.tsx'))

/** Raw lines shown of an alert before a click shows all. */
const LINES_SHOWN = 6

type Proof = Evidence['proof'][number]

/** One alert: its raw lines with what matched lit; of one line, its fields, and beside them the rule with its lines lit. */
export function AlertDetail({ alert: masked, except }: { alert: Alert; except: (() => void) | null }) {
  const mayReveal = useMay('personal:reveal')
  const [asking, setAsking] = useState(false)
  /** Once somebody said why, as long as the alert stays open. */
  const [revealed, setRevealed] = useState<{ alert: Alert; reason: string } | null>(null)
  const { evidence, count, rule } = revealed?.alert ?? masked
  const [shown, setShown] = useState(LINES_SHOWN)
  const [record, setRecord] = useState(evidence.at(-1)?.record ?? '')
  const line = evidence.find((one) => one.record === record)
  if (count === 0) return <p className={classes.quiet}>{t('alerts.withdrawn')}</p>
  return (
    <div className={classes.detail}>
      <div className={classes.top}>
        <h3>
          {t('evidence.title')} <small>{t('evidence.of', { shown: evidence.length, n: count })}</small>
        </h3>
        <span className={classes.acts}>
          {mayReveal && revealed === null && mayHide(masked) && (
            <Button
              size="compact-xs"
              variant="default"
              leftSection={<Icon name="eye" size={13} />}
              onClick={() => setAsking(true)}
            >
              {t('reveal.button')}
            </Button>
          )}
          {except !== null && (
            <Button size="compact-xs" variant="default" onClick={except}>
              {t('exception.make')} <kbd className={classes.key}>e</kbd>
            </Button>
          )}
        </span>
      </div>
      {revealed !== null && <p className={classes.changed}>{t('reveal.shown', { reason: revealed.reason })}</p>}
      <ol className={classes.lines} data-testid="evidence">
        {evidence
          .toReversed()
          .slice(0, shown)
          .map((one) => (
            <li key={one.record} className={one.record === record ? classes.chosen : undefined}>
              <button type="button" aria-current={one.record === record} onClick={() => setRecord(one.record)}>
                <Time at={one['@timestamp']} seconds />
              </button>
              <LogText text={one.original} spans={spansOf(one.proof)} />
            </li>
          ))}
      </ol>
      {evidence.length > shown && (
        <button type="button" className={classes.more} onClick={() => setShown(evidence.length)}>
          {t('evidence.more', { n: evidence.length - shown })}
        </button>
      )}
      {line !== undefined && (
        <div className={classes.beside}>
          <div className={classes.column}>
            <Suspense>
              <LineProof key={line.record} record={line.record} raw={line.original} />
            </Suspense>
            <Reasons evidence={line} />
            <Fields record={line.record} proof={line.proof} reason={revealed?.reason} />
          </div>
          <div className={classes.column}>
            {line.rule !== rule.id && <RuleText id={line.rule} heading={t('rule.part')} proof={line.proof} />}
            <RuleText
              id={rule.id}
              heading={`${t('rule.title')} · ${rule.path}`}
              hash={rule.hash}
              proof={line.rule === rule.id ? line.proof : []}
            />
          </div>
        </div>
      )}
      <Suspense>
        {asking && <RevealDialog id={masked.id} close={() => setAsking(false)} revealed={setRevealed} />}
      </Suspense>
    </div>
  )
}

/** Whether asterisks stand where the server writes them over what it hides. */
function mayHide({ evidence }: Alert): boolean {
  return evidence.some(
    ({ original, proof }) => original.includes('*') || proof.some(({ matched }) => matched.includes('*')),
  )
}

function spansOf(proof: readonly Proof[]): number[][] {
  return proof.flatMap(({ span }) => (span === undefined ? [] : [span]))
}

/** Each predicate that held in the line, and whether the characters lit in it are really those that it is said to have matched. */
function Reasons({ evidence: { proof, original } }: { evidence: Evidence }) {
  if (proof.length === 0) return null
  return (
    <div>
      <h3>{t('evidence.why')}</h3>
      <ul className={classes.reasons}>
        {proof.map((one, index) => {
          const { selection, field, modifiers, value, matched, span } = one
          const isVerbatim = span !== undefined && original.slice(span[0], span[1]) === matched
          return (
            <li key={index}>
              <code>
                {visible(selection)}: {visible([field === '' ? t('evidence.keyword') : field, ...modifiers].join('|'))}:{' '}
                <b>{visible(value)}</b>
              </code>
              <span className={classes.matched}>
                <mark>{visible(matched.slice(0, 200))}</mark>{' '}
                {isVerbatim ? (
                  <span className={classes.verified} title={t('evidence.verified_hint')}>
                    <Icon name="check" size={13} /> {t('evidence.verified')}
                  </span>
                ) : (
                  <span className={classes.quiet}>{t('evidence.in_field')}</span>
                )}
              </span>
            </li>
          )
        })}
      </ul>
    </div>
  )
}

interface FieldsProps {
  record: string
  proof: readonly Proof[]
  /** Why what is hidden in it has to be seen; it stays hidden without. */
  reason: string | undefined
}

/** The event as it was understood, as long as the store keeps it; fields that matched are lit. */
function Fields({ record, proof, reason }: FieldsProps) {
  const params = { id: record }
  const { data, error } = useQuery({
    queryKey: ['event', record, reason],
    queryFn: ({ signal }) =>
      reason === undefined
        ? request('GET /events/{id}', { params, signal })
        : request('POST /events/{id}/reveal', { params, body: { reason }, signal }),
    staleTime: Infinity,
    // What was revealed is gone with the view that it was revealed for.
    ...(reason !== undefined && { gcTime: 0 }),
  })
  const matched = new Set(proof.map(({ eventField }) => eventField))
  if (error !== null) {
    const isGone = error instanceof RequestError && error.code === 'not_found'
    return <p className={classes.quiet}>{isGone ? t('evidence.fields_gone') : problemText(error)}</p>
  }
  if (data === undefined) return <p className={classes.quiet}>{w('loading')}</p>
  const fields = Object.entries(data)
    .filter(([name]) => name !== 'event.original')
    .sort(([a], [b]) => Number(matched.has(b)) - Number(matched.has(a)) || (a < b ? -1 : 1))
  return (
    <div>
      <h3>{t('evidence.fields')}</h3>
      <div className={classes.fields} role="group" tabIndex={0} aria-label={t('evidence.fields')}>
        <dl>
          {fields.map(([name, value]) => (
            <div key={name}>
              <dt>{visible(name)}</dt>
              <dd>
                {matched.has(name) ? (
                  <mark>
                    <LogText text={textOf(value)} />
                  </mark>
                ) : (
                  <LogText text={textOf(value)} />
                )}
              </dd>
            </div>
          ))}
        </dl>
      </div>
    </div>
  )
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? value : JSON.stringify(value)
}

interface RuleTextProps {
  id: string
  heading: string
  /** Of the version that fired. */
  hash?: string
  proof: readonly Proof[]
}

/** A rule as it is written, with the lines lit that the proof names. */
function RuleText({ id, heading, hash, proof }: RuleTextProps) {
  const { data, error } = useQuery(ruleQuery(id))
  const lit = litLines(data?.text ?? '', proof)
  const isGone = error instanceof RequestError && error.code === 'not_found'
  return (
    <div>
      <h3 className={classes.path}>{heading}</h3>
      {data !== undefined && <p className={classes.quiet}>{visible(titled(data))}</p>}
      {data !== undefined && hash !== undefined && data.hash !== hash && (
        <p className={classes.changed}>{t('rule.changed')}</p>
      )}
      {error !== null && <p className={classes.quiet}>{isGone ? t('rule.gone') : problemText(error)}</p>}
      {data !== undefined && (
        <pre className={classes.rule} tabIndex={0} aria-label={heading} data-testid="rule">
          {data.text
            .trimEnd()
            .split('\n')
            .map((text, at) => (
              <span key={at} className={lit.has(at) ? classes.lit : undefined}>
                {visible(text)}
                {'\n'}
              </span>
            ))}
        </pre>
      )}
    </div>
  )
}
