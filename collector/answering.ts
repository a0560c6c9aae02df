import { createServer as createTcpServer, type Socket } from 'node:net'
import { createServer as createTlsServer } from 'node:tls'
import { Type } from 'typebox'
import { converse, type Conversation, type Protocol } from './conversation.ts'
import type { InputContext, InputHandle } from './input.ts'
import {
  ClientCa,
  HANDSHAKE_TIMEOUT_MS,
  listen,
  originOf,
  readSecrets,
  readyEvent,
  TLS,
  tlsFiles,
  type TlsFiles,
} from './listener.ts'

/** Options of every input that serves conversations, but for its port. */
export const ANSWERING = {
  host: Type.String({ default: '127.0.0.1' }),
  ...TLS,
  clientCa: ClientCa,
  connectionsMax: Type.Integer({ minimum: 1, default: 1024 }),
}

export interface AnsweringOptions extends Partial<TlsFiles> {
  host: string
  port: number
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
  const open = new Set<Conversation>()
  const { server, reload } = await createListener(options)
  const sockets = new Set<Socket>()
  server.on('connection', (socket: Socket) => {
    sockets.add(socket)
    socket.once('close', () => sockets.delete(socket))
  })
  server.on(readyEvent(server), (socket: Socket) => {
    const conversation = converse(socket, originOf(socket, context.name), protocol, context)
    open.add(conversation)
    void conversation.ended.finally(() => open.delete(conversation))
  })
  return {
    listening: [await listen(server, options, context)],
    reloadCertificates: reload,
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
  const files = tlsFiles(options)
  if (files === null) return { server: createTcpServer({ allowHalfOpen }), reload: () => Promise.resolve() }
  const server = createTlsServer({
    ...(await readSecrets(files)),
    allowHalfOpen,
    requestCert: files.clientCa !== undefined,
    rejectUnauthorized: files.clientCa !== undefined,
    handshakeTimeout: HANDSHAKE_TIMEOUT_MS,
  })
  const reload = async (): Promise<void> => server.setSecureContext(await readSecrets(files))
  return { server, reload }
}
