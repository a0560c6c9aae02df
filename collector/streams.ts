import type { Origin } from '../model/record.ts'

/** Of a name that a record carries in its origin; Elasticsearch's own limit for an index. */
const NAME_LENGTH_MAX = 255
/** Of one sender; those beyond begin anew, at the cost of a look-up. */
const STREAMS_MAX = 1_000

/**
 * The origins of a sender's streams by what it calls them: one object for each, since counters and quotas are kept by it.
 * A name is without control characters, and without the slash that parts a source's name.
 */
export function streamsOf(from: Origin): (name: string) => Origin {
  const origins = new Map<string, Origin>()
  return (name) => {
    let origin = origins.get(name)
    if (origin === undefined) {
      if (origins.size >= STREAMS_MAX) origins.clear()
      origin = { ...from, stream: name.replace(/[\p{C}/]/gu, '_').slice(0, NAME_LENGTH_MAX) }
      origins.set(name, origin)
    }
    return origin
  }
}
