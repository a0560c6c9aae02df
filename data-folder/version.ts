import { existsSync, readFileSync } from 'node:fs'
import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { lockFolder } from '../collector/spool/lock.ts'
import { loadFolder } from '../model/load-folder.ts'
import { writeDurable } from '../model/durable-file.ts'
import type { Upgrade } from './upgrade.ts'

const VERSION_FILE = 'version.json'
/** Stands in a folder that is being put back from a backup, until all of it is there. */
export const RESTORING_FILE = 'restoring'

/** What `version.json` holds. A folder without one is of version 0, which knew no versions. */
interface Version {
  version: number
  /** Set while steps run: what lies here is of neither version until they have ended. */
  upgradingTo?: number
}

/** The folder is not one that this program may work on; the message names its path and what to do. */
export class DataFolderError extends Error {
  override readonly name = 'DataFolderError'
}

/** The steps that this program knows, from version 0 on: as many as its own version says. */
export async function knownUpgrades(): Promise<Upgrade[]> {
  const steps = await loadFolder<Upgrade>(new URL('upgrades/', import.meta.url))
  for (const [i, name] of [...steps.keys()].entries()) {
    if (Number(/^(\d{4})-/.exec(name)?.[1]) !== i + 1) throw new Error(`upgrades/${name} is not number ${i + 1}`)
  }
  return [...steps.values()]
}

/**
 * Version of a data folder, null for one that holds nothing yet.
 * @param known version of this program
 * @throws {DataFolderError} a newer program wrote it, or it is only half put back
 */
export function readVersion(folder: string, known: number): Version | null {
  if (existsSync(join(folder, RESTORING_FILE))) {
    throw new DataFolderError(
      `${folder} is a restore that was interrupted: run 'soc restore' again · khôi phục bị dở dang, hãy chạy lại`,
    )
  }
  const path = join(folder, VERSION_FILE)
  if (!existsSync(path)) return existsSync(join(folder, 'local.db')) ? { version: 0 } : null
  const found = parse(path)
  const highest = Math.max(found.version, found.upgradingTo ?? 0)
  if (highest > known) {
    throw new DataFolderError(
      `${folder} has version ${highest}; this program knows versions up to ${known} and there is no way back: ` +
        'start the newer program, or restore a backup of before the upgrade · dữ liệu do bản mới hơn ghi, không hạ cấp được',
    )
  }
  return found
}

function parse(path: string): Version {
  try {
    const { version, upgradingTo } = JSON.parse(readFileSync(path, 'utf8')) as Version
    const whole = (value: unknown): boolean => Number.isInteger(value) && (value as number) >= 0
    if (whole(version) && (upgradingTo === undefined || whole(upgradingTo))) {
      return { version, ...(upgradingTo !== undefined && { upgradingTo }) }
    }
  } catch {
    // Said below, with the path.
  }
  throw new DataFolderError(`${path} is damaged: take it from a backup · tệp bị hỏng, hãy lấy lại từ bản sao lưu`)
}

/**
 * Makes a data folder ready for this program: a new one gets its version, an older one is lifted step by step. The version is
 * noted after every step, so that one that was interrupted is done again and nothing before it.
 * @param said told of each step before it runs
 * @throws {DataFolderError}
 * @throws {SpoolError} locked: another process works on it
 */
export async function prepareDataFolder(
  folder: string,
  said: (step: string) => void,
  upgrades?: readonly Upgrade[],
): Promise<void> {
  const steps = upgrades ?? (await knownUpgrades())
  await mkdir(folder, { recursive: true, mode: 0o700 })
  const found = readVersion(folder, steps.length)
  if (found === null) return note(folder, { version: steps.length })
  if (found.version === steps.length) return
  const spool = join(folder, 'spool')
  const unlock = existsSync(spool) ? await lockFolder(spool) : () => Promise.resolve()
  try {
    for (let version = found.version; version < steps.length; version++) {
      note(folder, { version, upgradingTo: steps.length })
      said(`${version} → ${version + 1}: ${steps[version]!.summary}`)
      await steps[version]!.run(folder)
    }
    note(folder, { version: steps.length })
  } finally {
    await unlock()
  }
}

function note(folder: string, version: Version): void {
  writeDurable(join(folder, VERSION_FILE), `${JSON.stringify(version)}\n`)
}
