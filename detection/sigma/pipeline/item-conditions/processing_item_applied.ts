import { required } from '../parameters.ts'
import type { ItemSubject } from '../subject.ts'
import type { StepCondition } from '../transformation.ts'

/** A step of this id has changed the item. */
export default {
  parameters: ['processing_item_id'],
  read(condition) {
    const id = required(condition, 'processing_item_id')
    return ({ applied }) => applied.has(id)
  },
} satisfies StepCondition<ItemSubject>
