import { createHash } from 'node:crypto'
import {
  closeSync,
  existsSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  renameSync,
  statSync,
  unlinkSync,
  writeFileSync,
} from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import type { RuleFile, RuleProblem } from './detection/types.ts'
import { readRulesFolder } from './rules-folder.ts'

/**
 * All that decides what a record becomes besides the program itself: rules, pipelines, log sources, registry. Named by its
 * content; a control record in the spool says from which position it is in force, so that a replay uses what was in force.
 */
export interface Bundle {
  /** As they stand in the rules folder, but for pipelines and other settings of rules whose edit does not load. */
  rules: RuleFile[]
  /** Rules as they last loaded, each by itself, under the path of the file whose edit does not load. */
  kept?: Kept[]
  /** What is to be said of both. */
  problems?: RuleProblem[]
  registry: { path: string; text: string }
  timeZone: string
  /** Version of the country database: a new one is a change like any other, though only the newest is at hand. */
  countries: string
}

/** The last version that loaded of what does not load any more. */
export interface Kept extends RuleFile {
  /** When it was announced, ISO 8601. */
  since: string
}

/** What a control record says. */
export type Control =
  | { bundle: string }
  | { drops: { source: string; agency?: string; count: number }[] }
  /** Nothing came for a minute: time goes on all the same. */
  | { quiet: true }

const COUNTRIES = '@ip-location-db/geo-whois-asn-country-mmdb/package.json'

/** Reads every YAML file below the rules folder (tests of rules left out) and the registry. */
export function readBundle(options: { rulesFolder: string; registry: string; timeZone: string }): Bundle {
  const { rulesFolder, registry, timeZone } = options
  const rules = readRulesFolder(rulesFolder)
  const { version: countries } = createRequire(import.meta.url)(COUNTRIES) as { version: string }
  return { rules, registry: { path: registry, text: readFileSync(registry, 'utf8') }, timeZone, countries }
}

/** Writes the bundle under its hash, durable, and gives the hash. */
export function keepBundle(folder: string, bundle: Bundle): string {
  const text = JSON.stringify(bundle)
  const hash = hashOf(text)
  mkdirSync(folder, { recursive: true })
  if (existsSync(bundlePath(folder, hash))) return hash
  writeDurable(bundlePath(folder, hash), text)
  return hash
}

/** @throws if the file is missing or is not what its name says. */
export function loadBundle(folder: string, hash: string): Bundle {
  const text = readFileSync(bundlePath(folder, hash), 'utf8')
  if (hashOf(text) !== hash) throw new Error(`bundle ${hash} was altered`)
  return JSON.parse(text) as Bundle
}

/** The bundle last announced in the spool; empty before the first. */
export function announcedBundle(folder: string): string {
  const path = join(folder, 'announced')
  return existsSync(path) ? readFileSync(path, 'utf8') : ''
}

/** When the bundle was first announced, ISO 8601. */
export function bundleTime(folder: string, hash: string): string {
  return statSync(bundlePath(folder, hash)).mtime.toISOString()
}

/** Call when the control record is durable. Should a crash come between the two, the bundle is announced once more. */
export function noteAnnounced(folder: string, hash: string): void {
  writeDurable(join(folder, 'announced'), hash)
}

/** Deletes bundles that neither the checkpoint nor a record after it can name. */
export function pruneBundles(folder: string, keep: ReadonlySet<string>): void {
  for (const name of readdirSync(folder)) {
    if (name.endsWith('.json') && !keep.has(name.slice(0, -'.json'.length))) unlinkSync(join(folder, name))
  }
}

/** The name under which `keepBundle` keeps it. */
export function bundleHash(bundle: Bundle): string {
  return hashOf(JSON.stringify(bundle))
}

function hashOf(text: string): string {
  return createHash('sha256').update(text).digest('hex')
}

function bundlePath(folder: string, hash: string): string {
  return join(folder, `${hash}.json`)
}

function writeDurable(path: string, text: string): void {
  const file = openSync(`${path}.tmp`, 'w', 0o600)
  try {
    writeFileSync(file, text) // all of it, or it throws
    fsyncSync(file)
  } finally {
    closeSync(file)
  }
  renameSync(`${path}.tmp`, path)
  const folder = openSync(dirname(path), 'r')
  fsyncSync(folder) // the name, too: the log is about to refer to it
  closeSync(folder)
}
