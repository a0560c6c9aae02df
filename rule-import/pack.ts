import {
  closeSync,
  copyFileSync,
  existsSync,
  fsyncSync,
  linkSync,
  lstatSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  renameSync,
  rmSync,
  symlinkSync,
  unlinkSync,
  writeFileSync,
} from 'node:fs'
import { open } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { gunzipSync, gzipSync } from 'node:zlib'
import { stagedName } from '../rule-life/folder.ts'
import { ImportError } from './errors.ts'

/** What the last import brought, so that the next one can tell what was changed here. */
const BASE = '.base.json.gz'
const BASE_BYTES_MAX = 512 * 2 ** 20
const SYNCS_AT_ONCE = 32

/** The folder of a pack as it is on the disk. */
export interface Pack {
  /** Every file and link below it, by path. */
  entries: Map<string, { isLink: boolean; stamp: string }>
  base: Map<string, string>
}

/** @throws {ImportError} `bad_base` */
export function readPack(rulesFolder: string, name: string): Pack {
  const folder = join(rulesFolder, name)
  if (!existsSync(folder)) return { entries: new Map(), base: new Map() }
  const path = join(folder, BASE)
  const entries = entriesBelow(folder)
  if (!existsSync(path)) return { entries, base: new Map() }
  try {
    const text = gunzipSync(readFileSync(path), { maxOutputLength: BASE_BYTES_MAX }).toString()
    const { format, files } = JSON.parse(text) as { format: number; files: Record<string, string> }
    if (format !== 1) throw new Error(`format ${format}`)
    return { entries, base: new Map(Object.entries(files)) }
  } catch (cause) {
    throw new ImportError('bad_base', `${path} does not read back: what was changed here cannot be told`, { cause })
  }
}

function entriesBelow(folder: string, prefix = ''): Pack['entries'] {
  const found: Pack['entries'] = new Map()
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    const path = `${prefix}${entry.name}`
    if (entry.isDirectory()) {
      for (const [inner, what] of entriesBelow(join(folder, entry.name), `${path}/`)) found.set(inner, what)
    } else if (entry.isFile() || entry.isSymbolicLink()) {
      const { ino, size, mtimeMs } = lstatSync(join(folder, entry.name))
      found.set(path, { isLink: entry.isSymbolicLink(), stamp: `${ino} ${size} ${mtimeMs}` })
    }
  }
  return found
}

/**
 * Puts a new folder in place of the pack's, all at once: a crash leaves the old one or the new one. Files of `pack` that are
 * neither among `texts` nor `gone` come along.
 * @param texts of the files to write, by path
 * @throws {ImportError} `changed_meanwhile`
 */
export async function replacePack(
  rulesFolder: string,
  name: string,
  pack: Pack,
  next: { texts: ReadonlyMap<string, string>; gone: ReadonlySet<string>; base: ReadonlyMap<string, string> },
): Promise<void> {
  const folder = join(rulesFolder, name)
  const { part, staged, old } = namesOf(rulesFolder, name)
  const folders = new Set([part])
  const place = (path: string): string => {
    const at = join(part, path)
    if (!folders.has(dirname(at))) mkdirSync(dirname(at), { recursive: true })
    folders.add(dirname(at))
    return at
  }
  mkdirSync(part, { recursive: true })
  for (const [path, { isLink }] of pack.entries) {
    if (next.texts.has(path) || next.gone.has(path) || path === BASE) continue
    if (isLink) symlinkSync(readlinkSync(join(folder, path)), place(path))
    else linkOrCopy(join(folder, path), place(path))
  }
  const base = gzipSync(JSON.stringify({ format: 1, files: Object.fromEntries(next.base) }))
  const writes: [path: string, content: string | Buffer][] = [...next.texts, [BASE, base]]
  for (const [path] of writes) place(path)
  for (let i = 0; i < writes.length; i += SYNCS_AT_ONCE) {
    await Promise.all(writes.slice(i, i + SYNCS_AT_ONCE).map(([path, content]) => writeDurable(place(path), content)))
  }
  for (const path of folders) syncFolder(path)

  const now = existsSync(folder) ? entriesBelow(folder) : new Map<string, never>()
  const same =
    now.size === pack.entries.size && [...now].every(([path, { stamp }]) => pack.entries.get(path)?.stamp === stamp)
  if (!same)
    throw new ImportError('changed_meanwhile', `${folder} was changed while the release was read: import once more`)
  if (existsSync(folder)) {
    renameSync(part, staged)
    syncFolder(rulesFolder)
    renameSync(folder, old)
    renameSync(staged, folder) // between the two, readers take the staged one for it
  } else renameSync(part, folder)
  syncFolder(rulesFolder)
  rmSync(old, { recursive: true, force: true })
}

/** An unchanged file stays the same file, so that nothing is written twice; where a disk cannot link, it is copied. */
function linkOrCopy(from: string, to: string): void {
  try {
    linkSync(from, to)
  } catch {
    copyFileSync(from, to)
    syncFile(to)
  }
}

async function writeDurable(path: string, content: string | Buffer): Promise<void> {
  const file = await open(path, 'w', 0o644)
  try {
    await file.writeFile(content)
    await file.sync()
  } finally {
    await file.close()
  }
}

function syncFile(path: string): void {
  const file = openSync(path, 'r')
  fsyncSync(file)
  closeSync(file)
}

const syncFolder = syncFile

function namesOf(rulesFolder: string, name: string): { part: string; staged: string; old: string; lock: string } {
  const hidden = (end: string): string => join(rulesFolder, `.${name}.${end}`)
  return { part: hidden('part'), staged: join(rulesFolder, stagedName(name)), old: hidden('old'), lock: hidden('lock') }
}

/**
 * Runs `work` while no other import of the pack does, after finishing or forgetting one that a crash cut short.
 * @throws {ImportError} `busy`
 */
export async function withPackLocked<T>(rulesFolder: string, name: string, work: () => Promise<T>): Promise<T> {
  const { part, staged, old, lock } = namesOf(rulesFolder, name)
  const holder = existsSync(lock) ? Number(readFileSync(lock, 'utf8')) : 0
  if (holder > 0 && isRunning(holder)) throw new ImportError('busy', `process ${holder} is importing (${lock})`)
  rmSync(lock, { force: true })
  writeFileSync(lock, String(process.pid), { flag: 'wx' })
  try {
    if (existsSync(staged) && !existsSync(join(rulesFolder, name))) renameSync(staged, join(rulesFolder, name))
    for (const path of [part, staged, old]) rmSync(path, { recursive: true, force: true })
    return await work()
  } finally {
    rmSync(part, { recursive: true, force: true })
    unlinkSync(lock)
  }
}

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM'
  }
}
