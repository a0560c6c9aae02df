import { Button, NativeSelect, TextInput, Textarea } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { useEffect, useEffectEvent, useRef, useState } from 'react'
import { useBacktest } from '../../api/backtests.ts'
import { type Answer, RequestError, request } from '../../api/request.ts'
import { useMay, useMe } from '../../api/session.ts'
import { visible } from '../../lib/highlight.ts'
import { number, titled } from '../../lib/language.ts'
import { useTitle } from '../../lib/title.ts'
import { BacktestRun } from '../../ui/backtest.tsx'
import { FormDialog } from '../../ui/form-dialog.tsx'
import { Icon } from '../../ui/icon.tsx'
import { LogText } from '../../ui/log-text.tsx'
import { Panel } from '../../ui/panel.tsx'
import { problemText } from '../../ui/problem.ts'
import { toastProblem } from '../../ui/toasts.tsx'
import { t } from './editor-texts.ts'
import type { Fault, Place, RuleEditor } from './rule-editor.ts'
import { useRuleChange } from './rule-life.ts'
import classes from './rule-desk.module.css'

type Rule = Answer<'GET /rules/{id}'>
type Checked = Answer<'POST /rules/check'>

const DAY_MS = 86_400_000
const RANGES = [1, 7, 30, 90] as const
const LINES_MAX = 500
/** Of one of them, as the server takes it. */
const LINE_CHARS_MAX = 65_536
/** How long somebody is left in peace before what they write is checked. */
const PATIENCE_MS = 600
/** A file of the rules folder for the run alone. */
const TRIED_PATH = 'own/.draft.yml'

const NONE: readonly Fault[] = []

interface RuleDeskProps {
  /** Absent: it is a new one. */
  rule?: Rule
  text: string
  saved: (id: string) => void
}

/** Where a rule is written: checked as it grows, tried on lines and on what is stored, saved with a reason. */
export function RuleDesk({ rule, text: former, saved }: RuleDeskProps) {
  const [text, setText] = useState(former)
  const [saving, setSaving] = useState(false)
  const settlesAll = useMe().agencies === 'all'
  const mayRun = useMay('exceptions:write')
  const [editor, setEditor] = useState<RuleEditor | null>(null)
  const checked = useCheck(text, rule?.id)
  const title = rule === undefined ? t('new') : t('edit', { title: titled(rule) })
  const errors = checked.data?.problems.filter(({ severity }) => severity === 'error').length ?? 0
  const isSame = rule !== undefined && text === former
  useTitle(title)
  useEffect(() => {
    const warn = (event: BeforeUnloadEvent): void => {
      if (text !== former) event.preventDefault()
    }
    addEventListener('beforeunload', warn)
    return () => removeEventListener('beforeunload', warn)
  }, [text, former])

  return (
    <article className={classes.desk}>
      <Link to={rule === undefined ? '/rules' : `/rules/${encodeURIComponent(rule.id)}`} className={classes.back}>
        <Icon name="left" size={15} /> {t('back')}
      </Link>
      <header className={classes.head}>
        <h1>{title}</h1>
        {text !== former && <span className={classes.quiet}>{t(errors > 0 ? 'save.errors' : 'unsaved')}</span>}
        <Button size="xs" disabled={!settlesAll || errors > 0 || isSame} onClick={() => setSaving(true)}>
          {t(rule === undefined ? 'save.draft' : 'save.version')}
        </Button>
      </header>
      <div className={classes.columns}>
        <div className={classes.column}>
          <Text
            text={former}
            faults={checked.data?.problems ?? NONE}
            ready={setEditor}
            changed={setText}
            save={() => {
              if (settlesAll && errors === 0 && !isSame) setSaving(true)
            }}
          />
          <Check checked={checked} goTo={(place) => editor?.goTo(place)} />
        </div>
        <div className={classes.column}>
          <Lines text={text} rule={rule?.id} />
          {mayRun && <Stored text={text} checked={checked} />}
        </div>
      </div>
      {saving && <SaveDialog rule={rule} text={text} close={() => setSaving(false)} saved={saved} />}
    </article>
  )
}

interface Checking {
  data: Checked | undefined
  error: unknown
  isFetching: boolean
}

/** What the server says of the text, once somebody has stopped typing. */
function useCheck(text: string, rule: string | undefined): Checking {
  const [settled, setSettled] = useState(text)
  useEffect(() => {
    const patience = setTimeout(() => setSettled(text), PATIENCE_MS)
    return () => clearTimeout(patience)
  }, [text])
  const { data, error, isFetching } = useQuery({
    queryKey: ['rule-check', rule ?? '', settled],
    queryFn: ({ signal }) =>
      request('POST /rules/check', { body: { text: settled, ...(rule !== undefined && { rule }) }, signal }),
    enabled: settled.trim() !== '',
    placeholderData: (kept) => kept,
    staleTime: Infinity,
    gcTime: 0,
  })
  return { data, error, isFetching: isFetching || settled !== text }
}

