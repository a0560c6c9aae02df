import { createHash } from 'node:crypto'
import {
  closeSync,
  existsSync,
  mkdirSync,
  openSync,
  readFileSync,
  readSync,
  readdirSync,
  statSync,
  unlinkSync,
} from 'node:fs'
import { join } from 'node:path'
import { LINE_FEED, readLine, type Indicator, type IndicatorKind } from '../detection/indicators/indicator.ts'
import type { NeverList } from '../detection/indicators/never.ts'
import { IndicatorSet, type Feed } from '../detection/indicators/set.ts'
import { writeDurable } from '../model/durable-file.ts'

/** Lines in a file named after their hash. */
export type KeptLines = Pick<Feed, 'hash' | 'bytes'> & { indicators: number }

/** A feed as it was imported. */
export interface KeptFeed extends KeptLines {
  name: string
  /** What the last import brought that was not there before. */
  fresh: KeptLines
  importedAt: string
  importedBy: string
}

/**
 * All that decides which indicators an event shows. Named by its content; a control record in the spool says from which position
 * it is in force, so that a replay uses what was in force (law 4).
 */
export interface IndicatorManifest {
  feeds: KeptFeed[]
  never: NeverList
}

/** Writes a feed's lines under their hash, durable. */
export function keepFeed(folder: string, lines: Uint8Array): { hash: string; bytes: number } {
  const hash = hashOf(lines)
  mkdirSync(folder, { recursive: true, mode: 0o700 })
  if (!existsSync(feedPath(folder, hash))) writeDurable(feedPath(folder, hash), lines)
  return { hash, bytes: lines.length }
}

/** Writes the manifest under its hash, durable, and gives the hash. */
export function keepManifest(folder: string, manifest: IndicatorManifest): string {
  const text = JSON.stringify(manifest)
  const hash = hashOf(text)
  mkdirSync(folder, { recursive: true, mode: 0o700 })
  if (!existsSync(manifestPath(folder, hash))) writeDurable(manifestPath(folder, hash), text)
  return hash
}

/** @throws if the file is missing or is not what its name says */
export function loadManifest(folder: string, hash: string): IndicatorManifest {
  const text = readFileSync(manifestPath(folder, hash), 'utf8')
  if (hashOf(text) !== hash) throw new Error(`manifest ${hash} of indicators was altered`)
  return JSON.parse(text) as IndicatorManifest
}

/** Reads the feeds of a manifest into one buffer and makes a set of them. @throws like `loadManifest` */
export function loadIndicators(folder: string, manifestHash: string): IndicatorSet {
  const { feeds, never } = loadManifest(folder, manifestHash)
  return new IndicatorSet(feeds, readFeeds(folder, feeds), never)
}

function readFeeds(folder: string, feeds: readonly Pick<Feed, 'hash' | 'bytes'>[]): Buffer {
  const lines = Buffer.allocUnsafeSlow(feeds.reduce((sum, { bytes }) => sum + bytes, 0))
  let at = 0
  for (const { hash, bytes } of feeds) {
    const part = lines.subarray(at, (at += bytes))
    const file = openSync(feedPath(folder, hash), 'r')
    for (let done = 0; done < bytes;) {
      const read = readSync(file, part, done, bytes - done, null)
      if (read === 0) break
      done += read
    }
    closeSync(file)
    if (hashOf(part) !== hash) throw new Error(`feed ${hash} of indicators was altered`)
  }
  return lines
}

/** Lines as a set by themselves, under the name of their feed. */
export function loadLines(folder: string, name: string, lines: KeptLines, never: NeverList): IndicatorSet {
  const feeds = [{ name, ...lines }]
  return new IndicatorSet(feeds, readFeeds(folder, feeds), never)
}

/** The lines of a file, each with its end. */
export function linesOf(folder: string, lines: Pick<Feed, 'hash' | 'bytes'>): string[] {
  return readFeeds(folder, [lines])
    .toString('utf8')
    .split(/(?<=\n)/)
}

/** `announcing`: the manifest that is to be in force; `announced`: the one that the log says is. Between the two a crash may come. */
type Note = 'announcing' | 'announced'

/** Empty before the first. */
export function notedManifest(folder: string, note: Note): string {
  const path = join(folder, note)
  return existsSync(path) ? readFileSync(path, 'utf8') : ''
}

export function noteManifest(folder: string, note: Note, hash: string): void {
  writeDurable(join(folder, note), hash)
}

/** Deletes what no manifest but `hash` needs, once neither the checkpoint nor a record after it can name another. */
export function pruneIndicators(folder: string, hash: string): void {
  const files = loadManifest(folder, hash).feeds.flatMap(({ fresh, ...feed }) => [fresh.hash, feed.hash])
  const kept = new Set([`${hash}.json`, ...files.map((name) => `${name}.tsv`)])
  for (const name of readdirSync(folder)) {
    if (/^[0-9a-f]{64}\.(json|tsv)$/.test(name) && !kept.has(name)) unlinkSync(join(folder, name))
  }
}

/** The feed's indicators of those very values: a binary search in the file for each, whatever its size. */
export function findInFeed(folder: string, feed: Feed, kind: IndicatorKind, values: readonly string[]): Indicator[] {
  const path = feedPath(folder, feed.hash)
  const file = openSync(path, 'r')
  try {
    const { size } = statSync(path)
    return values.flatMap((value) => findLine(file, size, Buffer.from(`${kind}\t${value}\t`)) ?? [])
  } finally {
    closeSync(file)
  }
}

function findLine(file: number, size: number, wanted: Buffer): Indicator | null {
  let [from, to] = [0, size]
  while (from < to) {
    const line = lineAround(file, from + ((to - from) >> 1), from)
    const key = line.bytes.subarray(0, wanted.length)
    const order = Buffer.compare(key, wanted)
    if (order === 0) return readLine(line.bytes.toString('utf8'))
    if (order < 0) from = line.end + 1
    else to = line.start
  }
  return null
}

const WINDOW = 4_096

/** The line that holds the byte at `at`, without its end; no line begins before `from`. */
function lineAround(file: number, at: number, from: number): { bytes: Buffer; start: number; end: number } {
  let [start, end] = [Math.max(from, at - WINDOW), at + WINDOW]
  for (;;) {
    const bytes = Buffer.alloc(end - start)
    const read = bytes.subarray(0, readSync(file, bytes, 0, bytes.length, start))
    const begins = read.lastIndexOf(LINE_FEED, at - start - 1)
    const ends = read.indexOf(LINE_FEED, at - start)
    const known = begins >= 0 && at > start ? begins + 1 : start === from ? 0 : -1
    if (known >= 0 && ends >= 0) return { bytes: read.subarray(known, ends), start: start + known, end: start + ends }
    if (ends < 0 && read.length < bytes.length) throw new Error('a feed does not end with a line')
    ;[start, end] = [Math.max(from, start - WINDOW), end + WINDOW]
  }
}

function hashOf(content: string | Uint8Array): string {
  return createHash('sha256').update(content).digest('hex')
}

function feedPath(folder: string, hash: string): string {
  return join(folder, `${hash}.tsv`)
}

function manifestPath(folder: string, hash: string): string {
  return join(folder, `${hash}.json`)
}
