import { closeSync, existsSync, openSync, readdirSync, readFileSync, readSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { writeDurable } from '../model/durable-file.ts'
import { importRelease, type ImportReport } from '../rule-import/import.ts'
import { unpack } from './archive.ts'
import { verifyFolder } from './signed.ts'

/** What an update says of itself. */
interface About {
  kind: 'update'
  /** Rises with every update of one key; an older one is not taken, so that nobody can bring back rules that were mended. */
  serial: number
  madeAt: string
}

/** An update that is not taken; nothing was changed by it. */
export class UpdateError extends Error {
  override readonly name = 'UpdateError'
}

/** What was applied; or, for an archive of the program itself, that its signature holds. */
export type Applied = { kind: 'update'; serial: number; madeAt: string; packs: ImportReport[] } | { kind: 'program' }

const ABOUT_FILE = 'update.json'
const NOTED_FILE = 'updates.json'
const ARCHIVE_BYTES_MAX = 1024 ** 3
/** POSIX tar: where the word stands that says so. */
const MAGIC = { at: 257, word: 'ustar' }

/**
 * Applies a signed archive of rules, one pack after the other; what was changed in a pack at this place stays. One that was
 * interrupted is applied again.
 * @param scratch an empty folder for its files
 * @param pem the public key that is trusted
 * @throws {UpdateError} {SignatureError} {ImportError}
 */
export async function applyUpdate(
  archive: string,
  { scratch, pem, rulesFolder, dataFolder }: { scratch: string; pem: string; rulesFolder: string; dataFolder: string },
): Promise<Applied> {
  if (!isPlainTar(archive)) throw new UpdateError(`${archive} is no archive of an update · không phải gói cập nhật`)
  unpack(archive, scratch)
  await verifyFolder(scratch, pem)
  if (existsSync(join(scratch, 'install.sh'))) return { kind: 'program' }
  const { serial, madeAt } = readAbout(join(scratch, ABOUT_FILE))
  const noted = join(dataFolder, NOTED_FILE)
  const last = existsSync(noted) ? (JSON.parse(readFileSync(noted, 'utf8')) as { serial: number }).serial : 0
  if (serial < last)
    throw new UpdateError(`update ${serial} is older than ${last}, which is here · bản cũ hơn bản đang có`)
  const packs: ImportReport[] = []
  for (const [pack, path] of packsIn(join(scratch, 'rules'))) {
    packs.push(await importRelease({ rulesFolder, pack, path, dryRun: false }))
  }
  if (packs.length === 0) throw new UpdateError('it brings no rules · gói không có luật nào')
  writeDurable(noted, `${JSON.stringify({ serial, madeAt })}\n`)
  return { kind: 'update', serial, madeAt, packs }
}

/** Not compressed, so that it unpacks to no more than it is. */
function isPlainTar(path: string): boolean {
  const { size } = statSync(path)
  if (size > ARCHIVE_BYTES_MAX || size < 512) return false
  const file = openSync(path, 'r')
  try {
    const word = Buffer.alloc(MAGIC.word.length)
    readSync(file, word, 0, word.length, MAGIC.at)
    return word.toString('latin1') === MAGIC.word
  } finally {
    closeSync(file)
  }
}

function readAbout(path: string): About {
  const about = existsSync(path) ? (JSON.parse(readFileSync(path, 'utf8')) as About) : null
  if (about?.kind !== 'update' || !Number.isSafeInteger(about.serial) || about.serial < 1) {
    throw new UpdateError(`${ABOUT_FILE} is missing or is none · gói không phải bản cập nhật`)
  }
  return about
}

/** Folders and ZIP archives below `folder`, by the pack that they are for. */
function packsIn(folder: string): [pack: string, path: string][] {
  if (!existsSync(folder)) return []
  return readdirSync(folder)
    .sort()
    .map((name) => {
      const pack = name.replace(/\.zip$/, '')
      if (!/^[a-z0-9][a-z0-9-]{0,40}$/.test(pack) || pack === 'pipelines') {
        throw new UpdateError(`${JSON.stringify(pack)} is no name of a pack`)
      }
      return [pack, join(folder, name)]
    })
}