interface TextProps {
  text: string
  faults: readonly Fault[]
  ready: (editor: RuleEditor) => void
  changed: (text: string) => void
  save: () => void
}

function Text({ text, faults, ready, changed, save }: TextProps) {
  const host = useRef<HTMLDivElement>(null)
  const [editor, setEditor] = useState<RuleEditor | null>(null)
  const onChange = useEffectEvent(changed)
  const onSave = useEffectEvent(save)
  const onReady = useEffectEvent((to: RuleEditor) => {
    setEditor(to)
    ready(to)
  })
  useEffect(() => {
    let gone = false
    let remove = (): void => undefined
    const mount = async (): Promise<void> => {
      const { mountRuleEditor } = await import('./rule-editor.ts')
      if (gone || host.current === null) return
      const mounted = mountRuleEditor(host.current, {
        text,
        label: t('text'),
        changed: (to) => onChange(to),
        save: () => onSave(),
      })
      remove = () => mounted.destroy()
      onReady(mounted)
    }
    void mount()
    return () => {
      gone = true
      remove()
    }
  }, [text])
  useEffect(() => editor?.mark(faults), [editor, faults])
  return (
    <div>
      <div ref={host} className={classes.editor} data-editor="rule" />
      <p className={classes.quiet}>{t('text.note')}</p>
    </div>
  )
}

function Check({ checked: { data, error, isFetching }, goTo }: { checked: Checking; goTo: (place: Place) => void }) {
  const problems = data?.problems ?? []
  const errors = problems.filter(({ severity }) => severity === 'error').length
  return (
    <Panel title={t('problems')} icon="check" beside={isFetching ? t('problems.checking') : undefined}>
      {error !== null && <p role="alert">{problemText(error)}</p>}
      <div role="status">
        {data !== undefined && problems.length === 0 && (
          <p className={classes.good}>
            {t('problems.none')} {t('problems.rules', { n: data.rules.length })}
          </p>
        )}
        {problems.length > 0 && (
          <p className={errors > 0 ? classes.bad : classes.warn}>
            {t('problems.count', { errors, warnings: problems.length - errors })}
          </p>
        )}
      </div>
      <ul className={classes.problems} data-testid="problems">
        {problems.map(({ line, column, severity, code, message }, index) => (
          <li key={index}>
            <button type="button" onClick={() => goTo({ line, column })}>
              {t('place', { line, column })}
            </button>{' '}
            <code className={severity === 'error' ? classes.bad : classes.warn}>{code}</code> {visible(message)}
          </li>
        ))}
      </ul>
    </Panel>
  )
}

/** The text against lines that somebody pastes. */
function Lines({ text, rule }: { text: string; rule: string | undefined }) {
  const [pasted, setPasted] = useState('')
  const [tried, setTried] = useState<{ lines: string[]; answer: Answer<'POST /rules/try'> } | null>(null)
  const [busy, setBusy] = useState(false)
  const all = pasted.split('\n').filter((line) => line.trim() !== '')
  const lines = all.slice(0, LINES_MAX)
  const tooLong = lines.findIndex(({ length }) => length > LINE_CHARS_MAX)
  const run = async (): Promise<void> => {
    setBusy(true)
    try {
      const body = { text, lines, ...(rule !== undefined && { rule }) }
      setTried({ lines, answer: await request('POST /rules/try', { body }) })
    } catch (problem) {
      toastProblem(problem)
    } finally {
      setBusy(false)
    }
  }
  return (
    <Panel title={t('try')} icon="search">
      <Textarea
        label={t('try.lines')}
        rows={5}
        value={pasted}
        spellCheck={false}
        classNames={{ input: classes.pasted ?? '' }}
        onChange={({ currentTarget }) => setPasted(currentTarget.value)}
      />
      <p className={classes.acts}>
        <Button
          size="xs"
          variant="default"
          disabled={lines.length === 0 || tooLong >= 0}
          loading={busy}
          onClick={() => void run()}
        >
          {t('try.run')}
        </Button>
        {tooLong >= 0 && (
          <span role="alert" className={classes.warn}>
            {t('try.long', { line: number(tooLong + 1), max: number(LINE_CHARS_MAX) })}
          </span>
        )}
        {all.length > LINES_MAX && <span className={classes.warn}>{t('try.first', { n: LINES_MAX })}</span>}
      </p>
      {tried !== null && <Tried {...tried} />}
    </Panel>
  )
}

