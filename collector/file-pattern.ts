import { constants } from 'node:fs'
import { lstat, open, readdir, realpath, type FileHandle } from 'node:fs/promises'
import { dirname, join, relative } from 'node:path'

/** Folders below each other that `**` goes down. */
const DEPTH_MAX = 32

/** What a pattern finds, and the folders that could not be listed, each with its error's code. */
export interface Found {
  paths: Set<string>
  failures: { path: string; code: string }[]
}

/**
 * The files that an absolute path with wildcards names: `*` and `?` stand for characters of one name (no leading dot), `**`
 * for any number of folders. Links are not followed: not by a wildcard, and not by `openNamed`. A path without wildcards is
 * found whether it is there or not.
 * @param filesMax no more are given
 */
export async function findFiles(pattern: string, filesMax: number): Promise<Found> {
  const { folder, parts } = split(pattern)
  const found: Found = { paths: new Set(), failures: [] }
  await find(folder, parts, 0, filesMax, found)
  return found
}

/** Whether the pattern names the path, wherever links lead. */
export function names(pattern: string, path: string): boolean {
  return namesParts(pattern.split('/'), path.split('/'))
}

function namesParts(pattern: readonly string[], path: readonly string[]): boolean {
  const [part, ...others] = pattern
  if (part === undefined) return path.length === 0
  const [name, ...below] = path
  if (part !== '**') return name !== undefined && matchesPart(part, name) && namesParts(others, below)
  return namesParts(others, path) || (below.length > 0 && !name!.startsWith('.') && namesParts(pattern, below))
}

/** Why a path was not opened although it is there. */
export class NotAFileError extends Error {
  override readonly name = 'NotAFileError'
  readonly code: 'is_link' | 'is_no_file'
  constructor(code: 'is_link' | 'is_no_file') {
    super(code === 'is_link' ? 'a link, or below one' : 'no regular file')
    this.code = code
  }
}

/**
 * Opens a file that `pattern` names, for reading. Whoever may write into a folder of logs could put a link there, to have the
 * collector read what they may not: links are followed in the part of the pattern that has no wildcard, never in the file's
 * own name nor in what a wildcard stands for.
 * @throws {NotAFileError}
 * @throws what `open` throws
 */
export async function openNamed(path: string, pattern: string): Promise<FileHandle> {
  const { folder } = split(pattern)
  const { O_RDONLY, O_NOFOLLOW, O_NONBLOCK } = constants // a named pipe must not keep it waiting
  const handle = await open(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK).catch((error: unknown) => {
    throw (error as NodeJS.ErrnoException).code === 'ELOOP' ? new NotAFileError('is_link') : error
  })
  try {
    const opened = await handle.stat({ bigint: true })
    if (!opened.isFile()) throw new NotAFileError('is_no_file')
    const expected = join(await realpath(folder), relative(folder, path))
    const { dev, ino } = await lstat(expected, { bigint: true })
    if ((await realpath(path)) !== expected || dev !== opened.dev || ino !== opened.ino) {
      throw new NotAFileError('is_link')
    }
    return handle
  } catch (error) {
    await handle.close()
    throw error
  }
}

/** The folder above the first wildcard, or above the file, and the names below it. */
function split(pattern: string): { folder: string; parts: string[] } {
  const parts = pattern.split('/')
  const wild = parts.findIndex(hasWildcard)
  if (wild < 0) return { folder: dirname(pattern), parts: parts.slice(-1) }
  return { folder: parts.slice(0, wild).join('/') || '/', parts: parts.slice(wild) }
}

function hasWildcard(part: string): boolean {
  return /[*?]/.test(part)
}

async function find(folder: string, parts: string[], depth: number, filesMax: number, found: Found): Promise<void> {
  const [part = '', ...below] = parts
  if (found.paths.size >= filesMax || depth > DEPTH_MAX) return
  if (!hasWildcard(part)) {
    const path = join(folder, part)
    if (below.length > 0) await find(path, below, depth + 1, filesMax, found)
    else found.paths.add(path)
    return
  }
  if (part === '**') await find(folder, below, depth, filesMax, found)
  const entries = await readdir(folder, { withFileTypes: true }).catch((error: unknown) => {
    const { code = 'failed' } = error as NodeJS.ErrnoException
    if (code !== 'ENOENT' && code !== 'ENOTDIR') found.failures.push({ path: folder, code })
    return []
  })
  for (const entry of entries.sort((a, b) => (a.name < b.name ? -1 : 1))) {
    const path = join(folder, entry.name)
    if (part === '**') {
      if (entry.isDirectory() && !entry.name.startsWith('.')) await find(path, parts, depth + 1, filesMax, found)
    } else if (matchesPart(part, entry.name)) {
      if (below.length > 0) {
        if (entry.isDirectory()) await find(path, below, depth + 1, filesMax, found)
      } else if (found.paths.size < filesMax && !entry.isDirectory()) found.paths.add(path)
    }
  }
}

/** Linear but for the last `*`, to which it goes back: names are short, and made by whoever may write there. */
function matchesPart(pattern: string, name: string): boolean {
  if (name.startsWith('.') && !pattern.startsWith('.')) return false
  let at = 0
  let star = -1
  let resumeAt = 0
  for (let i = 0; i < name.length;) {
    if (at < pattern.length && (pattern[at] === '?' || (pattern[at] === name[i] && pattern[at] !== '*'))) {
      at++
      i++
    } else if (pattern[at] === '*') {
      star = at++
      resumeAt = i
    } else if (star >= 0) {
      at = star + 1
      i = ++resumeAt
    } else return false
  }
  while (pattern[at] === '*') at++
  return at === pattern.length
}
