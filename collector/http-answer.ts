import type { IncomingMessage, OutgoingHttpHeaders, ServerResponse } from 'node:http'

/** How long a sender that is told «no» may go on sending before the connection is closed on it. */
const LINGER_MS = 1_000

/** Answers, also in the middle of a body: then the sender is let finish for a moment, or it would never read the answer. */
export function answer(
  req: IncomingMessage,
  res: ServerResponse,
  { status, headers, text }: { status: number; headers: OutgoingHttpHeaders; text: string },
): void {
  if (res.headersSent || res.destroyed) return
  const head = { ...headers, 'content-length': Buffer.byteLength(text) }
  if (req.complete) {
    res.writeHead(status, head)
    res.end(text)
    return
  }
  res.writeHead(status, { ...head, connection: 'close' })
  res.write(text)
  const timer = setTimeout(() => res.end(), LINGER_MS)
  req.once('close', () => {
    clearTimeout(timer)
    res.end()
  })
  req.once('end', () => res.end())
  req.resume()
}
