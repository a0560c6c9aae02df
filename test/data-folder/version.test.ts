import { chmodSync, mkdirSync, mkdtempSync, readFileSync, statSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { lockFolder } from '../../collector/spool/lock.ts'
import type { Upgrade } from '../../data-folder/upgrade.ts'
import { DataFolderError, knownUpgrades, prepareDataFolder, readVersion } from '../../data-folder/version.ts'
import { openLocal } from '../../store/local/database.ts'

function emptyFolder(): string {
  return mkdtempSync(join(tmpdir(), 'vong-gac-version-'))
}

/** What a program left that knew no versions: a local database and a spool, readable by all. */
function unversioned(): string {
  const folder = emptyFolder()
  openLocal(join(folder, 'local.db')).close()
  mkdirSync(join(folder, 'spool'))
  mkdirSync(join(folder, 'events', 'segments', '2026-11-22'), { recursive: true, mode: 0o755 })
  writeFileSync(join(folder, 'events', 'segments', '2026-11-22', '000001.parquet'), 'PAR1', { mode: 0o644 })
  return folder
}

function version(folder: string): unknown {
  return JSON.parse(readFileSync(join(folder, 'version.json'), 'utf8'))
}

/** Steps that append their name to a file, so that what ran is seen; `ends` is where the power goes. */
function steps(count: number, ends?: number): Upgrade[] {
  return Array.from({ length: count }, (_, i) => ({
    summary: `step ${i + 1}`,
    async run(folder) {
      writeFileSync(join(folder, 'ran'), `${i + 1} `, { flag: 'a' })
      if (i + 1 === ends) throw new Error('the power went')
    },
  }))
}

const quiet = (): void => undefined
const mode = (path: string): number => statSync(path).mode & 0o777

test('a new folder has the version of the program, and no step runs', async () => {
  const folder = join(emptyFolder(), 'data')
  await prepareDataFolder(folder, quiet, steps(3))
  expect(version(folder)).toEqual({ version: 3 })
  expect(() => readFileSync(join(folder, 'ran'))).toThrow('ENOENT')
})

test('a folder of before versions is lifted by the steps that ship', async () => {
  const folder = unversioned()
  const outside = join(emptyFolder(), 'outside')
  writeFileSync(outside, '')
  chmodSync(outside, 0o644)
  symlinkSync(outside, join(folder, 'link'))
  const said: string[] = []
  await prepareDataFolder(folder, (step) => said.push(step))
  const { length: known } = await knownUpgrades()
  expect(version(folder)).toEqual({ version: known })
  expect(said).toHaveLength(known)
  expect(mode(join(folder, 'events', 'segments', '2026-11-22', '000001.parquet'))).toBe(0o600)
  expect(mode(join(folder, 'events', 'segments'))).toBe(0o700)
  expect(mode(outside), 'a link leads nowhere').toBe(0o644)
  await prepareDataFolder(folder, () => expect.unreachable('nothing is left to do'))
})

test('an interrupted upgrade goes on where it was: that step again, none before it', async () => {
  const folder = unversioned()
  await prepareDataFolder(folder, quiet, steps(1))
  await expect(prepareDataFolder(folder, quiet, steps(4, 3))).rejects.toThrow('the power went')
  expect(version(folder)).toEqual({ version: 2, upgradingTo: 4 })
  await prepareDataFolder(folder, quiet, steps(4))
  expect(readFileSync(join(folder, 'ran'), 'utf8')).toBe('1 2 3 3 4 ')
  expect(version(folder)).toEqual({ version: 4 })
})

describe('refused, with the path, and nothing changed', () => {
  test.each([
    ['a folder of a newer program', { version: 9 }, /version 9; this program knows versions up to 2.*no way back/],
    ['one that a newer program began to lift', { version: 2, upgradingTo: 3 }, /version 3; this program knows/],
    ['a version that is no number', { version: '2' }, /version\.json is damaged/],
    ['a file that says nothing', null, /version\.json is damaged/],
  ])('%s', async (_name, content, message) => {
    const folder = unversioned()
    writeFileSync(join(folder, 'version.json'), JSON.stringify(content))
    const refused = prepareDataFolder(folder, quiet, steps(2))
    await expect(refused).rejects.toThrow(DataFolderError)
    await expect(refused).rejects.toThrow(message)
    await expect(refused).rejects.toThrow(folder)
    expect(version(folder)).toEqual(content)
  })

  test('a restore that was interrupted', async () => {
    const folder = emptyFolder()
    writeFileSync(join(folder, 'restoring'), '')
    expect(() => readVersion(folder, 1)).toThrow(/interrupted: run 'soc restore' again/)
  })

  test('a folder that another process works on', async () => {
    const folder = unversioned()
    const unlock = await lockFolder(join(folder, 'spool'))
    await expect(prepareDataFolder(folder, quiet, steps(1))).rejects.toMatchObject({ code: 'locked' })
    await unlock()
    expect(() => version(folder)).toThrow('ENOENT')
  })
})
