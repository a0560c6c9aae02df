import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { copyFile, cp, link, mkdir, readdir, rm, stat } from 'node:fs/promises'
import { join, relative } from 'node:path'
import { Worker } from 'node:worker_threads'

const SNAPSHOTS = 'snapshots'
/** Folders of files that are named by their content, which records of the spool put in force. */
const NAMED_BY_SPOOL = ['bundles', 'indicators']
/** Beside those files: which of them is in force. */
const NOTES = ['announced', 'announcing']
/** Not copied as they stand: taken by steps of their own, or nothing that outlives the process. */
const APART = new Set(
  `events spool attachments ${NAMED_BY_SPOOL.join(' ')} inputs local.db local.db-wal local.db-shm
   ${SNAPSHOTS} exports control.sock lost+found`.split(/\s+/),
)

export interface SnapshotParts {
  /** Copies the event store into the folder, which is made; absent: events are kept elsewhere. */
  copyStore?: (folder: string) => Promise<void>
}

/**
 * Everything in the data folder as of about now, under `snapshots/`, while the product writes it; files that never change are
 * links. What is taken later may be ahead of what was taken earlier, never behind, so that a start from it is a start
 * after a crash: files read < local database (checkpoint) < event store < spool. Until this resolves, spool and bundles
 * must forget nothing.
 * @returns the folder
 */
export async function makeSnapshot(dataFolder: string, { copyStore }: SnapshotParts): Promise<string> {
  const target = join(dataFolder, SNAPSHOTS, new Date().toISOString().replaceAll(/[:.]/g, '-'))
  await mkdir(target, { recursive: true, mode: 0o700 })
  try {
    await copyTree(dataFolder, target, 'inputs')
    for (const name of await readdir(dataFolder)) if (!APART.has(name)) await copyTree(dataFolder, target, name)
    await copyLocal(join(dataFolder, 'local.db'), join(target, 'local.db'))
    await linkTree(join(dataFolder, 'attachments'), join(target, 'attachments'))
    await copyStore?.(join(target, 'events'))
    // What the spool names is there before it does, and noted as announced after: rather announced twice than never.
    for (const name of NAMED_BY_SPOOL) {
      for (const note of NOTES) await copyTree(join(dataFolder, name), join(target, name), note)
    }
    await copySpool(join(dataFolder, 'spool'), join(target, 'spool'))
    for (const name of NAMED_BY_SPOOL) await linkTree(join(dataFolder, name), join(target, name))
    return target
  } catch (error) {
    await rm(target, { recursive: true, force: true })
    throw error
  }
}

/** Deletes snapshots that nobody fetched; all of them without `olderThanMs` (epoch milliseconds). */
export async function dropSnapshots(dataFolder: string, olderThanMs = Infinity): Promise<void> {
  const folder = join(dataFolder, SNAPSHOTS)
  if (!existsSync(folder)) return
  for (const name of await readdir(folder)) {
    const { mtimeMs } = await stat(join(folder, name))
    if (mtimeMs < olderThanMs) await rm(join(folder, name), { recursive: true, force: true })
  }
}

async function copyLocal(from: string, to: string): Promise<void> {
  const worker = new Worker(new URL('copy-local-thread.js', import.meta.url), { workerData: { from, to } })
  await once(worker, 'message') // rejects with what the thread threw
  await once(worker, 'exit')
}

/** Small files that are replaced whole; one that is being replaced has a name of its own for that long. */
async function copyTree(from: string, to: string, name: string): Promise<void> {
  if (!existsSync(join(from, name))) return
  await cp(join(from, name), join(to, name), {
    recursive: true,
    filter: (path) => !/\.(tmp|new|part)$/.test(relative(from, path)),
    preserveTimestamps: true,
  })
}

/** Files that are written under another name and never changed under theirs. */
async function linkTree(from: string, to: string): Promise<void> {
  if (!existsSync(from)) return
  await mkdir(to, { recursive: true, mode: 0o700 })
  for (const entry of await readdir(from, { withFileTypes: true })) {
    if (entry.isDirectory()) await linkTree(join(from, entry.name), join(to, entry.name))
    else if (!entry.name.startsWith('.') && !entry.name.endsWith('.tmp') && !NOTES.includes(entry.name)) {
      await link(join(from, entry.name), join(to, entry.name))
    }
  }
}

/** Closed segments by link. The last is written: whatever of it is there by now, a torn end is cut when it is next opened. */
async function copySpool(from: string, to: string): Promise<void> {
  await mkdir(to, { recursive: true, mode: 0o700 })
  const names = (await readdir(from)).filter((name) => name === 'spool.json' || name.endsWith('.log')).sort()
  const written = names.findLast((name) => name.endsWith('.log'))
  for (const name of names) {
    await (name === written || name === 'spool.json' ? copyFile : link)(join(from, name), join(to, name))
  }
}
