import { Button, Modal } from '@mantine/core'
import { type FormEvent, type ReactNode, useState } from 'react'
import { NEXT_STATES, STATES, type State, VERDICTS } from '../../../model/incident.ts'
import { StateBadge } from '../../ui/badges.tsx'
import { say as word, t as w } from '../../ui/words.ts'
import classes from './decision-dialog.module.css'
import type { Decision, Incident } from './incident-api.ts'
import { say, t } from './messages.ts'

interface DecisionDialogProps {
  /** What is decided about: one incident, or so many. */
  about: Incident | number
  /** What the key was for: it has the focus. */
  focus: 'state' | 'verdict'
  close: () => void
  decide: (decision: Decision) => Promise<void>
}

/** What an analyst may say; the other verdicts come by themselves. */
const CHOICES = VERDICTS.filter((verdict) => verdict !== 'duplicate')
type Choice = (typeof CHOICES)[number]

/** State and verdict, by mouse, by arrows, or by the figure in front of each. */
export default function DecisionDialog({ about, focus, close, decide }: DecisionDialogProps) {
  const one = typeof about === 'number' ? null : about
  const may: readonly State[] = one === null ? STATES.slice(1) : NEXT_STATES[one.state]
  const offered = STATES.filter((state) => state === one?.state || may.includes(state))
  const [state, setState] = useState<State>(
    focus === 'verdict' && may.includes('resolved') ? 'resolved' : (one?.state ?? 'in_progress'),
  )
  const [verdict, setVerdict] = useState<Choice | null>(CHOICES.find((choice) => choice === one?.verdict) ?? null)
  const [busy, setBusy] = useState(false)
  const needsVerdict = state === 'resolved' || state === 'closed'

  const send = async (event: FormEvent): Promise<void> => {
    event.preventDefault()
    setBusy(true)
    const reopens = one !== null && !needsVerdict && (one.state === 'resolved' || one.state === 'closed')
    await decide({ ...(state !== one?.state && { state }), ...(!reopens && { verdict }) })
    setBusy(false)
  }

  return (
    <Modal
      opened
      onClose={close}
      size="lg"
      title={
        typeof about === 'number' ? t('decide.many', { n: about }) : t('decide.one', { number: String(about.number) })
      }
      closeButtonProps={{ 'aria-label': w('close') }}
    >
      <form onSubmit={(event) => void send(event)} className={classes.form}>
        <div className={classes.groups}>
          <Choices
            legend={t('column.state')}
            name="state"
            focused={focus === 'state'}
            values={offered}
            value={state}
            choose={setState}
            shown={stateShown}
          />
          <Choices
            legend={needsVerdict ? t('decide.verdict_needed') : t('decide.verdict')}
            name="verdict"
            focused={focus === 'verdict'}
            values={CHOICES}
            value={verdict}
            choose={setVerdict}
            shown={verdictShown}
          />
        </div>
        <div className={classes.buttons}>
          <Button variant="default" onClick={close}>
            {w('cancel')}
          </Button>
          <Button type="submit" loading={busy} disabled={needsVerdict && verdict === null}>
            {w('save')}
          </Button>
        </div>
      </form>
    </Modal>
  )
}

function stateShown(state: State): ReactNode {
  return <StateBadge state={state} />
}

function verdictShown(verdict: Choice): ReactNode {
  return (
    <span>
      <b>{word(`verdict.${verdict}`)}</b>
      <small>{say(`means.${verdict}`)}</small>
    </span>
  )
}

interface ChoicesProps<T extends string> {
  legend: string
  name: string
  focused: boolean
  values: readonly T[]
  value: T | null
  choose: (value: T) => void
  shown: (value: T) => ReactNode
}

function Choices<T extends string>({ legend, name, focused, values, value, choose, shown }: ChoicesProps<T>) {
  return (
    // oxlint-disable-next-line jsx-a11y/no-noninteractive-element-interactions -- figures are a quicker way to its radio buttons
    <fieldset
      className={classes.group}
      onKeyDown={(event) => {
        const picked = values[Number(event.key) - 1]
        if (picked !== undefined) choose(picked)
      }}
    >
      <legend>{legend}</legend>
      {values.map((each, index) => (
        <label key={each} className={classes.choice}>
          <input
            type="radio"
            name={name}
            value={each}
            checked={each === value}
            onChange={() => choose(each)}
            // At once, not when the dialog comes to it: the figure may be the very next key.
            autoFocus={focused && (each === value || (value === null && index === 0))}
            data-autofocus={focused && (each === value || (value === null && index === 0)) ? true : undefined}
          />
          <kbd aria-hidden="true">{index + 1}</kbd>
          {shown(each)}
        </label>
      ))}
    </fieldset>
  )
}
