import { UNREGISTERED, type EcsEvent } from '../model/event.ts'
import type { SpoolRecord } from '../model/record.ts'
import { names, resolveSource, type Registry, type Resolved, type Sender } from '../model/registry.ts'
import { loadGeo } from './geo.ts'
import { localClock } from './local-time.ts'

// Runs for every event: never throws, never waits, asks nothing outside the process. What it decides overrides whatever the
// sender wrote into the same fields, so that no log line can choose its agency, its criticality or its country.

/** Fields that only this module may set: a sender's own are taken out. */
const OURS = [
  'soc.system',
  'soc.local.hour',
  'soc.local.weekday',
  'soc.local.holiday',
  'soc.local.working_hours',
  'organization.name',
] as const
const ISO_LENGTH = 24
const ENDS = ['source', 'destination'] as const

/**
 * Prepares what adds to an event whose it is (agency, system, criticality, by the registry at event time), where its
 * addresses are registered, and what time it was where people work.
 * @param options `geo: false` leaves countries out
 * @throws when the country database cannot be opened
 */
export async function loadEnricher(options: {
  registry: Registry
  geo?: boolean
}): Promise<(event: EcsEvent, record: SpoolRecord) => void> {
  const { registry, geo = true } = options
  const country = geo ? await loadGeo() : () => undefined
  const clock = localClock(registry)

  return (event, record) => {
    for (const field of OURS) if (event[field] !== undefined) delete event[field]

    const { origin } = record
    if (origin.address !== '') event['log.source.address'] = origin.address
    const claimed = event['host.hostname']
    const sender: Sender = {
      address: origin.address,
      agency: origin.agency,
      certificate: origin.certificate,
      stream: origin.stream,
      hostname: typeof claimed === 'string' ? claimed : undefined,
    }
    const { agency, system, criticality } = whose(registry, sender, event['@timestamp'], record.receivedAtMs)
    event['soc.agency'] = agency
    event['soc.criticality'] = criticality
    if (system !== undefined) event['soc.system'] = system
    const organization = registry.agencies.has(agency) ? names(registry, agency) : undefined
    if (organization) event['organization.name'] = organization.vi

    for (const end of ENDS) {
      const address = event[`${end}.ip`]
      const field = `${end}.geo.country_iso_code`
      const code = typeof address === 'string' ? country(address) : undefined
      if (code !== undefined) event[field] = code
      else if (event[field] !== undefined) delete event[field]
    }

    const atMs = Date.parse(event['@timestamp'])
    if (Number.isNaN(atMs) || event['@timestamp'].length > ISO_LENGTH) return // no year of four digits, no calendar
    const local = clock(atMs)
    event['soc.local.hour'] = local.hour
    event['soc.local.weekday'] = local.weekday
    if (local.holiday !== undefined) event['soc.local.holiday'] = local.holiday
    event['soc.local.working_hours'] = local.workingHours
  }
}

/**
 * By event time; where that belongs to nobody (a device whose clock says 1970), by receive time, so that a wrong clock does
 * not take an event away from those who must see it.
 */
function whose(registry: Registry, sender: Sender, eventIso: string, receivedAtMs: number): Resolved {
  const then = resolveSource(registry, sender, eventIso)
  if (then.agency !== UNREGISTERED) return then
  return resolveSource(registry, sender, new Date(receivedAtMs).toISOString())
}
