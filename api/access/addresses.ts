import ipaddr from 'ipaddr.js'

type Network = [ipaddr.IPv4 | ipaddr.IPv6, number]

/** An address or a network in CIDR notation; null where it is neither. */
export function networkOf(text: string): Network | null {
  if (ipaddr.isValidCIDR(text)) return ipaddr.parseCIDR(text)
  if (!ipaddr.isValid(text)) return null
  const address = ipaddr.process(text)
  return [address, address.kind() === 'ipv4' ? 32 : 128]
}

/** Whether `address` is, or lies in, one of `networks`. An IPv4 address counts as such however a socket writes it. */
export function isWithin(address: string, networks: readonly string[]): boolean {
  if (!ipaddr.isValid(address)) return false
  const asked = ipaddr.process(address)
  return networks.some((text) => {
    const network = networkOf(text)
    return network !== null && network[0].kind() === asked.kind() && asked.match(network)
  })
}
