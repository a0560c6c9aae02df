import { execFile } from 'node:child_process'
import { existsSync } from 'node:fs'
import { link, mkdir, readdir } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { promisify } from 'node:util'

const run = promisify(execFile)

/**
 * Copies the database in `folder` into `target`; nobody may write it meanwhile. By another process: DuckDB's lock on the file
 * would be gone as soon as this one closed it a second time (POSIX record locks belong to a process, not to a handle).
 */
export async function copyDatabase(folder: string, target: string): Promise<void> {
  await mkdir(target, { recursive: true, mode: 0o700 })
  const files = ['hot.duckdb', 'hot.duckdb.wal'].map((name) => join(folder, name)).filter((path) => existsSync(path))
  if (files.length > 0) await run('cp', ['--', ...files, target])
}

/**
 * Links the sealed files below `segments` into `target`, with what lies beside them; they never change, so that a link is a
 * copy. Whatever is not in `listed` may vanish meanwhile, and is deleted again by whoever opens the copy.
 */
export async function linkSegments(segments: string, target: string, listed: ReadonlySet<string>): Promise<void> {
  await mkdir(target, { recursive: true, mode: 0o700 })
  for (const day of new Set([...listed].map(dirname))) {
    await mkdir(join(target, day), { recursive: true, mode: 0o700 })
    for (const name of await readdir(join(segments, day))) {
      if (name.endsWith('.tmp')) continue
      await link(join(segments, day, name), join(target, day, name)).catch((error: NodeJS.ErrnoException) => {
        if (error.code !== 'ENOENT' || listed.has(`${day}/${name}`)) throw error
      })
    }
  }
}

/** The whole store in `folder`, which no process has open. */
export async function copyStopped(folder: string, target: string): Promise<void> {
  await copyDatabase(folder, target)
  const segments = join(folder, 'segments')
  const names = existsSync(segments) ? await readdir(segments, { recursive: true }) : []
  await linkSegments(segments, join(target, 'segments'), new Set(names.filter((name) => name.endsWith('.parquet'))))
}