function Tried({ lines, answer }: { lines: readonly string[]; answer: Answer<'POST /rules/try'> }) {
  const nameOf = (id: string): string => {
    const rule = answer.rules.find((one) => one.id === id)
    return rule === undefined ? id : visible(titled(rule))
  }
  const hits = answer.lines.filter(({ rules }) => rules.length > 0).length
  return (
    <div className={classes.tried} data-testid="tried">
      <p role="status">
        <b>{t('try.matched', { n: hits })}</b> {t('try.of', { n: lines.length })}
      </p>
      {answer.alerts.length > 0 && (
        <>
          <p>{t('try.alerts', { n: answer.alerts.length })}</p>
          <ul className={classes.alerts}>
            {answer.alerts.map(({ rule, count, group }, index) => (
              <li key={index}>
                {t('try.alert', { rule: nameOf(rule), n: count })}{' '}
                <code>
                  {Object.entries(group)
                    .map(([field, value]) => `${field}: ${visible(value)}`)
                    .join(', ')}
                </code>
              </li>
            ))}
          </ul>
        </>
      )}
      <ol>
        {answer.lines.map(({ unread, rules }, index) => (
          <li key={index} data-hit={rules.length > 0}>
            <small>
              {unread === undefined
                ? t(rules.length > 0 ? 'try.hit' : 'try.miss')
                : t('try.unread', { why: visible(unread) })}
            </small>
            <LogText
              text={lines[index] ?? ''}
              spans={rules.flatMap(({ proof }) => proof.flatMap(({ span }) => (span === undefined ? [] : [span])))}
            />
          </li>
        ))}
      </ol>
    </div>
  )
}

/** The text against what is stored: which incidents would be others. */
function Stored({ text, checked: { data, isFetching } }: { text: string; checked: Checking }) {
  const run = useBacktest()
  const [days, setDays] = useState<number>(7)
  const [tried, setTried] = useState('')
  const rules = data?.rules.map(({ id }) => id) ?? []
  const start = (): void => {
    setTried(text)
    const from = new Date(Date.now() - days * DAY_MS).toISOString()
    const body = { files: [{ path: TRIED_PATH, text }], live: rules, from }
    void run.start(() => request('POST /backtests', { body }))
  }
  return (
    <Panel title={t('backtest')} icon="history">
      <p className={classes.quiet}>{t('backtest.note')}</p>
      <div className={classes.acts}>
        <NativeSelect
          size="xs"
          aria-label={t('backtest.range')}
          value={String(days)}
          onChange={({ currentTarget }) => setDays(Number(currentTarget.value))}
          data={RANGES.map((n) => ({ value: String(n), label: t('backtest.days', { n }) }))}
        />
        <Button
          size="xs"
          variant="default"
          data-run="backtest"
          disabled={run.isUnderWay || isFetching || rules.length === 0}
          onClick={start}
        >
          {t('backtest.run')}
        </Button>
      </div>
      {tried !== '' && tried !== text && !run.isUnderWay && <p className={classes.warn}>{t('backtest.stale')}</p>}
      <BacktestRun run={run} />
    </Panel>
  )
}

interface SaveDialogProps {
  rule: Rule | undefined
  text: string
  close: () => void
  saved: (id: string) => void
}

function SaveDialog({ rule, text, close, saved }: SaveDialogProps) {
  const [why, setWhy] = useState('')
  const [busy, make] = useRuleChange(rule?.id ?? '')
  const submit = async (): Promise<void> => {
    let id = rule?.id ?? ''
    const save = async (): Promise<{ seq: number; id?: string }> => {
      if (rule === undefined) {
        const added = await request('POST /rules', { body: { text, why: why.trim() } })
        id = added.id
        return added
      }
      const body = { text, why: why.trim(), base: rule.hash }
      return request('PUT /rules/{id}/text', { params: { id }, body }).catch((problem: unknown) => {
        throw problem instanceof RequestError && problem.status === 412 ? new RequestError('rule_overtaken') : problem
      })
    }
    if (await make(save)) saved(id)
  }
  return (
    <FormDialog
      title={t(rule === undefined ? 'save.draft' : 'save.version')}
      close={close}
      submit={() => void submit()}
      isIncomplete={why.trim() === ''}
      isBusy={busy}
    >
      <p>{t(rule === undefined ? 'save.draft.note' : 'save.version.note')}</p>
      <TextInput
        label={t('save.why')}
        value={why}
        maxLength={500}
        data-autofocus
        onChange={({ currentTarget }) => setWhy(currentTarget.value)}
      />
    </FormDialog>
  )
}
