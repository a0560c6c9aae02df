import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, unlinkSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { loadUserParsers } from '../collector/user-parser.ts'
import type { RuleFile, RuleProblem } from '../detection/types.ts'
import { writeDurable } from '../model/durable-file.ts'
import type { Alert } from '../model/alert.ts'
import type { Frame } from '../model/record.ts'
import type { ChangeNote } from '../store/local/rule-revisions.ts'
import { findYaml, readRulesFolder } from '../rule-life/folder.ts'

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
  /** Filters that people have put in force as exceptions, each under a path of its own. */
  exceptions?: RuleFile[]
  registry: { path: string; text: string }
  /** Parsers that the place has written, in the order in which they are asked. */
  parsers?: { path: string; text: string }[]
  /** What is noted as hidden in new events. */
  personal?: { path: string; text: string }
  timeZone: string
  /** Security levels whose records are kept equally long, where some are kept longer than others: what lies together. */
  retention?: readonly string[]
  /** Version of the country database: a new one is a change like any other, though only the newest is at hand. */
  countries: string
}

/** The last version that loaded of what does not load any more. */
export interface Kept extends RuleFile {
  /** When it was announced, ISO 8601. */
  since: string
}

/** All that is loaded as rules. */
export function ruleFilesOf({ rules, kept = [], exceptions = [] }: Bundle): RuleFile[] {
  return [...rules, ...kept, ...exceptions]
}

/** What a control record says. */
export type Control =
  | { bundle: string; change?: ChangeNote }
  /** Name of the manifest of the indicators in force from here on (`indicators/files.ts`). */
  | { indicators: string }
  | { drops: { source: string; agency?: string; count: number }[] }
  /** What stored events showed of indicators that came later: alerts, each as the stream would have raised it. */
  | { hunted: Alert[] }
  /** Nothing came for a minute: time goes on all the same. */
  | { quiet: true }

/** A control record as the spool takes it. */
export function controlFrame(control: Control): Frame {
  return { origin: { input: 'control', address: '' }, bytes: Buffer.from(JSON.stringify(control)) }
}

const COUNTRIES = '@ip-location-db/geo-whois-asn-country-mmdb/package.json'

/**
 * Reads every YAML file below the rules folder (tests of rules left out), the registry and the place's own parsers.
 * @throws {UserParserError} for a parser that does not load
 */
export function readBundle(options: {
  rulesFolder: string
  registry: string
  timeZone: string
  parsersFolder?: string
  personal?: string
  exceptions?: RuleFile[]
  retention?: { classes: readonly string[] }
}): Bundle {
  const { rulesFolder, registry, timeZone, parsersFolder, personal, exceptions = [], retention } = options
  const parsers = parsersFolder === undefined ? [] : readUserParsers(parsersFolder)
  loadUserParsers(parsers)
  const rules = readRulesFolder(rulesFolder)
  const { version: countries } = createRequire(import.meta.url)(COUNTRIES) as { version: string }
  return {
    rules,
    ...(exceptions.length > 0 && { exceptions }),
    registry: { path: registry, text: readFileSync(registry, 'utf8') },
    ...(parsers.length > 0 && { parsers }),
    ...(personal !== undefined && { personal: { path: personal, text: readFileSync(personal, 'utf8') } }),
    timeZone,
    ...(retention !== undefined && retention.classes.length > 1 && { retention: retention.classes }),
    countries,
  }
}

/** The files of the folder of parsers, in order of path; none where there is no such folder. */
export function readUserParsers(folder: string): { path: string; text: string }[] {
  if (!existsSync(folder)) return []
  return findYaml(folder).map((path) => ({ path, text: readFileSync(join(folder, path), 'utf8') }))
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
