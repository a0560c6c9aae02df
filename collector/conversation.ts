import type { Socket } from 'node:net'
import { setImmediate as nextTurn, setTimeout as sleep } from 'node:timers/promises'
import type { Frame, Origin } from '../model/record.ts'
import type { InputContext } from './input.ts'
import { bytesOf } from './quota.ts'
import { SpoolError } from './spool/errors.ts'
import { streamsOf } from './streams.ts'

/** A connection with this much on its way to the disk is not read until some of it has arrived. */
const CONNECTION_BYTES_MAX = 1024 * 1024
/** What a waiting frame costs beside its bytes. */
const FRAME_OVERHEAD_BYTES = 64
const RETRY_MS = 200
const TCP_KEEP_ALIVE_MS = 60_000
/** How long a peer may take to read the last answers and go. */
const LINGER_MS = 1_000

/** One thing a peer said. */
export interface Turn {
  frame?: Omit<Frame, 'origin' | 'bytes'> & { bytes: Buffer } & Pick<Origin, 'stream'>
  /** The peer expects no answer to `frame` and will not say it again: what of it is not stored is lost. */
  unanswered?: true
  /** Whose the peer has proven to be, from here on. */
  agency?: string
  /** Sent once `frame`, and all that came before it, is durable. */
  answer?: Buffer
  /** The next answer says all that this one does: where both are due, this one is not sent. */
  interim?: boolean
  /** For a person: why the conversation ends here. */
  fault?: string
}

/** A protocol that answers. */
export interface Protocol {
  /** What the chunks of one connection say, in order; where it ends, the connection does. */
  read(chunks: AsyncIterable<Buffer>): AsyncIterable<Turn>
  /** Sent over and over while the peer waits for the disk. */
  keepAlive?: { bytes: Buffer; everyMs: number }
  /** Said before a connection is closed. */
  farewell?: Buffer
}

export interface Conversation {
  /** Resolves when the connection is gone and nothing more is done for it. */
  ended: Promise<void>
  /** Hears no more, answers what it heard if the spool takes it now, and closes the connection. */
  close(): Promise<void>
}

/**
 * Holds a conversation with the peer at `socket`, which must allow half-open connections: a peer that has said everything
 * may still wait for its answers. Frames go to the spool in order, all that came meanwhile in one append, and an answer goes
 * out only when its append has resolved (law 1).
 *
 * A spool that refuses for now is asked again, without an answer and soon without reading. Where the peer is gone and the
 * spool refuses, what it said is let go: it was not answered, so it will be said again.
 */
export function converse(socket: Socket, origin: Origin, protocol: Protocol, context: InputContext): Conversation {
  const talk = new Talk(socket, origin, protocol, context)
  const ended = talk.run().catch((error: unknown) => {
    context.log.error({ input: context.name, address: origin.address, error }, 'conversation failed: connection closed')
    socket.destroy()
  })
  return {
    ended,
    close() {
      talk.stop()
      return ended
    },
  }
}

class Talk {
  readonly #socket: Socket
  #origin: Origin
  #streamOf: (name: string) => Origin
  readonly #protocol: Protocol
  readonly #context: InputContext
  readonly #closed: Promise<void>
  readonly #stopped: Promise<void>
  #stop: () => void = () => undefined
  #wake: () => void = () => undefined
  /** What is said is taken in. */
  #hearing = true
  #waiting: Turn[] = []
  /** Memory that frames take until they are durable, roughly. */
  #bytes = 0
  #sending: Promise<void> | null = null

