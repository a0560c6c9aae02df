import { readFile } from 'node:fs/promises'
import { BlockList, isIP, isIPv6, type Server, type Socket } from 'node:net'
import { createSecureContext, Server as TlsServer, TLSSocket, type SecureContextOptions } from 'node:tls'
import { Type } from 'typebox'
import type { Origin } from '../model/record.ts'
import { peerAddress, type InputContext } from './input.ts'

/** How long a peer may take over its TLS handshake. */
export const HANDSHAKE_TIMEOUT_MS = 10_000

export const Path = Type.String({ minLength: 1 })

/** Options of a listener that speaks TLS 1.2 or 1.3 where it is given PEM files. */
export const TLS = {
  certificate: Type.Optional(Path),
  key: Type.Optional(Path),
}

/** PEM file of the authorities that may issue client certificates; with it, a client without one is turned away. */
export const ClientCa = Type.Optional(Path)

export interface TlsFiles {
  certificate: string
  key: string
  clientCa?: string
}

/** Null: no TLS. @throws where the options do not fit together */
export function tlsFiles({ certificate, key, clientCa }: Partial<TlsFiles>): TlsFiles | null {
  if (certificate === undefined && key === undefined) {
    if (clientCa !== undefined) throw new Error('clientCa needs certificate and key')
    return null
  }
  if (certificate === undefined || key === undefined) throw new Error('certificate and key go together')
  return { certificate, key, ...(clientCa !== undefined && { clientCa }) }
}

/** @throws where they cannot be used */
export async function readSecrets({ certificate, key, clientCa }: TlsFiles): Promise<SecureContextOptions> {
  const secrets: SecureContextOptions = {
    cert: await readFile(certificate),
    key: await readFile(key),
    ...(clientCa === undefined ? {} : { ca: await readFile(clientCa) }),
    minVersion: 'TLSv1.2',
  }
  createSecureContext(secrets)
  return secrets
}

/** The event with which a server hands over a connection that is ready to be read. */
export function readyEvent(server: Server): 'connection' | 'secureConnection' {
  return server instanceof TlsServer ? 'secureConnection' : 'connection'
}

/**
 * Listens, and counts connections and those that are turned away.
 * @throws if the port is taken
 */
export async function listen(
  server: Server,
  { host, port, connectionsMax }: { host: string; port: number; connectionsMax: number },
  { name, log, tally }: InputContext,
): Promise<{ address: string; port: number }> {
  const counters = tally.input(name)
  server.maxConnections = connectionsMax
  server.on('drop', () => counters.connectionsRefused++)
  server.on('tlsClientError', (error: Error, socket: TLSSocket) => {
    counters.connectionsRefused++
    log.warn({ input: name, address: peerAddress(socket.remoteAddress), reason: error.message }, 'TLS handshake failed')
  })
  server.on(readyEvent(server), (socket: Socket) => {
    counters.connections++
    counters.connectionsOpen++
    socket.once('close', () => counters.connectionsOpen--)
  })
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(port, host, () => {
      server.off('error', reject)
      resolve()
    })
  })
  server.on('error', (error) => log.error({ input: name, error }, 'listener failed'))
  const bound = server.address() as { address: string; port: number }
  return { address: bound.address, port: bound.port }
}

/** Who is at the other end: its address, and its certificate where one was asked for and is good. */
export function originOf(socket: Socket, input: string): Origin {
  const origin: Origin = { input, address: peerAddress(socket.remoteAddress) }
  if (socket instanceof TLSSocket && socket.authorized) {
    origin.certificate = socket.getPeerCertificate().fingerprint256.replaceAll(':', '').toLowerCase()
  }
  return origin
}

export function isLoopback(host: string): boolean {
  if (isIP(host) === 0) return host === 'localhost'
  const loopback = new BlockList()
  loopback.addSubnet('127.0.0.0', 8, 'ipv4')
  loopback.addAddress('::1', 'ipv6')
  return loopback.check(host, isIPv6(host) ? 'ipv6' : 'ipv4')
}
