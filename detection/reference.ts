import type { EcsEvent } from '../model/event.ts'
import { isEmpty, keywordSubjects, rawValues, scalarsOf } from './network/event-values.ts'
import type { Condition } from './sigma/condition.ts'
import { fold } from './sigma/fold.ts'
import type { Pattern } from './sigma/pattern.ts'
import type { MappedRule } from './sigma/pipeline.ts'
import type { Item, Selection } from './sigma/rule.ts'
import { Subject } from './sigma/scalar.ts'
import { ANY, ONE } from './sigma/text.ts'
import type { Test } from './test.ts'

/**
 * The slow, obvious evaluator: walks a rule's syntax tree for one event, with no index, no sharing and no state. It says
 * what is right; the network is held against it. It is also what finds the proof of a match.
 */
export function evaluate(mapped: MappedRule, event: EcsEvent): boolean {
  const holds = (condition: Condition): boolean => {
    switch (condition.op) {
      case 'not':
        return !holds(condition.of)
      case 'and':
        return condition.of.every(holds)
      case 'or':
        return condition.of.some(holds)
      case 'selection':
        return selectionHolds(mapped.selections.get(condition.name)!, mapped, event)
    }
  }
  return holds(mapped.condition)
}

export function selectionHolds(selection: Selection, mapped: MappedRule, event: EcsEvent): boolean {
  return selection.some((items) => items.every((item) => itemHolds(item, mapped, event)))
}

export function itemHolds(item: Item, mapped: MappedRule, event: EcsEvent): boolean {
  const valueHolds = ({ alternatives }: Item['values'][number]): boolean =>
    alternatives.some((test) => testHolds(test, item.field, mapped, event))
  return (item.all ? item.values.every(valueHolds) : item.values.some(valueHolds)) !== item.negated
}

export function testHolds(test: Test, field: string, mapped: MappedRule, event: EcsEvent): boolean {
  const subjects = (name: string): Subject[] =>
    scalarsOf(event, mapped.eventFields(name)).map((scalar) => new Subject(scalar))
  switch (test.about) {
    case 'presence': {
      const values = mapped.eventFields(field).flatMap((name) => rawValues(event, name))
      if (test.is === 'null') return values.every(isEmpty)
      return values.length > 0 === (test.is === 'exists')
    }
    case 'fields': {
      const others = subjects(test.other)
      return subjects(field).some((subject) => others.some((other) => test.holds(subject, other)))
    }
    case 'value': {
      const own = field === '' ? keywordSubjects(event) : subjects(field)
      const { pattern } = test
      return own.some((subject) => (pattern ? globOf(pattern).test(caseOf(pattern, subject)) : test.holds(subject)))
    }
  }
}

const caseOf = (pattern: Pattern, subject: Subject): string => (pattern.cased ? subject.text : fold(subject.text))

const globs = new WeakMap<Pattern, RegExp>()

function globOf(pattern: Pattern): RegExp {
  let glob = globs.get(pattern)
  if (glob === undefined) {
    const source = pattern.parts.map((part) => {
      if (part === ANY) return String.raw`[\s\S]*`
      if (part === ONE) return String.raw`[\s\S]`
      return (pattern.cased ? part : fold(part)).replace(/[\\^$.*+?()[\]{}|/]/g, String.raw`\$&`)
    })
    glob = new RegExp(`^(?:${source.join('')})$`, 'u')
    globs.set(pattern, glob)
  }
  return glob
}
