import { MultiSelect, TextInput } from '@mantine/core'
import { type ReactNode, useId, useState } from 'react'
import { BUDGET_MAX, LIFE_STATES, type LifeState } from '../../../model/rule-life.ts'
import { useAgencies } from '../../api/agencies.ts'
import { type Answer, request } from '../../api/request.ts'
import { useMe } from '../../api/session.ts'
import { named } from '../../lib/language.ts'
import { FormDialog } from '../../ui/form-dialog.tsx'
import { useRuleChange } from './rule-life.ts'
import { t } from './rule-messages.ts'
import classes from './rule.module.css'

type Rule = Answer<'GET /rules/{id}'>

const WHY_MAX = 500
const PLACES = ['everywhere', 'some'] as const
type Place = (typeof PLACES)[number]

interface DialogProps {
  rule: Rule
  close: () => void
}

function Why({ value, set }: { value: string; set: (to: string) => void }) {
  return (
    <TextInput
      label={t('why')}
      value={value}
      maxLength={WHY_MAX}
      onChange={({ currentTarget }) => set(currentTarget.value)}
    />
  )
}

interface ChoicesProps<T extends string> {
  legend: string
  values: readonly T[]
  value: T
  choose: (value: T) => void
  shown: (value: T) => ReactNode
}

function Choices<T extends string>({ legend, values, value, choose, shown }: ChoicesProps<T>) {
  const name = useId()
  return (
    <fieldset className={classes.choices}>
      <legend>{legend}</legend>
      {values.map((each) => (
        <label key={each}>
          <input
            type="radio"
            name={name}
            checked={each === value}
            onChange={() => choose(each)}
            data-autofocus={each === value ? true : undefined}
          />
          {shown(each)}
        </label>
      ))}
    </fieldset>
  )
}

function stageShown(stage: LifeState): ReactNode {
  return (
    <span>
      <b>{t(`state.${stage}`)}</b>
      <small>{t(`means.${stage}`)}</small>
    </span>
  )
}

/** Where the rule stands in its life, and where it is to stand. */
export function StateDialog({ rule, close, to }: DialogProps & { to?: LifeState | undefined }) {
  const [state, setState] = useState<LifeState>(to ?? rule.state)
  const [why, setWhy] = useState('')
  const [busy, make] = useRuleChange(rule.id)
  const submit = async (): Promise<void> => {
    const body = { state, why: why.trim() }
    if (await make(() => request('POST /rules/{id}/state', { params: { id: rule.id }, body }))) close()
  }
  return (
    <FormDialog
      title={t('life.change')}
      close={close}
      submit={() => void submit()}
      isIncomplete={state === rule.state || why.trim() === ''}
      isBusy={busy}
    >
      <Choices legend={t('life.state')} values={LIFE_STATES} value={state} choose={setState} shown={stageShown} />
      <Why value={why} set={setWhy} />
    </FormDialog>
  )
}

/** Off or on again, everywhere or for some agencies. */
export function SwitchDialog({ rule, close }: DialogProps) {
  const isOff = rule.disabled !== undefined
  const offIn = Object.keys(rule.disabledIn ?? {})
  const seesAll = useMe().agencies === 'all'
  const { agencies: known, agencyName } = useAgencies()
  const [where, setWhere] = useState<Place>(isOff || (seesAll && offIn.length === 0) ? 'everywhere' : 'some')
  const [agencies, setAgencies] = useState<string[]>(offIn)
  const [why, setWhy] = useState('')
  const [busy, make] = useRuleChange(rule.id)
  const isOn = !isOff && where === 'some' && agencies.length > 0 && agencies.every((agency) => offIn.includes(agency))
  const off = !isOff && !isOn
  const submit = async (): Promise<void> => {
    const body = { off, why: why.trim(), ...(where === 'some' && { agencies }) }
    if (await make(() => request('POST /rules/{id}/switch', { params: { id: rule.id }, body }))) close()
  }
  return (
    <FormDialog
      title={t(off ? 'switch.off' : 'switch.on')}
      close={close}
      submit={() => void submit()}
      isIncomplete={why.trim() === '' || (where === 'some' && agencies.length === 0)}
      isBusy={busy}
    >
      {off && <p className={classes.quiet}>{t('switch.note')}</p>}
      {!isOff && (
        <Choices
          legend={t('switch.where')}
          values={seesAll ? PLACES : PLACES.slice(1)}
          value={where}
          choose={setWhere}
          shown={(each) => t(`switch.${each}`)}
        />
      )}
      {where === 'some' && (
        <MultiSelect
          label={t('switch.agencies')}
          searchable
          value={agencies}
          onChange={setAgencies}
          data={[
            ...known.map(({ key, names }) => ({ value: key, label: named(names) })),
            ...offIn
              .filter((agency) => !known.some(({ key }) => key === agency))
              .map((agency) => ({ value: agency, label: agencyName(agency) })),
          ]}
        />
      )}
      <Why value={why} set={setWhy} />
    </FormDialog>
  )
}

/** How many alerts a day are let through one by one. */
export function BudgetDialog({ rule, close }: DialogProps) {
  const [perDay, setPerDay] = useState(String(rule.budget?.perDay ?? ''))
  const [owner, setOwner] = useState(rule.owner ?? '')
  const [why, setWhy] = useState('')
  const [busy, make] = useRuleChange(rule.id)
  const submit = async (): Promise<void> => {
    const body = {
      perDay: perDay === '' ? null : Number(perDay),
      why: why.trim(),
      ...(owner.trim() !== '' && { owner: owner.trim() }),
    }
    if (await make(() => request('PUT /rules/{id}/budget', { params: { id: rule.id }, body }))) close()
  }
  return (
    <FormDialog
      title={t('budget.set')}
      close={close}
      submit={() => void submit()}
      isIncomplete={why.trim() === ''}
      isBusy={busy}
    >
      <TextInput
        label={t('budget.per_day')}
        description={t('budget.note')}
        type="number"
        min={1}
        max={BUDGET_MAX}
        value={perDay}
        data-autofocus
        onChange={({ currentTarget }) => setPerDay(currentTarget.value)}
      />
      <TextInput
        label={t('budget.owner')}
        value={owner}
        maxLength={200}
        onChange={({ currentTarget }) => setOwner(currentTarget.value)}
      />
      <Why value={why} set={setWhy} />
    </FormDialog>
  )
}
