import { execFile } from 'node:child_process'
import { existsSync } from 'node:fs'
import { link, mkdir, open, readdir, readFile, rename, rm, stat, utimes, writeFile } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { promisify } from 'node:util'
import { syncPath } from '../model/durable-file.ts'
import { copyHashed, filesBelow, hashOf, parseSums, renderSums, SUMS_FILE } from './sums.ts'

const run = promisify(execFile)

/** What a backup says of itself, beside the hashes. */
export const ABOUT_FILE = 'backup.json'

export interface About {
  format: 1
  madeAt: string
  /** Of the program that made it. */
  product: string
  engine: 'embedded' | 'elasticsearch'
}

export interface Backup {
  path: string
  files: number
  bytes: number
  /** Files that an earlier backup beside this one has already: the same file on the disk, under two names. */
  shared: number
  /** SHA-256 of the list of hashes: whoever notes it elsewhere can tell later that nothing of the backup was changed. */
  sums: string
}

/** Sealed events and attachments never change, so a file of that path, size and time is the same. */
const NEVER_CHANGES = /^(events\/segments|attachments)\//

/**
 * Makes a snapshot into a folder of its own below `folder`. It counts once its list of hashes is there, which comes last.
 * What an earlier backup beside it holds is linked, not copied again.
 */
export async function backupToFolder(snapshot: string, folder: string, about: About): Promise<Backup> {
  const target = join(folder, `vong-gac-${basename(snapshot)}`)
  await mkdir(folder, { recursive: true })
  const former = await newestBackup(folder)
  await mkdir(target, { mode: 0o700 })
  const sums = new Map<string, string>()
  let [bytes, shared] = [0, 0]
  for (const path of await filesBelow(snapshot)) {
    const [from, to] = [join(snapshot, path), join(target, path)]
    await mkdir(dirname(to), { recursive: true, mode: 0o700 })
    const { size, mtime } = await stat(from)
    bytes += size
    const known = former === null ? undefined : await linkFormer(former, path, { size, mtimeMs: mtime.getTime() }, to)
    if (known === undefined) {
      sums.set(path, await copyHashed(from, to))
      await utimes(to, mtime, mtime)
    } else {
      sums.set(path, known)
      shared++
    }
  }
  const list = await writeAbout(target, sums, about)
  await syncTree(target)
  await rename(join(target, `${SUMS_FILE}.tmp`), join(target, SUMS_FILE))
  await syncPath(target)
  await syncPath(folder)
  return { path: target, files: sums.size, bytes, shared, sums: list }
}

/** Makes a snapshot into one archive, which has its name only once it is whole. */
export async function backupToFile(snapshot: string, file: string, about: About): Promise<Backup> {
  if (existsSync(file)) throw new Error(`${file} is there already`)
  const sums = new Map<string, string>()
  let bytes = 0
  for (const path of await filesBelow(snapshot)) {
    sums.set(path, await hashOf(join(snapshot, path)))
    bytes += (await stat(join(snapshot, path))).size
  }
  const list = await writeAbout(snapshot, sums, about)
  await rename(join(snapshot, `${SUMS_FILE}.tmp`), join(snapshot, SUMS_FILE))
  const growing = `${file}.tmp`
  try {
    await (await open(growing, 'w', 0o600)).close()
    await run('tar', ['--create', '--file', growing, '--directory', snapshot, '.'])
    await syncPath(growing)
    await rename(growing, file)
    await syncPath(dirname(file))
  } finally {
    await rm(growing, { force: true })
  }
  return { path: file, files: sums.size, bytes, shared: 0, sums: list }
}

/** Writes what the backup says of itself and, still under another name, the list of hashes; gives the hash of the list. */
async function writeAbout(folder: string, sums: Map<string, string>, about: About): Promise<string> {
  await writeFile(join(folder, ABOUT_FILE), `${JSON.stringify(about)}\n`, { mode: 0o600 })
  sums.set(ABOUT_FILE, await hashOf(join(folder, ABOUT_FILE)))
  const list = join(folder, `${SUMS_FILE}.tmp`)
  await writeFile(list, renderSums(sums), { mode: 0o600 })
  return hashOf(list)
}

interface Former {
  folder: string
  sums: Map<string, string>
}

async function newestBackup(folder: string): Promise<Former | null> {
  for (const name of (await readdir(folder))
    .filter((each) => each.startsWith('vong-gac-'))
    .sort()
    .reverse()) {
    const path = join(folder, name, SUMS_FILE)
    const sums = existsSync(path) ? parseSums(await readFile(path, 'utf8')) : null
    if (sums !== null) return { folder: join(folder, name), sums }
  }
  return null
}

/** Links what the former backup has of the same path, size and time, and gives its hash as noted there. */
async function linkFormer(
  former: Former,
  path: string,
  { size, mtimeMs }: { size: number; mtimeMs: number },
  to: string,
): Promise<string | undefined> {
  const [hash, from] = [former.sums.get(path), join(former.folder, path)]
  if (hash === undefined || !NEVER_CHANGES.test(path)) return undefined
  try {
    const found = await stat(from)
    if (found.size !== size || found.mtime.getTime() !== mtimeMs) return undefined
    await link(from, to)
    return hash
  } catch {
    return undefined // gone, or a disk without links: copied
  }
}

async function syncTree(folder: string): Promise<void> {
  for (const entry of await readdir(folder, { withFileTypes: true })) {
    if (entry.isDirectory()) await syncTree(join(folder, entry.name))
  }
  for (const name of [ABOUT_FILE, `${SUMS_FILE}.tmp`]) {
    if (existsSync(join(folder, name))) await syncPath(join(folder, name))
  }
  await syncPath(folder)
}
