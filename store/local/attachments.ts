import { createHash, randomBytes } from 'node:crypto'
import { createReadStream, existsSync } from 'node:fs'
import { mkdir, open, readdir, rename, rm, stat } from 'node:fs/promises'
import { join } from 'node:path'
import type { Readable } from 'node:stream'
import type { LocalDatabase } from './database.ts'
import { prepared } from './statement.ts'

export interface Attachment {
  /** 1, 2, 3 … within its incident. */
  id: number
  /** As its sender named it: shown, and offered for saving, never a path. */
  name: string
  bytes: number
  /** Lower-case hex; the file's name in the store. */
  sha256: string
  at: string
  author: string
}

/** More bytes than one file may have. */
export class AttachmentTooLarge extends Error {
  override readonly name = 'AttachmentTooLarge'
}

/** Where content of that hash lies. @throws where it is none */
export function contentPath(folder: string, sha256: string): string {
  if (!/^[0-9a-f]{64}$/.test(sha256)) throw new Error('not a SHA-256')
  return join(folder, sha256.slice(0, 2), sha256)
}

/**
 * Writes what comes to a file named after its hash, durable when it resolves; the same content is kept once.
 * @throws {AttachmentTooLarge} beyond `bytesMax`; nothing is left of it
 */
export async function keepContent(
  folder: string,
  content: Readable,
  bytesMax: number,
): Promise<{ sha256: string; bytes: number }> {
  await mkdir(folder, { recursive: true, mode: 0o700 })
  const arriving = join(folder, `.${randomBytes(12).toString('hex')}`)
  const file = await open(arriving, 'wx', 0o600)
  const hash = createHash('sha256')
  let bytes = 0
  try {
    for await (const chunk of content as AsyncIterable<Buffer>) {
      bytes += chunk.length
      if (bytes > bytesMax) throw new AttachmentTooLarge()
      hash.update(chunk)
      await file.write(chunk)
    }
    await file.sync()
    await file.close()
    const sha256 = hash.digest('hex')
    const path = contentPath(folder, sha256)
    await mkdir(join(folder, sha256.slice(0, 2)), { recursive: true, mode: 0o700 })
    await rename(arriving, path)
    await syncFolder(join(folder, sha256.slice(0, 2)))
    await syncFolder(folder)
    return { sha256, bytes }
  } catch (error) {
    await file.close().catch(() => undefined) // closed before, where it was the rename that failed
    await rm(arriving, { force: true })
    throw error
  }
}

async function syncFolder(path: string): Promise<void> {
  const folder = await open(path, 'r')
  await folder.sync()
  await folder.close()
}

/**
 * Deletes content that no incident names, and what uploads that broke off have left: a stop between the file and its row leaves
 * one. Only what is older than `beforeMs`, since an upload writes the file first. Gives how many files went.
 */
export async function sweepOrphans(db: LocalDatabase, folder: string, beforeMs: number): Promise<number> {
  if (!existsSync(folder)) return 0
  const names = await readdir(folder, { recursive: true, withFileTypes: true })
  let swept = 0
  for (const { name, parentPath } of names.filter((each) => each.isFile())) {
    const path = join(parentPath, name)
    const { mtimeMs } = await stat(path)
    if (mtimeMs >= beforeMs) continue
    const isUpload = /^[.][0-9a-f]{24}$/.test(name)
    if (!isUpload && !/^[0-9a-f]{64}$/.test(name)) continue
    if (!isUpload && prepared(db, 'SELECT 1 FROM attachments WHERE sha256 = ? LIMIT 1').get(name) !== undefined)
      continue
    await rm(path, { force: true })
    swept++
  }
  return swept
}

/** Null where the file is gone. */
export function contentOf(folder: string, sha256: string): Readable | null {
  const path = contentPath(folder, sha256)
  return existsSync(path) ? createReadStream(path) : null
}

export function addAttachment(db: LocalDatabase, incidentId: string, file: Omit<Attachment, 'id'>): Attachment {
  const { name, bytes, sha256, at, author } = file
  const { id } = prepared(
    db,
    `INSERT INTO attachments (incident_id, id, name, bytes, sha256, at, author)
       SELECT ?, coalesce(max(id), 0) + 1, ?, ?, ?, ?, ? FROM attachments WHERE incident_id = ? RETURNING id`,
  ).get(incidentId, name, bytes, sha256, at, author, incidentId) as { id: number }
  return { id, ...file }
}

const COLUMNS = 'id, name, bytes, sha256, at, author'

export function attachmentsOf(db: LocalDatabase, incidentId: string): Attachment[] {
  const sql = `SELECT ${COLUMNS} FROM attachments WHERE incident_id = ? ORDER BY id`
  return prepared(db, sql).all(incidentId) as Attachment[]
}

/** The attachment of that number, where it is the incident's. */
export function findAttachment(db: LocalDatabase, incidentId: string, id: number): Attachment | null {
  const sql = `SELECT ${COLUMNS} FROM attachments WHERE incident_id = ? AND id = ?`
  return (prepared(db, sql).get(incidentId, id) as Attachment | undefined) ?? null
}
