import { Type } from 'typebox'
import type { RuleEdit } from '../../detection/life.ts'
import { addHistory } from '../../store/local/history.ts'
import type { Scope } from '../../store/store.ts'
import type { Principal } from '../access/policy.ts'
import { Problem } from '../problem.ts'
import type { Services } from '../services.ts'

/** What a change of a rule answers. */
export const InForce = Type.Object({
  seq: Type.Integer({ description: 'Position of the log from which it holds.' }),
})

interface ChangeNote {
  asker: Principal
  why: string
  /** What the history calls it. */
  code: string
  params: Record<string, string | number>
}

/** Makes a change of a rule, and notes it. */
export async function changeRule(
  { changeRules, local, clock }: Services,
  edit: RuleEdit,
  { asker, why, code, params }: ChangeNote,
): Promise<{ seq: number }> {
  const by = whoOf(asker)
  const { seq } = await changeRules(edit, { by, why })
  const subject = { kind: 'rule' as const, id: edit.rule }
  addHistory(local, [
    { at: new Date(clock()).toISOString(), actor: by, subject, code, params: { ...params, why, seq } },
  ])
  return { seq }
}

/** @throws {Problem} a rule is of all agencies, and so is what is settled about it */
export function refuseUnlessAll(scope: Scope): void {
  if (scope !== 'all') throw new Problem('forbidden', 'rules:tune for all agencies')
}

/** A token's number says nothing to who reads it later; and none may be called like a user. */
export function whoOf({ role, name, displayName }: Principal): string {
  return role === 'service' ? `token ${displayName}` : name
}
