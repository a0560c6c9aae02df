import { createRequire } from 'node:module'
import ipaddr from 'ipaddr.js'
import { LRUCache } from 'lru-cache'
import { open } from 'maxmind'

/** Country by address, from public registration data (CC0), as shipped with the program: no outside call. */
const DATABASE = '@ip-location-db/geo-whois-asn-country-mmdb/geo-whois-asn-country.mmdb'
const REMEMBERED_MAX = 50_000
const NONE = ''

/**
 * ISO 3166-1 code of the country an address is registered in; `undefined` for addresses that have no country (private,
 * loopback, link-local, documentation …), for what is no address, and where the database knows none.
 * @throws when the database cannot be opened
 */
export async function loadGeo(): Promise<(address: string) => string | undefined> {
  const reader = await open(createRequire(import.meta.url).resolve(DATABASE))
  const remembered = new LRUCache<string, string>({ max: REMEMBERED_MAX }) // attackers and clients come back; trees are slow

  function country(address: string): string {
    if (!ipaddr.IPv4.isValidFourPartDecimal(address) && !ipaddr.IPv6.isValid(address)) return NONE
    const parsed = ipaddr.process(address) // an IPv4-mapped IPv6 address is IPv4
    if (parsed.range() !== 'unicast') return NONE
    const found = reader.get(parsed.toNormalizedString()) as { country_code?: string } | null
    return found?.country_code ?? NONE
  }

  return (address) => {
    if (address.length > 45) return undefined // longest text form of an IPv6 address (RFC 4291 §2.2)
    let code = remembered.get(address)
    if (code === undefined) {
      code = country(address)
      remembered.set(address, code)
    }
    return code || undefined
  }
}
