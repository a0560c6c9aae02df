import { readFileSync, renameSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Logger } from 'pino'
import { exceptionFiles } from '../api/exceptions/tend.ts'
import { Problem } from '../api/problem.ts'
import type { Services } from '../api/services.ts'
import { SpoolError } from '../collector/spool/errors.ts'
import type { Spool } from '../collector/spool/spool.ts'
import type { Config } from '../config.ts'
import { readNeverList, type NeverList } from '../detection/indicators/never.ts'
import type { RuleEdit } from '../detection/life.ts'
import type { RuleFile } from '../detection/types.ts'
import { ownNetworks } from '../indicators/indicators.ts'
import { Masking, readPersonal } from '../model/personal.ts'
import { parseRegistry, type Registry } from '../model/registry.ts'
import { zoneOffset } from '../model/time-zone.ts'
import {
  announcedBundle,
  bundleHash,
  bundleTime,
  controlFrame,
  keepBundle,
  loadBundle,
  noteAnnounced,
  pruneBundles,
  readBundle,
  ruleFilesOf,
  type Bundle,
} from '../pipeline/bundle.ts'
import { editedFiles, RuleEditError } from '../rule-life/edit.ts'
import { readRulesFolder } from '../rule-life/folder.ts'
import { writeRuleFile } from '../rule-life/write.ts'
import { keepLastGoodAside } from '../rule-work/trial.ts'
import { noteInForce } from '../store/local/exceptions.ts'
import type { LocalDatabase } from '../store/local/database.ts'
import { noteRegistry } from '../store/local/registry-revisions.ts'
import type { ChangeNote } from '../store/local/rule-revisions.ts'
import { named } from './settings.ts'

const DAY = 'YYYY-MM-DD'.length

interface Parts {
  config: Config
  spool: Spool
  local: LocalDatabase
  log: Logger
}

/**
 * Rules, registry and the lists read with them, as they are in force. The log itself says from which position others count
 * (law 4), so each change of them is announced there; one after another, since each notes what the log says last.
 */
export class InForce {
  readonly #parts: Parts
  readonly #bundles: string
  #registry: Registry
  #never: NeverList
  #masking: Masking
  /** Hash of the bundle announced last. */
  #bundle = ''
  /** From this position on no other bundle can come than that one. */
  #seq: number
  #waits = false
  #announcing: Promise<unknown> = Promise.resolve()
  #files: { bundle: string; files: RuleFile[] } | undefined

  private constructor(parts: Parts, registry: Registry) {
    this.#parts = parts
    this.#bundles = join(parts.config.dataFolder, 'bundles')
    this.#registry = registry
    this.#never = named('incidents.never', () => readNeverList(parts.config.incidents.never))
    this.#masking = named('personal', () => new Masking(readPersonal(parts.config.personal)))
    this.#seq = parts.spool.durableSeq
  }

