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
  unlinkSync,
  writeFileSync,
} from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join, relative, sep } from 'node:path'
import type { RuleFile } from './detection/types.ts'

/**
 * All that decides what a record becomes besides the program itself: rules, pipelines, log sources, registry. Named by its
 * content; a control record in the spool says from which position it is in force, so that a replay uses what was in force.
 */
export interface Bundle {
  rules: RuleFile[]
  registry: { path: string; text: string }
  timeZone: string
  /** Version of the country database: a new one is a change like any other, though only the newest is at hand. */
  countries: string
}

/** What a control record says. */
export type Control = { bundle: string } | { drops: { source: string; count: number }[] }

const COUNTRIES = '@ip-location-db/geo-whois-asn-country-mmdb/package.json'

/** Reads every YAML file below the rules folder (tests of rules left out) and the registry. */
export function readBundle(options: { rulesFolder: string; registry: string; timeZone: string }): Bundle {
  const { rulesFolder, registry, timeZone } = options
  const rules = readdirSync(rulesFolder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && /\.ya?ml$/.test(entry.name) && !/\.test\.ya?ml$/.test(entry.name))
    .map((entry) => {
      const path = join(entry.parentPath, entry.name)
      return { path: relative(rulesFolder, path).split(sep).join('/'), text: readFileSync(path, 'utf8') }
    })
    .sort((a, b) => (a.path < b.path ? -1 : 1))
  const { version: countries } = createRequire(import.meta.url)(COUNTRIES) as { version: string }
  return { rules, registry: { path: registry, text: readFileSync(registry, 'utf8') }, timeZone, countries }
}

/** Writes the bundle under its hash, durable, and gives the hash. */
export function keepBundle(folder: string, bundle: Bundle): string {
  const text = JSON.stringify(bundle)
  const hash = createHash('sha256').update(text).digest('hex')
  mkdirSync(folder, { recursive: true })
  if (existsSync(bundlePath(folder, hash))) return hash
  writeDurable(bundlePath(folder, hash), text)
  return hash
}

/** @throws if the file is missing or is not what its name says. */
export function loadBundle(folder: string, hash: string): Bundle {
  const text = readFileSync(bundlePath(folder, hash), 'utf8')
  if (createHash('sha256').update(text).digest('hex') !== hash) throw new Error(`bundle ${hash} was altered`)
  return JSON.parse(text) as Bundle
}

/** The bundle last announced in the spool; empty before the first. */
export function announcedBundle(folder: string): string {
  const path = join(folder, 'announced')
  return existsSync(path) ? readFileSync(path, 'utf8') : ''
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
