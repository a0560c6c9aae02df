import { FIELD_LIST_PARAMETERS, fieldList } from '../field-list.ts'
import type { FieldSubject } from '../subject.ts'
import type { StepCondition } from '../transformation.ts'

/** Every field that is not listed, and keywords. */
export default {
  parameters: FIELD_LIST_PARAMETERS,
  read(condition) {
    const isListed = fieldList(condition)
    return ({ name }) => !isListed(name)
  },
} satisfies StepCondition<FieldSubject>
