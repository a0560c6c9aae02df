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
export type Applied =
  | { kind: 'update'; serial: number; madeAt: string; packs: ImportReport[]; feeds: AppliedFeed[] }
  | { kind: 'program' }

interface AppliedFeed {
  name: string
  indicators: number
}

const ABOUT_FILE = 'update.json'
const NOTED_FILE = 'updates.json'
const ARCHIVE_BYTES_MAX = 1024 ** 3
/** POSIX tar: where the word stands that says so. */
const MAGIC = { at: 257, word: 'ustar' }

/**
 * Applies a signed archive of rules and indicators, one pack and one feed after the other; what was changed in a pack at this
 * place stays, a feed is replaced. One that was interrupted is applied again.
 * @param scratch an empty folder for its files
 * @param pem the public key that is trusted
 * @param importFeed reads a file into a feed
 * @throws {UpdateError} {SignatureError} {ImportError}
 */
export async function applyUpdate(
  archive: string,
  {
    scratch,
    pem,
    rulesFolder,
    dataFolder,
    importFeed,
  }: {
    scratch: string
    pem: string
    rulesFolder: string
    dataFolder: string
    importFeed: (feed: { feed: string; path: string }) => Promise<AppliedFeed>
  },
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
  const [packFiles, feedFiles] = [packsIn(join(scratch, 'rules')), feedsIn(join(scratch, 'indicators'))]
  if (packFiles.length + feedFiles.length === 0)
    throw new UpdateError('it brings no rules and no indicators · gói không có luật hay dấu hiệu nào')
  const feeds: AppliedFeed[] = []
  for (const [feed, path] of feedFiles) {
    try {
      feeds.push(await importFeed({ feed, path }))
    } catch (error) {
      throw new UpdateError(`feed ${feed}: ${error instanceof Error ? error.message : String(error)}`, { cause: error })
    }
  }
  const packs: ImportReport[] = []
  for (const [pack, path] of packFiles) packs.push(await importRelease({ rulesFolder, pack, path, dryRun: false }))
  writeDurable(noted, `${JSON.stringify({ serial, madeAt })}\n`)
  return { kind: 'update', serial, madeAt, packs, feeds }
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
  return named(folder, /^([a-z0-9][a-z0-9-]{0,40})(?:\.zip)?$/, 'a pack').map(([pack, path]) => {
    if (pack === 'pipelines') throw new UpdateError('"pipelines" is no name of a pack')
    return [pack, path]
  })
}

/** Files below `folder`, by the feed that they are for. */
function feedsIn(folder: string): [feed: string, path: string][] {
  return named(folder, /^([a-z0-9][a-z0-9-]{0,62})(?:\.[a-z0-9]{1,8})?$/, 'a feed')
}

function named(folder: string, pattern: RegExp, what: string): [name: string, path: string][] {
  if (!existsSync(folder)) return []
  return readdirSync(folder)
    .sort()
    .map((file) => {
      const name = pattern.exec(file)?.[1]
      if (name === undefined) throw new UpdateError(`${JSON.stringify(file)} is no name of ${what}`)
      return [name, join(folder, file)]
    })
}
