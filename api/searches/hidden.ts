import { PERSONAL_FIELD, SECRET_FIELD } from '../../model/personal.ts'
import { type Aggregation } from '../../store/query/aggregate.ts'
import { type Condition, FREE_TEXT, match } from '../../store/query/query.ts'

/**
 * The search of somebody who may not see what is hidden: a question that what is hidden could answer is put only to events in whose
 * field nothing is. Where nothing but numbers is hidden, that is any question with a digit; where a secret is, any at all. Both «is»
 * and «is not» leave such an event out, so that neither feels its way along.
 */
export function withoutHidden(where: Condition | undefined, aggregation?: Aggregation): Condition | undefined {
  const asked = where === undefined ? [] : [pushed(where, true)]
  const by = aggregation === undefined ? [] : [aggregation.by ?? []].flat()
  const of = [...asked, ...by.flatMap((field) => guards(field, true))]
  return of.length === 0 ? undefined : of.length === 1 ? of[0] : { kind: 'and', of }
}

/** Negations go down to the questions, where each has its guard; `holds`: whether the condition or its opposite is meant. */
function pushed(condition: Condition, holds: boolean): Condition {
  switch (condition.kind) {
    case 'not':
      return pushed(condition.of, !holds)
    case 'and':
    case 'or': {
      const kind = (condition.kind === 'and') === holds ? 'and' : 'or'
      return { kind, of: condition.of.map((part) => pushed(part, holds)) }
    }
    case 'match': {
      if (condition.field !== '') return guarded(condition, condition.field, hasDigit(condition), holds)
      // Any of several fields: each question has the guard of its own.
      const each = FREE_TEXT.map((field) => guarded({ ...condition, field }, field, hasDigit(condition), holds))
      return { kind: holds ? 'or' : 'and', of: each }
    }
    default:
      return guarded(condition, condition.field, true, holds)
  }
}

function guarded(question: Condition, field: string, digits: boolean, holds: boolean): Condition {
  return { kind: 'and', of: [holds ? question : { kind: 'not', of: question }, ...guards(field, digits)] }
}

function guards(field: string, digits: boolean): Condition[] {
  const lists = digits ? [PERSONAL_FIELD, SECRET_FIELD] : [SECRET_FIELD]
  return lists.map((list) => ({ kind: 'not', of: match(list, [{ text: field }]) }))
}

function hasDigit({ pattern }: Extract<Condition, { kind: 'match' }>): boolean {
  if (pattern.kind === 'exists') return false
  if (pattern.kind !== 'wildcard') return /[\d*]/.test(pattern.text)
  return pattern.parts.some((part) => 'text' in part && /[\d*]/.test(part.text))
}
