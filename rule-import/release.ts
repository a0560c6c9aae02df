import { readdirSync, readFileSync, statSync } from 'node:fs'
import { basename, join } from 'node:path'
import { ImportError } from './errors.ts'
import { readZip } from './zip.ts'

/** What a release brings. */
export interface Release {
  /** Name of the archive or folder. */
  name: string
  /** Rule files by their path in the release, with `/`. */
  rules: Map<string, string>
  /** Licence, notice and version texts from the top of the release, by name. */
  notices: Map<string, string>
  /** Files of rules that were left out, and why. */
  refused: Refusal[]
}

export interface Refusal {
  path: string
  reason: string
}

const ARCHIVE_BYTES_MAX = 256 * 2 ** 20
const TEXT_BYTES_MAX = 512 * 1024
const TEXTS_BYTES_MAX = 256 * 2 ** 20
const FILES_MAX = 50_000
const PATH_BYTES_MAX = 1_000
const NAME_BYTES_MAX = 200

const NOTICE = /^(?:licen[cs]e|notice|version|copying)[\w.-]*$/i
/** SigmaHQ's own: `rules`, `rules-emerging-threats`, `rules-threat-hunting` … */
const RULES_FOLDER = /^rules(?:-[\w-]+)?$/

interface Source {
  path: string
  bytes: number
  isLink: boolean
  read: () => Buffer
}

/**
 * Reads a release of SigmaHQ, or any pack of Sigma rules: a ZIP archive or a folder. Of a release with folders named `rules…`
 * only those count; links are never followed.
 * @throws {ImportError} nothing may be taken from it: a path that leads out, more than a release can hold, no archive, no rules
 */
export function readRelease(path: string): Release {
  const sources = statSync(path).isDirectory() ? fromFolder(path) : fromArchive(path)
  if (sources.length > FILES_MAX) throw new ImportError('too_large', `more than ${FILES_MAX} files`)
  for (const source of sources) checkPath(source.path)
  const inner = withoutRoot(sources)
  const isRelease = inner.some((source) => RULES_FOLDER.test(source.path.split('/')[0]!) && isYaml(source.path))
  const isRule = ({ path }: Source): boolean => isYaml(path) && (!isRelease || RULES_FOLDER.test(path.split('/')[0]!))
  const wanted = inner.filter((source) => isRule(source) || NOTICE.test(source.path))
  // As claimed; what is larger than it claims does not unpack.
  const bytes = wanted.reduce((sum, source) => sum + source.bytes, 0)
  if (bytes > TEXTS_BYTES_MAX) throw new ImportError('too_large', 'its rules unpack to more than 256 MiB')
  const release: Release = { name: basename(path), rules: new Map(), notices: new Map(), refused: [] }
  for (const source of wanted) {
    const text = source.isLink ? 'it is a link' : readText(source)
    if (typeof text === 'string') release.refused.push({ path: source.path, reason: text })
    else (isRule(source) ? release.rules : release.notices).set(source.path, text.text)
  }
  if (release.rules.size === 0) throw new ImportError('no_rules', `${path} holds no rule files`)
  return release
}

function isYaml(path: string): boolean {
  return /\.ya?ml$/.test(path) && !path.split('/').some((name) => name.startsWith('.'))
}

function fromArchive(path: string): Source[] {
  if (statSync(path).size > ARCHIVE_BYTES_MAX) throw new ImportError('too_large', `${path} is larger than 256 MiB`)
  return readZip(readFileSync(path)).map((entry) => ({
    path: entry.name,
    bytes: entry.size,
    isLink: entry.isLink,
    read: () => entry.read(),
  }))
}

function fromFolder(folder: string, prefix = ''): Source[] {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry): Source[] => {
    const at = join(folder, entry.name)
    const path = `${prefix}${entry.name}`
    if (entry.name.startsWith('.')) return []
    if (entry.isDirectory()) return fromFolder(at, `${path}/`)
    if (entry.isSymbolicLink()) return [{ path, bytes: 0, isLink: true, read: () => Buffer.alloc(0) }]
    return entry.isFile() ? [{ path, bytes: statSync(at).size, isLink: false, read: () => readFileSync(at) }] : []
  })
}

/** A name from an archive may become a path only where it stays below and is the same on every system. */
function checkPath(path: string): void {
  const names = path.split('/')
  const unsafe =
    Buffer.byteLength(path) > PATH_BYTES_MAX ||
    names.some((name) => name === '' || name === '.' || name === '..' || Buffer.byteLength(name) > NAME_BYTES_MAX) ||
    /[\\:\p{Cc}\p{Cf}]/u.test(path)
  if (unsafe) throw new ImportError('unsafe_path', `${JSON.stringify(path.slice(0, 200))} is no safe path`)
}

/** An archive of a repository has all in one folder; its name says the version. */
function withoutRoot(sources: readonly Source[]): Source[] {
  const roots = new Set(sources.map(({ path }) => path.slice(0, path.indexOf('/') + 1)))
  const [root = ''] = roots
  if (roots.size !== 1 || root === '' || RULES_FOLDER.test(root.slice(0, -1))) return [...sources]
  return sources.map((source) => ({ ...source, path: source.path.slice(root.length) }))
}

/** The text, or why there is none. */
function readText(source: Source): { text: string } | string {
  if (source.bytes > TEXT_BYTES_MAX) return `it is larger than ${TEXT_BYTES_MAX / 1024} KiB`
  try {
    const text = new TextDecoder('utf-8', { fatal: true }).decode(source.read())
    return { text: text.replaceAll('\r\n', '\n') }
  } catch (error) {
    if (error instanceof TypeError) return 'it is not UTF-8'
    throw error
  }
}
