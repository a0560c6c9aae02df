import { mkdir, open, readFile, rename } from 'node:fs/promises'
import { dirname } from 'node:path'

/**
 * What an input has written down, or null where it never did.
 * @throws Error where it does not read back: to begin anew would take in everything again
 */
export async function readState(path: string): Promise<unknown> {
  const text = await readFile(path, 'utf8').catch((error: unknown) => {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null
    throw error
  })
  if (text === null) return null
  try {
    return JSON.parse(text) as unknown
  } catch (cause) {
    throw damaged(path, cause)
  }
}

export function damaged(path: string, cause?: unknown): Error {
  const what = `${path} does not say how far was read; move it away to read everything again`
  return new Error(what, { cause })
}

/** Writes it down, so that after a crash either this or the former is there. Durable when it resolves. */
export async function writeState(path: string, state: unknown): Promise<void> {
  const folder = dirname(path)
  await mkdir(folder, { recursive: true, mode: 0o700 })
  const file = await open(`${path}.tmp`, 'w', 0o600)
  try {
    await file.writeFile(JSON.stringify(state))
    await file.datasync()
  } finally {
    await file.close()
  }
  await rename(`${path}.tmp`, path)
  const entry = await open(folder, 'r')
  try {
    await entry.sync()
  } finally {
    await entry.close()
  }
}
