import { readFileSync } from 'node:fs'
import { parentPort, workerData } from 'node:worker_threads'
import { FormatError } from '../detection/indicators/format.ts'
import { readImport, type ImportOptions } from '../detection/indicators/import.ts'
import { keyOf } from '../detection/indicators/indicator.ts'
import { keepFeed, linesOf, type KeptLines } from './files.ts'

/** Reads a file of indicators, which takes seconds and hundreds of megabytes, beside the thread that answers senders. */
export interface ImportTask {
  folder: string
  /** The file to read. */
  path: string
  options: ImportOptions
  /** What the feed of that name had. */
  former?: KeptLines
  /** What the file has is added to that, instead of in its place. */
  add: boolean
}

export type ImportResult =
  | {
      format: string
      lines: KeptLines
      fresh: KeptLines
      refused: Record<string, { count: number; examples: string[] }>
    }
  | { fault: string }

const { folder, path, options, former, add } = workerData as ImportTask

async function read(): Promise<ImportResult> {
  const { format, lines, refused } = await readImport(readFileSync(path, 'utf8'), options)
  const there = new Map(former === undefined ? [] : linesOf(folder, former).map((line) => [keyOf(line), line]))
  const fresh = lines.filter((line) => !there.has(keyOf(line)))
  if (add) for (const line of lines) there.set(keyOf(line), line)
  return { format, lines: keep(add ? [...there.values()].sort() : lines), fresh: keep(fresh), refused }
}

function keep(lines: readonly string[]): KeptLines {
  return { ...keepFeed(folder, Buffer.from(lines.join(''))), indicators: lines.length }
}

parentPort!.postMessage(
  await read().catch((error: unknown): ImportResult => {
    if (error instanceof FormatError) return { fault: error.message }
    throw error
  }),
)
