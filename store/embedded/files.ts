import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { mkdir, readdir, rename, rm, stat } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { syncPath } from '../../model/durable-file.ts'

/** Creates a folder whose entry in its parent survives a power cut. */
export async function makeFolder(path: string): Promise<void> {
  await mkdir(path, { recursive: true, mode: 0o700 })
  await syncPath(dirname(path))
}

/** Gives a finished file its name: after this, either the whole file is there under `path` or nothing is. */
export async function publish(temporary: string, path: string): Promise<number> {
  await syncPath(temporary)
  await rename(temporary, path)
  await syncPath(dirname(path))
  return (await stat(path)).size
}

/** Deletes files below `folder` that `keep` does not hold (by path relative to it), and folders left empty. */
export async function sweep(folder: string, keep: ReadonlySet<string>): Promise<void> {
  for (const entry of await readdir(folder, { withFileTypes: true })) {
    if (!entry.isDirectory()) {
      await rm(join(folder, entry.name))
      continue
    }
    const names = await readdir(join(folder, entry.name))
    const kept = names.filter((name) => keep.has(`${entry.name}/${name}`))
    if (kept.length === 0) await rm(join(folder, entry.name), { recursive: true })
    else
      for (const name of names) if (!kept.includes(name)) await rm(join(folder, entry.name, name), { recursive: true })
  }
}

/** SHA-256 of a file, lower-case hex; `null` where there is none. */
export async function digestOf(path: string): Promise<string | null> {
  const digest = createHash('sha256')
  try {
    for await (const chunk of createReadStream(path, { highWaterMark: 1024 * 1024 })) digest.update(chunk as Buffer)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null
    throw error
  }
  return digest.digest('hex')
}
