import { createServer as createHttpServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { createServer as createHttpsServer } from 'node:https'
import { Type } from 'typebox'
import type { InputContext, InputHandle } from './input.ts'
import { isLoopback, listen, readSecrets, TLS, tlsFiles, type TlsFiles } from './listener.ts'

/** What requests under way are given to end when it closes; a sender that dawdles must not keep it. */
const CLOSE_TIMEOUT_MS = 3_000

/** Options of every input with an HTTP listener of its own, but for its port. */
export const HTTP_LISTENER = {
  host: Type.String({ default: '127.0.0.1' }),
  ...TLS,
  connectionsMax: Type.Integer({ minimum: 1, default: 1024 }),
}

export interface HttpListenerOptions extends Partial<TlsFiles> {
  host: string
  port: number
  connectionsMax: number
}

/**
 * Serves HTTP, or HTTPS where there is a certificate; without one, on loopback only.
 * @param handle answers a request
 * @param fail answers one that `handle` has thrown on
 * @throws if the TLS options do not fit together or cannot be used, tokens would travel in clear, or the port is taken
 */
export async function serveHttp(
  {
    handle,
    fail,
  }: Record<'handle', (req: IncomingMessage, res: ServerResponse) => Promise<void>> &
    Record<'fail', (req: IncomingMessage, res: ServerResponse) => void>,
  options: HttpListenerOptions,
  context: InputContext,
): Promise<InputHandle> {
  const { name, log } = context
  const files = tlsFiles(options)
  if (files === null && !isLoopback(options.host)) {
    throw new Error(`${options.host} is no loopback address: tokens need certificate and key to travel to it`)
  }
  const running = new Set<Promise<void>>()
  const listener = (req: IncomingMessage, res: ServerResponse): void => {
    const work = handle(req, res)
      .catch((error: unknown) => {
        log.error({ input: name, error }, 'request failed')
        fail(req, res)
      })
      .finally(() => running.delete(work))
    running.add(work)
  }
  const server =
    files === null ? createHttpServer(listener) : createHttpsServer({ ...(await readSecrets(files)) }, listener)
  return {
    listening: [await listen(server, options, context)],
    async reloadCertificates() {
      if (files !== null && 'setSecureContext' in server) server.setSecureContext(await readSecrets(files))
    },
    async close() {
      const closed = new Promise<void>((resolve) => server.close(() => resolve()))
      server.closeIdleConnections()
      const cut = setTimeout(() => server.closeAllConnections(), CLOSE_TIMEOUT_MS)
      await Promise.all(running)
      await closed
      clearTimeout(cut)
    },
  }
}
