import { loadEnricher } from '../enrich.ts'
import type { Format } from '../format.ts'
import { loadNormaliser } from '../normalise.ts'

/** Log lines as they come over the wire, through the collector's own parsers and enrichment. */
export default {
  names: 'ecs',
  async load({ registry, timeZone, receivedAtMs }) {
    const enrich = await loadEnricher({ registry })
    const normalise = await loadNormaliser({ spoolId: 'line', timeZone, enrich })
    const origin = { input: 'file', address: '' }
    return (line, position) => {
      const result = normalise({ seq: position + 1, receivedAtMs, origin, bytes: line })
      return result.kind === 'event' ? result.event : `${result.letter.code}: ${result.letter.reason}`
    }
  },
} satisfies Format
