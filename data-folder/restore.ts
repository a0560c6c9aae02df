import { execFile } from 'node:child_process'
import { existsSync } from 'node:fs'
import { chmod, mkdir, open, readdir, readFile, rename, rm, stat } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { promisify } from 'node:util'
import { syncPath } from '../model/durable-file.ts'
import { ABOUT_FILE, type About } from './backup.ts'
import { copyHashed, filesBelow, hashOf, parseSums, SUMS_FILE } from './sums.ts'
import { readVersion, RESTORING_FILE } from './version.ts'

const run = promisify(execFile)

/** A backup that is not whole, not as it was made, or not for this program; nothing of it was put back. */
export class RestoreError extends Error {
  override readonly name = 'RestoreError'
}

export interface Restored {
  about: About
  files: number
  bytes: number
}

/**
 * Puts a backup, a folder or an archive, into `dataFolder`, which must be empty, and holds every file against its hash. Until
 * all of it is there and right, the folder is marked, so that no program starts on it; a restore that was interrupted begins anew.
 * @param known version of data folders that this program knows
 * @throws {RestoreError} a file is missing, too many, or not what it was: nothing is left of it in `dataFolder`
 */
export async function restore(from: string, dataFolder: string, known: number): Promise<Restored> {
  const marker = join(dataFolder, RESTORING_FILE)
  if (existsSync(dataFolder) && !existsSync(marker) && (await readdir(dataFolder)).length > 0) {
    throw new RestoreError(`${dataFolder} is not empty: move it away first · thư mục đích không rỗng`)
  }
  await mkdir(dataFolder, { recursive: true, mode: 0o700 })
  await (await open(marker, 'w', 0o600)).close()
  try {
    await empty(dataFolder)
    if ((await stat(from)).isDirectory()) await copyFolder(from, dataFolder)
    else await unpack(from, dataFolder)
    const restored = await verify(dataFolder)
    await keepOutSpool(restored.about, dataFolder)
    for (const name of [SUMS_FILE, ABOUT_FILE]) await rm(join(dataFolder, name))
    await makePrivateAndDurable(dataFolder)
    await rm(marker)
    readVersion(dataFolder, known)
    return restored
  } catch (error) {
    await empty(dataFolder)
    await rm(marker, { force: true })
    throw error
  }
}

/** Holds a backup in a folder against its hashes, and changes nothing. @throws {RestoreError} */
export async function verify(folder: string): Promise<Restored> {
  const list = join(folder, SUMS_FILE)
  const sums = existsSync(list) ? parseSums(await readFile(list, 'utf8')) : null
  if (sums === null) {
    throw new RestoreError(`no readable ${SUMS_FILE}: the backup was not finished, or is none · bản sao lưu dở dang`)
  }
  const files = new Set(await filesBelow(folder))
  for (const own of [SUMS_FILE, RESTORING_FILE]) files.delete(own)
  const extra = [...files].find((path) => !sums.has(path))
  if (extra !== undefined) throw new RestoreError(`${extra} is no part of the backup · tệp lạ trong bản sao lưu`)
  let bytes = 0
  for (const [path, hash] of sums) {
    if (!files.has(path)) throw new RestoreError(`${path} is missing · thiếu tệp`)
    if ((await hashOf(join(folder, path))) !== hash) {
      throw new RestoreError(`${path} is not what was backed up · tệp đã bị thay đổi`)
    }
    bytes += (await stat(join(folder, path))).size
  }
  const about = JSON.parse(await readFile(join(folder, ABOUT_FILE), 'utf8')) as About
  if (about.format !== 1) throw new RestoreError(`format ${String(about.format)}; this program knows format 1`)
  return { about, files: sums.size, bytes }
}

/**
 * A cluster has what came after the backup, under positions that this spool would give again. So a new spool is begun there,
 * and the old one stays beside it for whoever wants to look.
 */
async function keepOutSpool({ engine }: About, dataFolder: string): Promise<void> {
  if (engine === 'embedded') return
  await rename(join(dataFolder, 'spool'), join(dataFolder, 'spool-of-backup'))
}

async function copyFolder(from: string, to: string): Promise<void> {
  for (const path of await filesBelow(from)) {
    await mkdir(dirname(join(to, path)), { recursive: true, mode: 0o700 })
    await copyHashed(join(from, path), join(to, path))
  }
}

async function unpack(file: string, to: string): Promise<void> {
  await run('tar', ['--extract', '--file', file, '--directory', to, '--no-same-owner', '--no-same-permissions']).catch(
    (cause: unknown) => {
      throw new RestoreError(`${file} does not unpack: the archive is damaged, or is none · tệp sao lưu hỏng`, {
        cause,
      })
    },
  )
}

/** All but the mark that a restore is under way. */
async function empty(folder: string): Promise<void> {
  for (const name of await readdir(folder)) {
    if (name !== RESTORING_FILE) await rm(join(folder, name), { recursive: true, force: true })
  }
}

async function makePrivateAndDurable(folder: string): Promise<void> {
  for (const entry of await readdir(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name)
    if (entry.isDirectory()) await makePrivateAndDurable(path)
    else {
      await chmod(path, 0o600)
      await syncPath(path)
    }
  }
  await chmod(folder, 0o700)
  await syncPath(folder)
}
