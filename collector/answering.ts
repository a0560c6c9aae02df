import { readFile } from 'node:fs/promises'
import { createServer as createTcpServer, type Socket } from 'node:net'
import { createServer as createTlsServer, TLSSocket, type SecureContextOptions } from 'node:tls'
import { Type } from 'typebox'
import type { Origin } from '../model/record.ts'
import { converse, type Conversation, type Protocol } from './conversation.ts'
import { peerAddress, type InputContext, type InputHandle } from './input.ts'

const HANDSHAKE_TIMEOUT_MS = 10_000
const Path = Type.String({ minLength: 1 })

/** Options of every input that serves conversations, but for its port. */
export const ANSWERING = {
  host: Type.String({ default: '127.0.0.1' }),
  /** PEM files: with them, TLS 1.2 or 1.3. */
  certificate: Type.Optional(Path),
  key: Type.Optional(Path),
  /** PEM file of the authorities that may issue client certificates; with it, a client without one is turned away. */
  clientCa: Type.Optional(Path),
  connectionsMax: Type.Integer({ minimum: 1, default: 1024 }),
}

export interface AnsweringOptions {
  host: string
  port: number
  certificate?: string
  key?: string
  clientCa?: string
  connectionsMax: number
}

/**
 * Serves a protocol that answers, over TCP, or TLS where there is a certificate.
 * @throws if the TLS options do not fit together or cannot be used, or the port is taken
 */
export async function serveConversations(
  protocol: Protocol,
  options: AnsweringOptions,
  context: InputContext,
): Promise<InputHandle> {
  const { name, log, tally } = context
  const counters = tally.input(name)
  const open = new Set<Conversation>()
  const listener = await createListener(options)
  const { server } = listener
  server.maxConnections = options.connectionsMax
  server.on('drop', () => counters.connectionsRefused++)
  server.on('tlsClientError', (error: Error, socket: TLSSocket) => {
    counters.connectionsRefused++
    log.warn({ input: name, address: peerAddress(socket.remoteAddress), reason: error.message }, 'TLS handshake failed')
  })
  const sockets = new Set<Socket>()
  server.on('connection', (socket: Socket) => {
    sockets.add(socket)
    socket.once('close', () => sockets.delete(socket))
  })
  server.on(listener.event, (socket: Socket) => {
    counters.connections++
    counters.connectionsOpen++
    socket.once('close', () => counters.connectionsOpen--)
    const conversation = converse(socket, originOf(socket, name), protocol, context)
    open.add(conversation)
    void conversation.ended.finally(() => open.delete(conversation))
  })
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(options.port, options.host, () => {
      server.off('error', reject)
      resolve()
    })
  })
  server.on('error', (error) => log.error({ input: name, error }, 'listener failed'))
  const { address, port } = server.address() as { address: string; port: number }
  return {
    listening: [{ address, port }],
    reloadCertificates: listener.reload,
    async close() {
      const closed = new Promise<void>((resolve) => server.close(() => resolve()))
      await Promise.all([...open].map((conversation) => conversation.close()))
      for (const socket of sockets) socket.destroy() // still shaking hands
      await closed
    },
  }
}

async function createListener(options: AnsweringOptions) {
  // A peer that has said everything may still wait for its answers.
  const allowHalfOpen = true
  const { certificate, key, clientCa } = options
  if (certificate === undefined && key === undefined) {
    if (clientCa !== undefined) throw new Error('clientCa needs certificate and key')
    const server = createTcpServer({ allowHalfOpen })
    return { server, event: 'connection', reload: () => Promise.resolve() }
  }
  if (certificate === undefined || key === undefined) throw new Error('certificate and key go together')
  const secrets = async (): Promise<SecureContextOptions> => ({
    cert: await readFile(certificate),
    key: await readFile(key),
    ...(clientCa === undefined ? {} : { ca: await readFile(clientCa) }),
    minVersion: 'TLSv1.2',
  })
  const server = createTlsServer({
    ...(await secrets()),
    allowHalfOpen,
    requestCert: clientCa !== undefined,
    rejectUnauthorized: clientCa !== undefined,
    handshakeTimeout: HANDSHAKE_TIMEOUT_MS,
  })
  const reload = async (): Promise<void> => server.setSecureContext(await secrets())
  return { server, event: 'secureConnection', reload }
}

function originOf(socket: Socket, input: string): Origin {
  const origin: Origin = { input, address: peerAddress(socket.remoteAddress) }
  if (socket instanceof TLSSocket && socket.authorized) {
    origin.certificate = socket.getPeerCertificate().fingerprint256.replaceAll(':', '').toLowerCase()
  }
  return origin
}
