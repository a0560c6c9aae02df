import type { Check } from '../check.ts'
import { entryOf } from '../sigma/yaml.ts'

/** `timeframe` belonged to the aggregations that Sigma has given up; nothing reads it now. */
export default {
  *check({ document }) {
    const detection = entryOf(document.root, 'detection')
    const timeframe = entryOf(detection?.value ?? null, 'timeframe')
    if (timeframe !== undefined) {
      yield { message: 'timeframe has no effect here: write a correlation rule with a timespan', at: timeframe.at }
    }
  },
} satisfies Check
