import { spawn } from 'node:child_process'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { Type, type Static } from 'typebox'
import { Value } from 'typebox/value'
import type { Frame, Origin } from '../model/record.ts'
import { FrameDecoder } from './framing.ts'
import type { InputContext } from './input.ts'
import { bytesOf } from './quota.ts'
import { SpoolError } from './spool/errors.ts'
import { damaged, readState, writeState } from './state-file.ts'

export interface JournalOptions {
  directory?: string
  units: readonly string[]
  stream?: string
  agency?: string
  from: 'start' | 'end'
  frameBytesMax: number
}

const PROGRAM = 'journalctl'
const SAVE_EVERY_MS = 1_000
const RETRY_MS = 200
const RESTART_FIRST_MS = 1_000
const RESTART_MAX_MS = 60_000
/** What it is given to end by itself. */
const END_MS = 2_000
const SAID_BYTES_MAX = 4_096

const State = Type.Object(
  {
    version: Type.Literal(1),
    /** Of the last entry that is stored. */
    cursor: Type.Optional(Type.String()),
    /** Where there is none yet: entries from this time on are wanted, epoch milliseconds. */
    sinceMs: Type.Optional(Type.Integer()),
  },
  { additionalProperties: false },
)

/** No entry can hold it but as its cursor: journald takes no field that begins with `_` from anyone, and JSON escapes quotes. */
const CURSOR = /"__CURSOR":"([^"\\]{1,512})"/

/**
 * Reads the journal through systemd's own program, whose format nobody else promises to know. Each entry has a cursor, which
 * is its identity and says how far was read; it is written down when the entry is durable.
 */
export class JournalReader {
  readonly #options: JournalOptions
  readonly #context: InputContext
  readonly #origin: Origin
  readonly #path: string
  readonly #stop = new AbortController()
  #state: Static<typeof State>
  #moved = false
  #savedAtMs = -Infinity
  #told = ''

