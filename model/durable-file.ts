import { closeSync, fsyncSync, openSync, renameSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'

/** Writes a file whole under its name, or not at all; it survives a power cut when this returns. Only its owner reads it. */
export function writeDurable(path: string, content: string | Uint8Array): void {
  const file = openSync(`${path}.tmp`, 'w', 0o600)
  try {
    writeFileSync(file, content) // all of it, or it throws
    fsyncSync(file)
  } finally {
    closeSync(file)
  }
  renameSync(`${path}.tmp`, path)
  const folder = openSync(dirname(path), 'r')
  fsyncSync(folder) // the name, too: the log is about to refer to it
  closeSync(folder)
}
