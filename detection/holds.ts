import type { EcsEvent } from '../model/event.ts'
import { isEmpty, keywordSubjects, rawValues, scalarsOf } from './network/event-values.ts'
import type { MappedRule } from './sigma/pipeline.ts'
import { Subject } from './sigma/scalar.ts'
import type { Test } from './test.ts'

/** Whether a test holds for an event, by running it, without index or memory. */
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
    case 'value':
      return (field === '' ? keywordSubjects(event) : subjects(field)).some((subject) => test.holds(subject))
  }
}