  private constructor(options: JournalOptions, context: InputContext, path: string, state: Static<typeof State>) {
    this.#options = options
    this.#context = context
    this.#path = path
    this.#state = state
    const { stream, agency } = options
    this.#origin = {
      input: context.name,
      address: '127.0.0.1',
      ...(stream !== undefined && { stream }),
      ...(agency !== undefined && { agency }),
    }
  }

  /** @throws Error where what a former run wrote down does not read back, or it cannot be written down */
  static async load(options: JournalOptions, context: InputContext): Promise<JournalReader> {
    const path = join(context.stateFolder, `${context.name}.json`)
    const known = await readState(path)
    if (known !== null && !Value.Check(State, known)) throw damaged(path)
    const since = options.from === 'end' ? { sinceMs: Date.now() } : {}
    const state = known ?? { version: 1 as const, ...since }
    if (known === null) await writeState(path, state)
    return new JournalReader(options, context, path, state)
  }

  stop(): void {
    this.#stop.abort()
  }

  /** Until stopped. How far was read is written down when it resolves. */
  async run(): Promise<void> {
    const { signal } = this.#stop
    const { name, log } = this.#context
    let pauseMs = RESTART_FIRST_MS
    while (!signal.aborted) {
      const { entries, reason, error } = await this.#read()
      if (error !== undefined) {
        log.error({ input: name, error }, 'the journal is no longer read')
        break
      }
      if (signal.aborted) break
      if (this.#told !== reason) log.warn({ input: name, reason }, 'journalctl ended: started again')
      this.#told = reason
      if (entries > 0) pauseMs = RESTART_FIRST_MS
      await sleep(pauseMs, undefined, { signal }).catch(() => undefined)
      pauseMs = Math.min(2 * pauseMs, RESTART_MAX_MS)
    }
    await this.#save(true)
  }

  /** One life of the program. */
  async #read(): Promise<{ entries: number; reason: string; error?: unknown }> {
    const { signal } = this.#stop
    const child = spawn(PROGRAM, this.#arguments(), { stdio: ['ignore', 'pipe', 'pipe'] })
    let said = ''
    child.stderr.on('data', (bytes: Buffer) => {
      said = (said + bytes.toString()).slice(-SAID_BYTES_MAX)
    })
    const ended = new Promise<string>((resolve) => {
      child.once('error', (error) => resolve(error.message))
      child.once('close', (code, killed) => resolve(`${killed ?? `exit ${code}`} ${said.trim()}`.trim()))
    })
    let killing: NodeJS.Timeout | undefined
    const end = (): void => {
      child.kill('SIGTERM')
      killing ??= setTimeout(() => child.kill('SIGKILL'), END_MS)
    }
    signal.addEventListener('abort', end)
    let entries = 0
    try {
      const decoder = new FrameDecoder(this.#options.frameBytesMax)
      for await (const chunk of child.stdout as AsyncIterable<Buffer>) {
        const frames = decoder.push(chunk).map((framed): Frame => this.#frameOf(framed))
        if (!(await this.#store(frames))) break
        entries += frames.length
      }
      // An entry that was cut off comes again, whole.
      end()
      return { entries, reason: await ended }
    } catch (error) {
      end()
      await ended
      return { entries, reason: '', error }
    } finally {
      clearTimeout(killing)
      signal.removeEventListener('abort', end)
    }
  }

  #arguments(): string[] {
    const { directory, units } = this.#options
    const { cursor, sinceMs } = this.#state
    return [
      '--output=json',
      '--all', // else values over 4 KiB are left out
      '--quiet',
      '--no-pager',
      '--follow',
      '--no-tail',
      ...(cursor === undefined ? [] : [`--after-cursor=${cursor}`]),
      ...(cursor === undefined && sinceMs !== undefined ? [`--since=@${(sinceMs / 1_000).toFixed(3)}`] : []),
      ...(directory === undefined ? [] : [`--directory=${directory}`]),
      ...units.map((unit) => `--unit=${unit}`),
    ]
  }

  #frameOf({ bytes, refused }: { bytes: Buffer; refused?: string }): Frame {
    const cursor = CURSOR.exec(bytes.toString('latin1'))?.[1]
    return {
      origin: this.#origin,
      bytes,
      ...(cursor !== undefined && { senderId: `journal/${cursor}` }),
      ...(refused !== undefined && { refused }),
    }
  }

  /** Meanwhile the program waits, its output not being read. False: stopped before they were stored. */
  async #store(frames: readonly Frame[]): Promise<boolean> {
    if (frames.length === 0) return true
    const { tally, quotas } = this.#context
    const { signal } = this.#stop
    while (!signal.aborted) {
      const heldMs = quotas.ask(this.#origin, 'held')
      const waitMs = heldMs > 0 ? heldMs : await this.#append(frames)
      if (waitMs === 0) {
        tally.received(frames)
        quotas.charge(this.#origin, frames.length, bytesOf(frames))
        const last = frames.findLast(({ senderId }) => senderId !== undefined)?.senderId
        if (last !== undefined) this.#state = { version: 1, cursor: last.slice('journal/'.length) }
        this.#moved = true
        await this.#save()
        return true
      }
      await sleep(waitMs, undefined, { signal }).catch(() => undefined)
    }
    return false
  }

  /** 0: durable; else how long to wait before it is tried again. @throws {SpoolError} where that is of no use */
  async #append(frames: readonly Frame[]): Promise<number> {
    try {
      await this.#context.spool.append(frames)
      return 0
    } catch (error) {
      if (error instanceof SpoolError && (error.code === 'disk_full' || error.code === 'overloaded')) return RETRY_MS
      throw error
    }
  }

  async #save(now = false): Promise<void> {
    if (!this.#moved || (!now && performance.now() - this.#savedAtMs < SAVE_EVERY_MS)) return
    try {
      await writeState(this.#path, this.#state)
      this.#moved = false
    } catch (error) {
      const { name: input, log } = this.#context
      log.warn({ input, error }, 'how far the journal is read cannot be written down')
    }
    this.#savedAtMs = performance.now()
  }
}
