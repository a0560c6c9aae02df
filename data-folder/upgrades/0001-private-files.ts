import { chmod, readdir } from 'node:fs/promises'
import { join } from 'node:path'
import type { Upgrade } from '../upgrade.ts'

const OTHERS_READ_NOTHING = { file: 0o600, folder: 0o700 }

/** Earlier programs left it to the umask who may read segments and state, and relied on the folder around them. */
async function makePrivate(folder: string): Promise<void> {
  await chmod(folder, OTHERS_READ_NOTHING.folder)
  for (const entry of await readdir(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name)
    if (entry.isDirectory()) await makePrivate(path)
    else if (entry.isFile()) await chmod(path, OTHERS_READ_NOTHING.file) // links are left alone: they lead out of the folder
  }
}

export default {
  summary: 'files and folders are readable by their owner only',
  run: makePrivate,
} satisfies Upgrade
