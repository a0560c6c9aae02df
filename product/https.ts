import { readFileSync, statSync } from 'node:fs'
import type { IncomingMessage } from 'node:http'
import { BlockList, isIP } from 'node:net'
import type { Config } from '../config.ts'

/** Certificate and key of HTTPS, as they are now. */
export function readPair({ http: { certificate, key } }: Config): { cert: Buffer; key: Buffer } {
  return { cert: readFileSync(certificate!), key: readFileSync(key!) }
}

/** Whether a certificate or key was written since those in force were read. */
export function certificateTimes(config: Config): { changed: () => boolean; read: () => void } {
  const users = [config.http, ...Object.values(config.inputs)] as ({ certificate?: string; key?: string } | boolean)[]
  const paths = users.flatMap((user) =>
    typeof user === 'object' ? [user.certificate ?? [], user.key ?? []].flat() : [],
  )
  const times = (): string => paths.map((path) => statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? 0).join()
  let known = times()
  return {
    changed: () => times() !== known,
    read: () => {
      known = times()
    },
  }
}

/** The sender's address where the trusted proxy names one; undefined: the socket's peer is the sender. */
export function forwardedBy(proxy: string | undefined): (req: IncomingMessage) => string | undefined {
  if (proxy === undefined) return () => undefined
  const trusted = new BlockList()
  const [address = '', bits] = proxy.split('/')
  const family = isIP(address) === 6 ? 'ipv6' : 'ipv4'
  trusted.addSubnet(address, bits === undefined ? (family === 'ipv6' ? 128 : 32) : Number(bits), family)
  return ({ socket, headers }) => {
    const peer = (socket.remoteAddress ?? '').replace(/^::ffff:/, '')
    if (!trusted.check(peer, isIP(peer) === 6 ? 'ipv6' : 'ipv4')) return undefined
    // The proxy appends whom it heard; what stands before that is hearsay.
    const last = [headers['x-forwarded-for']].flat().at(-1)?.split(',').at(-1)?.trim() ?? ''
    return isIP(last) === 0 ? undefined : last
  }
}
