import type { IndicatorSet } from '../../detection/indicators/set.ts'
import type { EcsEvent } from '../../model/event.ts'
import type { HuntedPage } from '../services.ts'

/** What stored events show of a set of indicators, and the alerts that they would have raised had it been in force when they came. */
export function huntedIn(set: IndicatorSet, events: readonly EcsEvent[]): HuntedPage {
  const page: HuntedPage = { hits: [], alerts: [] }
  for (const event of events) {
    const hits = set.match(event)
    if (hits.length === 0) continue
    page.alerts.push(...set.alerts(event))
    for (const { indicator, field } of hits) {
      const { kind, value, level } = indicator
      const [record, agency, at] = [event['soc.record'], event['soc.agency'], event['@timestamp']]
      page.hits.push({ record, agency, at, field, kind, value, level })
    }
  }
  return page
}