  /** Announces what the settings name, where the log does not say so yet. @throws {ConfigError} it cannot be used */
  static async announced(parts: Parts, registry: Registry): Promise<InForce> {
    const inForce = new InForce(parts, registry)
    await inForce.reload().catch((error: unknown) => {
      const isFull = error instanceof SpoolError && error.code === 'disk_full'
      if (!isFull || announcedBundle(inForce.#bundles) === '') throw error
      inForce.#waits = true
      parts.log.error({ error }, 'changed rules are not in force yet')
    })
    return inForce
  }

  get registry(): Registry {
    return this.#registry
  }

  get masking(): Masking {
    return this.#masking
  }

  /** What no indicator and no block may name, the networks of the registry among it. */
  get never(): NeverList {
    return { ...this.#never, networks: [...this.#never.networks, ...ownNetworks(this.#registry)] }
  }

  /** The rules in force, as their files. */
  get ruleFiles(): readonly RuleFile[] {
    const bundle = this.#bundle
    if (this.#files?.bundle !== bundle) {
      this.#files = { bundle, files: ruleFilesOf(loadBundle(this.#bundles, bundle)) }
    }
    return this.#files.files
  }

  /** Changed rules wait for room on the disk; the former ones stay, and let the spool be worked off. */
  get waits(): boolean {
    return this.#waits
  }

  /** Reads everything again; in force from here on, where it is another. @throws what was in force stays */
  async reload(): Promise<void> {
    await this.#next(() => this.#announce())
    this.#waits = false
  }

  /** Puts what a person settled about a rule into the rules folder, and into the log with who did it and why. */
  async changeRules(edit: RuleEdit, note: { by: string; why: string }): Promise<{ seq: number }> {
    const { rulesFolder, timeZone } = this.#parts.config
    const make = async (): Promise<void> => {
      const day = new Date(Date.now() + zoneOffset(timeZone)(Date.now())).toISOString().slice(0, DAY)
      const edited = await editedFiles(readRulesFolder(rulesFolder), edit, { ...note, day })
      for (const file of edited) writeRuleFile(rulesFolder, file)
      await this.#announce({ ...note, rules: [edit.rule] })
    }
    await this.#next(make).catch((error: unknown) => {
      throw error instanceof RuleEditError ? new Problem('rule_refused', error.message) : error
    })
    return { seq: this.#seq }
  }

  /** Writes the registry anew and has the log say so; what cannot be announced is not written. */
  readonly changeRegistry: Services['changeRegistry'] = async (edit, note) => {
    const path = this.#parts.config.registry
    const make = async (): Promise<void> => {
      const text = readFileSync(path, 'utf8')
      if (text !== loadBundle(this.#bundles, this.#bundle).registry.text) {
        throw new Problem('registry_refused', 'the file was changed by hand and is not in force yet: SIGHUP')
      }
      writeRegistry(path, edit(text))
      await this.#announce({ ...note, rules: [] }).catch((error: unknown) => {
        writeRegistry(path, text)
        throw error
      })
    }
    await this.#next(make)
    return { seq: this.#seq }
  }

  /** Notes at exceptions that they are in force, and since which position. */
  noteExceptions(): void {
    const ids = this.ruleFiles.flatMap(({ exception }) => (exception === undefined ? [] : [exception.id]))
    noteInForce(this.#parts.local, ids, this.#seq, new Date().toISOString())
  }

  /**
   * Deletes what was in force before.
   * @param seq through which the pipeline has come, under `bundle`: before the last announcement, rules that were taken back
   *   since may be in force once more, on the way to those of now
   */
  prune(seq: number, bundle: string): void {
    if (seq >= this.#seq && bundle === this.#bundle) pruneBundles(this.#bundles, new Set([bundle]))
  }

  #next(make: () => Promise<void>): Promise<void> {
    const made = this.#announcing.then(make, make)
    this.#announcing = made
    return made
  }

  async #announce(change?: ChangeNote): Promise<void> {
    const { config, spool, local } = this.#parts
    const candidate = named('rulesFolder', () =>
      readBundle({ ...config, exceptions: exceptionFiles(local, Date.now()) }),
    )
    const registry = parseRegistry(candidate.registry.text, candidate.registry.path)
    const former = announcedBundle(this.#bundles)
    const previous = former === '' || former === bundleHash(candidate) ? null : this.#kept(former)
    const bundle = previous === null ? candidate : await keepLastGoodAside(candidate, previous.bundle, previous.since)
    this.#bundle = keepBundle(this.#bundles, bundle) // before the log says so, that it is not pruned meanwhile
    if (former !== this.#bundle) {
      const said = controlFrame({ bundle: this.#bundle, ...(change && { change }) })
      this.#seq = await spool.append([said]).catch((error: unknown) => {
        this.#bundle = former
        throw error
      })
      noteAnnounced(this.#bundles, this.#bundle)
    }
    const { text } = candidate.registry
    const { by = '', why = '' } = change ?? {}
    noteRegistry(local, { text, at: new Date().toISOString(), seq: this.#seq, by, why })
    this.#never = named('incidents.never', () => readNeverList(config.incidents.never))
    this.#masking = named('personal', () => new Masking(readPersonal(config.personal)))
    this.#registry = registry
  }

  /** What was announced under that hash; null where it is lost, so that nothing can be kept of it. */
  #kept(hash: string): { bundle: Bundle; since: string } | null {
    try {
      return { bundle: loadBundle(this.#bundles, hash), since: bundleTime(this.#bundles, hash) }
    } catch (error) {
      this.#parts.log.warn(
        { error },
        'the rules announced last do not read back: those of now are announced as they are',
      )
      return null
    }
  }
}

/** Puts the registry in its place at once: whoever reads finds the former or the new one. @throws {Problem} it cannot be written */
function writeRegistry(path: string, text: string): void {
  try {
    writeFileSync(`${path}.new`, text, { flush: true, mode: statSync(path).mode })
    renameSync(`${path}.new`, path)
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code ?? 'failed'
    throw new Problem('registry_refused', `the file cannot be written: ${code}`)
  }
}
