import { STATE_PARAMETERS, stateTest } from '../state-test.ts'
import type { ItemSubject } from '../subject.ts'
import type { StepCondition } from '../transformation.ts'

/** What `set_state` has remembered stands in this relation to a value; nothing remembered: no. */
export default {
  parameters: STATE_PARAMETERS,
  read(condition) {
    const holds = stateTest(condition)
    return ({ state }) => holds(state)
  },
} satisfies StepCondition<ItemSubject>
