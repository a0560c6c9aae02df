import { strict as assert } from 'node:assert'
import { closeSync, createReadStream, fstatSync, mkdtempSync, openSync, readSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { setTimeout as sleep } from 'node:timers/promises'
import { median } from '../fresh-process.ts'
import { Digest, LINES_IN_FILE, writeLines, type Fields } from './lines.ts'
import { cpuSeconds, findPeers, relay, stop, type Start } from './receivers.ts'
import { startSender } from './sender.ts'

// Lines over TCP → one line of JSON each in a file, by ours and by others: the same sender, the same fields, fresh processes in
// turns. Before anything is timed every kind writes the file's lines once per connection, and each field of each line is compared.
const CONNECTIONS = 4
const CHUNK_BYTES = 64 * 1024
const QUIET_MS_MAX = 120_000
const LF = 0x0a
/** Every connection sends the file a whole number of times, so that the bytes of an answer are known. */
const UNIT = CONNECTIONS * LINES_IN_FILE

interface Kind {
  name: string
  start: Start
  durable: boolean
  lineBytes: number
  /** 0: the sender writes each line by itself. */
  bytesPerWrite: number
  lines: number
}

interface Run {
  cpuSeconds: number
  wallSeconds: number
}

export interface CompareFigures {
  name: string
  durable: boolean
  lineBytes: number
  bytesPerWrite: number
  lines: number
  perCpuSecond: number
  perSecond: number
  /** The slowest and the fastest process, per CPU second. */
  perCpuSecondRange: [number, number]
}

async function digestOf(path: string): Promise<Digest> {
  const digest = new Digest()
  for await (const line of createInterface({ input: createReadStream(path), crlfDelay: Infinity }))
    digest.add(JSON.parse(line) as Fields)
  return digest
}

/** Counts the lines of a file as it grows. */
class LineCount {
  lines = 0
  bytes = 0
  readonly #file: number
  readonly #chunk = Buffer.allocUnsafeSlow(4 * 1024 * 1024)

  constructor(path: string) {
    this.#file = openSync(path, 'r')
  }

  read(): void {
    for (;;) {
      const bytesRead = readSync(this.#file, this.#chunk, 0, this.#chunk.length, this.bytes)
      if (bytesRead === 0) return
      this.bytes += bytesRead
      for (let at = this.#chunk.indexOf(LF); at >= 0 && at < bytesRead; at = this.#chunk.indexOf(LF, at + 1))
        this.lines++
    }
  }

  get modifiedMs(): number {
    return fstatSync(this.#file).mtimeMs
  }

  close(): void {
    closeSync(this.#file)
  }
}

async function run(
  { start, durable, bytesPerWrite }: Kind,
  lines: number,
  sender: string,
  source: string,
  check: (output: string, count: LineCount) => Promise<void>,
): Promise<Run> {
  const folder = mkdtempSync(join(tmpdir(), 'vong-gac-ingest-'))
  const { child, port, output } = await start(folder, { durable })
  try {
    const before = cpuSeconds(child.pid!)
    const sent = await startSender(sender, ['tcp', port, source, lines, CONNECTIONS, bytesPerWrite]).sent
    const count = new LineCount(output)
    let quietSince = Date.now()
    for (let last = -1; count.lines < lines; await sleep(50)) {
      count.read()
      if (count.lines !== last) quietSince = Date.now()
      last = count.lines
      assert.ok(Date.now() - quietSince < QUIET_MS_MAX, `${count.lines} lines of ${lines} were written`)
    }
    const wallMs = count.modifiedMs - sent.at
    await sleep(300) // what is still being synced
    const cpu = cpuSeconds(child.pid!) - before
    count.read()
    await check(output, count)
    count.close()
    return { cpuSeconds: cpu, wallSeconds: wallMs / 1_000 }
  } finally {
    await stop(child)
    rmSync(folder, { recursive: true, force: true })
  }
}

/** Multiples of what each connection sends at least. */
function units(lines: number): number {
  return Math.max(1, Math.round(lines / UNIT)) * UNIT
}

function kindsOf(lines: number, peers: ReturnType<typeof findPeers>): Kind[] {
  const kinds: Kind[] = []
  const add = (name: string, start: Start, share: number): void => {
    const of = { name, start, bytesPerWrite: CHUNK_BYTES, durable: false }
    kinds.push({ ...of, lineBytes: 256, lines: units(lines * share) })
    kinds.push({ ...of, lineBytes: 256, durable: true, lines: units(lines * share) })
    kinds.push({ ...of, lineBytes: 600, lines: units(lines * share * 0.5) })
    kinds.push({ ...of, lineBytes: 256, bytesPerWrite: 0, lines: units(lines * share * 0.2) })
  }
  add('vong-gac', relay, 1)
  for (const [name, peer] of peers) if (typeof peer !== 'string') add(name, peer.start, name === 'rsyslog' ? 0.5 : 0.2)
  return kinds
}

export async function compare(options: {
  sender: string
  folder: string
  lines: number
  rounds: number
}): Promise<{ peers: Record<string, string>; figures: CompareFigures[] }> {
  const { sender, folder, rounds } = options
  const peers = findPeers()
  for (const peer of peers.values()) if (typeof peer === 'string') process.stderr.write(`${peer}\n`)
  const sources = new Map([256, 600].map((bytes) => [bytes, join(folder, `lines-${bytes}.log`)]))
  const expected = new Map([...sources].map(([bytes, path]) => [bytes, writeLines(path, bytes)]))
  const kinds = kindsOf(options.lines, peers)
  const bytesPerUnit = new Map<Kind, number>()
  for (const kind of kinds) {
    const want = expected.get(kind.lineBytes)!
    await run(kind, UNIT, sender, sources.get(kind.lineBytes)!, async (output, { bytes }) => {
      const got = await digestOf(output)
      const wanted = { lines: UNIT, sum: (want.sum * CONNECTIONS) % 2 ** 32 }
      assert.deepEqual({ lines: got.lines, sum: got.sum }, wanted, `${kind.name} wrote something else`)
      bytesPerUnit.set(kind, bytes)
    })
  }
  const runs = new Map<Kind, Run[]>(kinds.map((kind) => [kind, []]))
  for (let round = 0; round < rounds; round++) {
    for (const kind of kinds) {
      const one = await run(kind, kind.lines, sender, sources.get(kind.lineBytes)!, (_, { lines, bytes }) => {
        assert.equal(lines, kind.lines)
        assert.equal(bytes, (bytesPerUnit.get(kind)! * lines) / UNIT)
        return Promise.resolve()
      })
      runs.get(kind)!.push(one)
      process.stderr.write(`${kind.name} ${JSON.stringify({ ...kind, ...one })}\n`)
    }
  }
  const figures = [...runs].map(([{ name, durable, lineBytes, bytesPerWrite, lines }, own]): CompareFigures => {
    const rates = own.map(({ cpuSeconds: cpu }) => Math.round(lines / cpu)).toSorted((a, b) => a - b)
    return {
      name,
      durable,
      lineBytes,
      bytesPerWrite,
      lines,
      perCpuSecond: median(rates),
      perSecond: Math.round(median(own.map(({ wallSeconds }) => lines / wallSeconds))),
      perCpuSecondRange: [rates[0]!, rates.at(-1)!],
    }
  })
  const told = Object.fromEntries(
    [...peers].map(([name, peer]) => [name, typeof peer === 'string' ? peer : peer.version]),
  )
  return { peers: told, figures }
}
