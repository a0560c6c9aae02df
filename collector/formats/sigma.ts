import type { EcsEvent } from '../../model/event.ts'
import { parseEventLine } from '../event-line.ts'
import type { Format } from '../format.ts'

/** Flat objects in Sigma's own names: `{"EventID": 1, "Channel": "…", "Image": "…"}`. Taken as they are. */
export default {
  names: 'sigma',
  load: () =>
    Promise.resolve((line) => {
      const event = parseEventLine(line)
      return typeof event === 'string' ? event : (event as EcsEvent)
    }),
} satisfies Format