  constructor(socket: Socket, origin: Origin, protocol: Protocol, context: InputContext) {
    this.#socket = socket
    this.#origin = origin
    this.#streamOf = streamsOf(origin)
    this.#protocol = protocol
    this.#context = context
    this.#closed = new Promise((resolve) => socket.once('close', () => resolve()))
    this.#stopped = new Promise((resolve) => (this.#stop = resolve))
    socket.setKeepAlive(true, TCP_KEEP_ALIVE_MS)
    socket.setNoDelay(true)
    socket.on('error', () => undefined) // it ends the reading, and what cannot be answered is counted there
    socket.on('drain', () => this.#wake())
    socket.on('close', () => this.stop())
  }

  stop(): void {
    this.#hearing = false
    this.#stop()
    this.#wake()
  }

  async run(): Promise<void> {
    const { keepAlive, farewell } = this.#protocol
    const timer = setInterval(() => {
      if (keepAlive !== undefined && this.#bytes > 0 && this.#socket.writable) this.#socket.write(keepAlive.bytes)
    }, keepAlive?.everyMs ?? TCP_KEEP_ALIVE_MS)
    try {
      await Promise.race([this.#hear(), this.#stopped])
      this.#hearing = false
      while (this.#sending !== null) await this.#sending
    } finally {
      clearInterval(timer)
    }
    if (this.#socket.destroyed) return
    if (farewell === undefined) this.#socket.end()
    else this.#socket.end(farewell)
    this.#socket.resume() // bytes left unread would take the last answers down with the connection
    const lingering = setTimeout(() => this.#socket.destroy(), LINGER_MS)
    await this.#closed
    clearTimeout(lingering)
  }

  async #hear(): Promise<void> {
    const { name, log } = this.#context
    const chunks = chunksOf(this.#socket)
    for await (const turn of this.#protocol.read(chunks)) {
      if (!this.#hearing) {
        this.#lose([turn])
        continue
      }
      if (turn.agency !== undefined) {
        this.#origin = { ...this.#origin, agency: turn.agency }
        this.#streamOf = streamsOf(this.#origin)
      }
      if (turn.fault !== undefined) {
        const { address } = this.#origin
        log.warn({ input: name, address, reason: turn.fault }, 'protocol not kept: connection closed')
      }
      this.#waiting.push(turn)
      if (turn.frame !== undefined) this.#bytes += turn.frame.bytes.length + FRAME_OVERHEAD_BYTES
      this.#sending ??= this.#send().finally(() => (this.#sending = null))
      await this.#room()
    }
    void chunks.return(undefined) // what else comes is nobody's
  }

  #placed(frame: NonNullable<Turn['frame']>): Frame {
    if (frame.stream === undefined) return { origin: this.#origin, ...frame }
    const { stream, ...rest } = frame
    return { origin: this.#streamOf(stream), ...rest }
  }

  /** Counts those of `turns` that nobody will say again. */
  #lose(turns: readonly Turn[]): void {
    for (const { frame, unanswered } of turns) {
      if (frame !== undefined && unanswered === true) this.#context.tally.dropped(this.#placed(frame).origin, 1)
    }
  }

  /** Waits while too much is under way to the disk, or the peer does not read its answers. */
  async #room(): Promise<void> {
    while (this.#hearing && (this.#bytes > CONNECTION_BYTES_MAX || this.#socket.writableNeedDrain)) {
      await new Promise<void>((resolve) => (this.#wake = resolve))
    }
  }

  async #send(): Promise<void> {
    await nextTurn() // all of a chunk in one append
    while (this.#waiting.length > 0) {
      const ready = this.#waiting.findIndex(({ frame }) => frame !== undefined)
      const turns = this.#waiting.splice(0, ready > 0 ? ready : this.#waiting.length) // nothing waits that need not
      const frames = turns.flatMap(({ frame }): Frame[] => (frame ? [this.#placed(frame)] : []))
      if (frames.length > 0) {
        await this.#admission()
        this.#context.quotas.charge(this.#origin, frames.length, bytesOf(frames))
        if (!(await this.#store(frames))) return this.#lose(turns)
      }
      for (const { bytes } of frames) this.#bytes -= bytes.length + FRAME_OVERHEAD_BYTES
      this.#answer(turns, frames.length)
      this.#wake()
    }
  }

  /** Waits while the peer is over its quota: nothing more is stored or answered, and soon nothing read. */
  async #admission(): Promise<void> {
    while (this.#hearing) {
      const waitMs = this.#context.quotas.ask(this.#origin, 'held')
      if (waitMs === 0) return
      await Promise.race([sleep(waitMs), this.#stopped])
    }
  }

  /** False: they are not stored, and the conversation is over. */
  async #store(frames: readonly Frame[]): Promise<boolean> {
    const { spool, tally, log, name } = this.#context
    for (;;) {
      try {
        await spool.append(frames)
        tally.received(frames)
        return true
      } catch (error) {
        const reason = error instanceof SpoolError ? error.code : String(error)
        if (this.#hearing && (reason === 'disk_full' || reason === 'overloaded')) await sleep(RETRY_MS)
        else {
          const unanswered = frames.length + this.#waiting.filter(({ frame }) => frame !== undefined).length
          log.warn(
            { input: name, address: this.#origin.address, frames: unanswered, reason },
            'not stored and not answered: the sender has to send again',
          )
          this.#lose(this.#waiting)
          this.#waiting = []
          this.#socket.destroy()
          return false
        }
      }
    }
  }

  #answer(turns: readonly Turn[], frames: number): void {
    const due = turns.filter(({ answer }) => answer !== undefined)
    const answers = due.flatMap(({ answer, interim }, i) =>
      answer !== undefined && (interim !== true || i === due.length - 1) ? [answer] : [],
    )
    if (answers.length === 0) return
    this.#socket.write(Buffer.concat(answers), (error) => {
      // The sender cannot know that these arrived: it will send them again.
      if (error && frames > 0) this.#context.tally.unacknowledged(this.#origin, frames)
    })
  }
}

/** What comes in, to its end, however that comes. Leaving it does not close the socket. */
async function* chunksOf(socket: Socket): AsyncGenerator<Buffer> {
  try {
    yield* socket.iterator({ destroyOnReturn: false })
  } catch {
    // Broken off: an end like any other.
  }
}
