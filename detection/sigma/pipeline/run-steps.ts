import type { Item } from '../rule.ts'
import { unmapped, draftOf, type Branch, type ItemDraft, type RuleDraft } from './draft.ts'
import type { Step } from './step.ts'

/** Renames a bare name, one that stands in no item, as the steps so far do. */
export type Rename = (branches: readonly Branch[]) => readonly Branch[]

/**
 * Runs the steps on the draft, in order.
 * @param renames gathers what the steps do to names, for those that stand in no item
 * @throws {RuleError} `bad_rule` where a step refuses the rule
 */
export function runSteps(steps: readonly Step[], draft: RuleDraft, renames: Rename[]): void {
  for (const step of steps) {
    const { action, id } = step
    if (!step.ruleApplies(draft)) continue
    switch (action.about) {
      case 'rule':
        action.apply(draft)
        break
      case 'steps':
        runSteps(action.steps, draft, renames)
        break
      case 'name': {
        const { state } = draft
        eachItem(draft, (own) => {
          const branches = renamed(step, own.branches, state, own.item)
          return [branches === own.branches ? own : { ...own, branches }]
        })
        if (!step.hasItemConditions) renames.push((branches) => renamed(step, branches, state))
        break
      }
      case 'item':
        eachItem(draft, (own) => replaced(step, own, draft))
        break
      case 'placeholders': // filled when the rule was read
        break
    }
    if (id !== undefined) draft.applied.add(id)
  }
}

const withId = (applied: ReadonlySet<string>, { id }: Step): ReadonlySet<string> =>
  id === undefined ? applied : new Set([...applied, id])

function renamed(step: Step, branches: readonly Branch[], state: RuleDraft['state'], item?: Item): readonly Branch[] {
  const { action } = step
  if (action.about !== 'name') return branches
  let isChanged = false
  const after = branches.flatMap((branch): readonly Branch[] => {
    const { name, applied } = branch
    if (name === '' || !step.fieldApplies({ name, applied, state })) return [branch]
    if (item && !step.itemApplies({ name, applied, state, item })) return [branch]
    const names = action.rename(name)
    if (names === undefined) return [branch]
    isChanged = true
    return names.map((own) => ({ name: own, applied: withId(applied, step), mapped: true }))
  })
  return isChanged ? after : branches
}

/** What becomes of an item: alternatives. A step that applies to some of its fields only parts it in two. */
function replaced(step: Step, own: ItemDraft, draft: RuleDraft): readonly ItemDraft[] {
  const { action } = step
  if (action.about !== 'item') return [own]
  const { item, branches } = own
  const { state } = draft
  const [affected, others]: [Branch[], Branch[]] = [[], []]
  for (const branch of branches) {
    const subject = { name: branch.name, applied: branch.applied, state, item }
    const applies = step.fieldApplies(subject) && step.itemApplies(subject)
    ;(applies ? affected : others).push(branch)
  }
  if (affected.length === 0) return [own]
  const items = action.replace(
    item,
    affected.map(({ name }) => name),
    draft,
  )
  if (items === undefined) return [own]
  const changed = items.map((next): ItemDraft => {
    if (next.field !== item.field)
      return { ...draftOf(next), branches: [{ ...unmapped(next.field), applied: withId(new Set(), step) }] }
    return { item: next, branches: affected.map((branch) => ({ ...branch, applied: withId(branch.applied, step) })) }
  })
  return others.length === 0 ? changed : [{ item, branches: others }, ...changed]
}

const GROUPS_MAX = 10_000

/** Puts in place of each item the alternatives that `change` gives; a group with an item of two becomes two groups. */
function eachItem(draft: RuleDraft, change: (own: ItemDraft) => readonly ItemDraft[]): void {
  for (const [name, groups] of draft.selections) {
    const after = groups.flatMap((items) => {
      let heads: ItemDraft[][] = [[]]
      for (const own of items) {
        const alternatives = change(own)
        // None: dropped. All of several negated items must hold, as their positive counterparts are alternatives.
        const ways = alternatives.length === 0 || own.item.negated ? [alternatives] : alternatives.map((one) => [one])
        heads = heads.flatMap((head) => ways.map((way) => [...head, ...way])).slice(0, GROUPS_MAX)
      }
      return heads.filter((head) => head.length > 0)
    })
    draft.selections.set(name, after)
  }
}
