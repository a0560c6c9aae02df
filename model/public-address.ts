import ipaddr from 'ipaddr.js'

/** An address that means the same machine to everyone: what is private, local or reserved is another one in each network. */
export function isPublicAddress(value: string): boolean {
  return ipaddr.isValid(value) && ipaddr.process(value).range() === 'unicast'
}
