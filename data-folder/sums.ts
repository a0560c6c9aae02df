import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { open, readdir } from 'node:fs/promises'
import { join, relative } from 'node:path'

/** The list of a folder's files with their hashes, in the format of `sha256sum`: `sha256sum -c SHA256SUMS` checks it, too. */
export const SUMS_FILE = 'SHA256SUMS'

export async function hashOf(path: string): Promise<string> {
  const hash = createHash('sha256')
  for await (const chunk of createReadStream(path, { highWaterMark: 1024 * 1024 })) hash.update(chunk as Buffer)
  return hash.digest('hex')
}

/** Copies one file, durable when it resolves, and gives its hash. */
export async function copyHashed(from: string, to: string): Promise<string> {
  const hash = createHash('sha256')
  const target = await open(to, 'wx', 0o600)
  try {
    for await (const chunk of createReadStream(from, { highWaterMark: 1024 * 1024 })) {
      hash.update(chunk as Buffer)
      await target.writeFile(chunk as Buffer)
    }
    await target.sync()
  } finally {
    await target.close()
  }
  return hash.digest('hex')
}

/**
 * Files below `folder`, by path relative to it, in order.
 * @throws for anything that is neither file nor folder, and for names that the list cannot hold
 */
export async function filesBelow(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true })
  return entries
    .filter((entry) => !entry.isDirectory())
    .map((entry) => {
      const path = relative(folder, join(entry.parentPath, entry.name))
      if (!entry.isFile()) throw new Error(`${join(folder, path)} is neither a file nor a folder`)
      if (/[\n\\]/.test(path)) throw new Error(`${JSON.stringify(path)} has a name that a list of hashes cannot hold`)
      return path
    })
    .sort()
}

export function renderSums(sums: ReadonlyMap<string, string>): string {
  return [...sums].map(([path, hash]) => `${hash}  ${path}\n`).join('')
}

/** Null for a text that is no such list. */
export function parseSums(text: string): Map<string, string> | null {
  const lines = text.split('\n')
  if (lines.pop() !== '') return null
  const rows = lines.map((line) => /^([0-9a-f]{64}) [ *](.+)$/.exec(line))
  if (rows.some((row) => row === null)) return null
  const sums = new Map(rows.map((row) => [row![2]!, row![1]!]))
  return sums.size === rows.length ? sums : null
}
