import { readFileSync } from 'node:fs'
import { isIPv6 } from 'node:net'

/**
 * Datagrams the kernel has dropped on UDP port `port`, over all sockets bound to it, from the text of `/proc/net/udp` or
 * `/proc/net/udp6` (proc(5): the local address is the second column, drops the last). Undefined: no such socket.
 */
export function socketDrops(table: string, port: number): number | undefined {
  const suffix = `:${port.toString(16).toUpperCase().padStart(4, '0')}`
  const drops = table
    .split('\n')
    .map((line) => line.trim().split(/\s+/))
    .filter((columns) => columns[1]?.endsWith(suffix))
    .map((columns) => Number(columns.at(-1)))
  return drops.length === 0 ? undefined : drops.reduce((sum, count) => sum + count, 0)
}

/** The same for a bound socket. Undefined where the system has no such table: only Linux has. */
export function readSocketDrops({ address, port }: { address: string; port: number }): number | undefined {
  try {
    return socketDrops(readFileSync(isIPv6(address) ? '/proc/net/udp6' : '/proc/net/udp', 'latin1'), port)
  } catch {
    return undefined
  }
}
