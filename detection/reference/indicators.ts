import ipaddr from 'ipaddr.js'
import type { EcsEvent } from '../../model/event.ts'
import { ADDRESS_FIELDS, DOMAIN_FIELDS, HASH_FIELDS, URL_FIELDS, eachText, urlOf } from '../indicators/fields.ts'
import type { Indicator, IndicatorKind } from '../indicators/indicator.ts'
import type { NeverList } from '../indicators/never.ts'
import { normalDomain } from '../indicators/normal.ts'

/** What an indicator set must find, said the slow and obvious way: every indicator is held against every text. */
export function plainHits(
  indicators: readonly Indicator[],
  never: NeverList,
  event: EcsEvent,
): { field: string; text: string; indicator: Indicator }[] {
  const fields: Record<IndicatorKind, readonly string[]> = {
    ip: ADDRESS_FIELDS,
    domain: DOMAIN_FIELDS,
    url: URL_FIELDS,
    hash: HASH_FIELDS,
  }
  const hits: { field: string; text: string; indicator: Indicator }[] = []
  for (const kind of ['ip', 'domain', 'url', 'hash'] as const) {
    for (const field of fields[kind]) {
      eachText(event, field, (text) => {
        for (const indicator of indicators) {
          if (indicator.kind !== kind || !counts(indicator, event)) continue
          if (HOLDS[kind](indicator.value, text, never, event)) hits.push({ field, text, indicator })
        }
      })
    }
  }
  return hits
}

function counts({ validFrom, validUntil }: Indicator, event: EcsEvent): boolean {
  const ms = Date.parse(event['@timestamp'])
  return (
    !(validFrom !== undefined && ms < Date.parse(validFrom)) &&
    !(validUntil !== undefined && ms >= Date.parse(validUntil))
  )
}

const HOLDS: Record<IndicatorKind, (value: string, text: string, never: NeverList, event: EcsEvent) => boolean> = {
  ip: (value, text, never) => isIn(text, value) && !never.networks.some((network) => isIn(text, network)),
  domain: (value, text, never) => {
    const name = normalDomain(text)
    if (name === null || !isSameOrBelow(name, value)) return false
    return ![value, name].some((each) => isNeverDomain(each, never))
  },
  url: (value, text, never, event) => {
    if (urlOf(event, text) !== value) return false
    const { hostname, pathname, search } = new URL(`http://${value}`)
    const host = hostname.replace(/^\[(.*)\]$/, '$1')
    if (never.networks.some((network) => isIn(host, network))) return false
    if (never.domainsBelow.some((below) => isSameOrBelow(host, below))) return false
    return !(pathname === '/' && search === '' && !value.endsWith('?') && never.domains.includes(host))
  },
  hash: (value, text, never) => text.toLowerCase() === value && !never.hashes.includes(value),
}

function isNeverDomain(name: string, { domains, domainsBelow }: NeverList): boolean {
  return domains.includes(name) || domainsBelow.some((below) => isSameOrBelow(name, below))
}

function isSameOrBelow(name: string, above: string): boolean {
  return name === above || name.endsWith(`.${above}`)
}

/** Whether a text is an address, and one of the network. */
function isIn(text: string, network: string): boolean {
  if (!ipaddr.IPv4.isValidFourPartDecimal(text) && !(text.includes(':') && ipaddr.IPv6.isValid(text))) return false
  if (text.includes('%')) return false
  const address = ipaddr.process(text)
  if (!network.includes('/')) return address.toString() === ipaddr.process(network).toString()
  const [first, prefix] = ipaddr.parseCIDR(network)
  return address.kind() === first.kind() && (address as ipaddr.IPv6).match(first, prefix)
}
