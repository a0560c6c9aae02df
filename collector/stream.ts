import type { Server, Socket } from 'node:net'
import type { Frame, Origin } from '../model/record.ts'
import { FrameDecoder, type Framed } from './framing.ts'
import type { InputContext, InputHandle } from './input.ts'
import { Lane } from './lane.ts'
import { listen, originOf, readyEvent } from './listener.ts'
import { bytesOf } from './quota.ts'

/** A connection with this much on its way to the disk is not read until half of it has arrived. */
const CONNECTION_BYTES_MAX = 1024 * 1024
const KEEP_ALIVE_MS = 60_000
const CLOSE_TIMEOUT_MS = 5_000

export interface StreamOptions {
  host: string
  port: number
  frameBytesMax: number
  connectionsMax: number
  /** Cuts one connection's stream into frames; without it, as RFC 6587 says. */
  decoder?: () => Pick<FrameDecoder, 'push' | 'end' | 'midFrame' | 'broken'>
}

/**
 * Serves streams of frames in one direction, such as syslog's (RFC 6587), on `server`. They have no answer, so nothing is ever acknowledged; what can be done is done: a connection
 * whose frames the spool does not take is not read, and the sender's own queue holds what follows.
 */
export async function serveStreams(
  server: Server,
  options: StreamOptions,
  context: InputContext,
): Promise<Required<Pick<InputHandle, 'listening' | 'close'>>> {
  const open = new Set<Connection>()
  server.on(readyEvent(server), (socket: Socket) => {
    const connection = receive(socket, originOf(socket, context.name), options, context)
    open.add(connection)
    void connection.ended.finally(() => open.delete(connection))
  })
  return {
    listening: [await listen(server, options, context)],
    async close() {
      const closed = new Promise<void>((resolve) => server.close(() => resolve()))
      await Promise.all([...open].map((connection) => connection.close()))
      await closed
    },
  }
}

interface Connection {
  /** Resolves when the connection is gone and what it brought is durable, or cannot be made so. */
  ended: Promise<void>
  close(): Promise<void>
}

function receive(
  socket: Socket,
  origin: Origin,
  { frameBytesMax, decoder: decoderOf = () => new FrameDecoder(frameBytesMax) }: StreamOptions,
  context: InputContext,
): Connection {
  const { spool, tally, quotas, log, name } = context
  const decoder = decoderOf()
  let closing = false
  /** Runs while the sender is over its quota. */
  let held: NodeJS.Timeout | undefined
  const goOn = (): void => {
    if (held !== undefined || lane.stalled || lane.bytes > CONNECTION_BYTES_MAX / 2) return
    if (socket.isPaused()) socket.resume()
  }
  const lane = new Lane(spool, tally, goOn)
  const hold = (): void => {
    const waitMs = socket.destroyed ? 0 : quotas.ask(origin, 'held')
    held = waitMs === 0 ? undefined : setTimeout(hold, waitMs)
    if (held === undefined) goOn()
    else socket.pause()
  }
  const offer = (frames: readonly Framed[]): void => {
    if (frames.length === 0) return
    lane.offer(
      frames.map(({ bytes, refused }): Frame =>
        refused === undefined ? { origin, bytes } : { origin, bytes, refused },
      ),
    )
    quotas.charge(origin, frames.length, bytesOf(frames))
    if (lane.stalled || lane.bytes > CONNECTION_BYTES_MAX) socket.pause()
    if (held === undefined) hold()
  }
  const take = (chunk: Buffer): void => {
    offer(decoder.push(chunk))
    if (!decoder.broken || socket.destroyed) return
    log.warn({ input: name, address: origin.address }, 'octet counts make no sense: connection closed')
    socket.destroy()
  }
  socket.setKeepAlive(true, KEEP_ALIVE_MS)
  socket.on('data', take)
  socket.on('error', () => {
    // The sender cannot know which of these arrived: it may send them again.
    tally.unacknowledged(origin, lane.waiting + (decoder.midFrame ? 1 : 0))
  })
  const ended = new Promise<void>((resolve) => {
    socket.once('close', () => {
      clearTimeout(held)
      // What a paused socket had read before the sender broke off still stands in its buffer.
      for (let chunk = socket.read() as Buffer | null; chunk !== null; chunk = socket.read() as Buffer | null)
        take(chunk)
      // Where we are the ones to break off, a line without its LF is not known to be whole.
      offer(closing ? decoder.end().map(({ bytes, refused = 'truncated' }) => ({ bytes, refused })) : decoder.end())
      resolve(lane.settle().then(account))
    })
  })
  const account = (lost: readonly Frame[]): void => {
    if (lost.length === 0) return
    log.error({ input: name, address: origin.address, frames: lost.length }, 'frames lost: the spool did not take them')
  }
  return {
    ended,
    close() {
      closing = true
      socket.destroy()
      lane.giveUpAfter(CLOSE_TIMEOUT_MS)
      return ended
    },
  }
}
