import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { gzipSync } from 'node:zlib'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { beforeEach, describe, expect, test } from 'vitest'
import { pack } from '../../release/archive.ts'
import { fingerprint, publicPem, releaseKey, signFolder, verifyFolder } from '../../release/signed.ts'
import { applyUpdate } from '../../release/update.ts'

const RULE = `title: Ví dụ
id: 0f5b2f0e-6b1c-4a55-9a5b-0c8f0a4d9e11
status: test
level: high
logsource: { product: linux, service: sshd }
detection:
  selection: { message|contains: bất thường }
  condition: selection
`

let work = ''
let rulesFolder = ''
let feeds: Record<string, string[]> = {}
beforeEach(() => {
  feeds = {}
  work = mkdtempSync(join(tmpdir(), 'vong-gac-update-test-'))
  rulesFolder = join(work, 'site')
  for (const name of ['site', 'data']) mkdirSync(join(work, name))
})

const keyOf = (name: string) => releaseKey(join(work, `${name}.key`))

/** An archive as the maker makes it, with whatever `change` does before the signature or after. */
async function archive(
  serial: number,
  options: { key?: string; before?: (folder: string) => void; after?: (folder: string) => void } = {},
): Promise<string> {
  const folder = mkdtempSync(join(work, 'made-'))
  mkdirSync(join(folder, 'rules', 'tinh', 'rules'), { recursive: true })
  writeFileSync(join(folder, 'rules', 'tinh', 'rules', 'vi-du.yml'), RULE)
  writeFileSync(
    join(folder, 'update.json'),
    JSON.stringify({ kind: 'update', serial, madeAt: '2026-11-28T00:00:00.000Z' }),
  )
  options.before?.(folder)
  await signFolder(folder, keyOf(options.key ?? 'release'))
  options.after?.(folder)
  const file = `${folder}.tar`
  pack(folder, file, 0, 'none')
  return file
}

function apply(file: string): ReturnType<typeof applyUpdate> {
  const scratch = mkdtempSync(join(work, 'scratch-'))
  return applyUpdate(file, {
    scratch,
    pem: publicPem(keyOf('release')),
    rulesFolder,
    dataFolder: join(work, 'data'),
    importFeed: ({ feed, path }) => {
      const lines = readFileSync(path, 'utf8').trimEnd().split('\n')
      if (lines.includes('fault')) return Promise.reject(new Error('line 1: fault'))
      feeds[feed] = lines
      return Promise.resolve({ name: feed, indicators: lines.length })
    },
  })
}

const rulePath = (): string => join(rulesFolder, 'tinh', 'rules', 'vi-du.yml')

test('a signed update brings its rules, and again the same; an older one is not taken', async () => {
  expect(await apply(await archive(5))).toMatchObject({
    kind: 'update',
    serial: 5,
    packs: [{ pack: 'tinh', loaded: 1 }],
  })
  expect(readFileSync(rulePath(), 'utf8')).toBe(RULE)
  expect(await apply(await archive(5))).toMatchObject({ serial: 5 })
  await expect(apply(await archive(4))).rejects.toThrow(/update 4 is older than 5/)
})

test('an update may bring indicators, with rules or alone', async () => {
  const withFeed = (content: string) => (folder: string) => {
    mkdirSync(join(folder, 'indicators'))
    writeFileSync(join(folder, 'indicators', 'ncsc.csv'), content)
  }
  expect(await apply(await archive(5, { before: withFeed('203.0.113.9\n198.51.100.7\n') }))).toMatchObject({
    packs: [{ pack: 'tinh' }],
    feeds: [{ name: 'ncsc', indicators: 2 }],
  })
  expect(feeds).toEqual({ ncsc: ['203.0.113.9', '198.51.100.7'] })
  const alone = (folder: string): void => {
    withFeed('203.0.113.9\n')(folder)
    rmSync(join(folder, 'rules'), { recursive: true })
  }
  expect(await apply(await archive(6, { before: alone }))).toMatchObject({ packs: [], feeds: [{ indicators: 1 }] })
  expect(feeds).toEqual({ ncsc: ['203.0.113.9'] })
})

test('a feed that is not taken leaves rules and serial as they were', async () => {
  const before = (folder: string): void => {
    mkdirSync(join(folder, 'indicators'))
    writeFileSync(join(folder, 'indicators', 'ncsc.csv'), 'fault')
  }
  await expect(apply(await archive(5, { before }))).rejects.toThrow('feed ncsc: line 1: fault')
  expect(existsSync(rulePath())).toBe(false)
  expect(await apply(await archive(4))).toMatchObject({ serial: 4 })
})

test('an archive of the program is only checked', async () => {
  const file = await archive(1, { before: (folder) => writeFileSync(join(folder, 'install.sh'), 'exit 1\n') })
  expect(await apply(file)).toEqual({ kind: 'program' })
  expect(existsSync(rulePath())).toBe(false)
})

describe('refused, and no rule changed', () => {
  test.each<[string, Parameters<typeof archive>[1], RegExp]>([
    ['another key', { key: 'other' }, /not of the trusted key/],
    ['no signature', { after: (folder) => rmSync(join(folder, 'SHA256SUMS.sig')) }, /not signed/],
    [
      'a rule changed after the signature',
      { after: (folder) => writeFileSync(join(folder, 'rules', 'tinh', 'rules', 'vi-du.yml'), `${RULE}#`) },
      /vi-du\.yml is not what was signed/,
    ],
    [
      'a file more',
      { after: (folder) => writeFileSync(join(folder, 'rules', 'more.zip'), '') },
      /more\.zip was not signed/,
    ],
    ['a file less', { after: (folder) => rmSync(join(folder, 'update.json')) }, /update\.json is not what was signed/],
    ['no word of what it is', { before: (folder) => rmSync(join(folder, 'update.json')) }, /update\.json is missing/],
    [
      'a pack that leads out',
      {
        before: (folder) => writeFileSync(join(folder, 'rules', '.hidden'), ''),
      },
      /is no name of a pack/,
    ],
    [
      'a feed that leads out',
      {
        before: (folder) => {
          mkdirSync(join(folder, 'indicators'))
          writeFileSync(join(folder, 'indicators', '.hidden'), '')
        },
      },
      /is no name of a feed/,
    ],
    [
      'no rules',
      { before: (folder) => rmSync(join(folder, 'rules'), { recursive: true }) },
      /brings no rules and no indicators/,
    ],
  ])('%s', async (_name, options, message) => {
    await expect(apply(await archive(1, options))).rejects.toThrow(message)
    expect(existsSync(rulePath())).toBe(false)
  })

  test('what is no archive, or compressed', async () => {
    const file = join(work, 'any')
    for (const bytes of [Buffer.alloc(0), Buffer.alloc(4_096, 'x'), gzipSync(readFileSync(await archive(1)))]) {
      writeFileSync(file, bytes)
      await expect(apply(file)).rejects.toThrow(/no archive of an update/)
    }
  })
})

test('a key is made once, kept to its owner, and has one fingerprint', async () => {
  const pem = publicPem(keyOf('release'))
  expect(fingerprint(publicPem(keyOf('release')))).toBe(fingerprint(pem))
  expect(fingerprint(publicPem(keyOf('other')))).not.toBe(fingerprint(pem))
  const folder = join(work, 'signed')
  mkdirSync(folder)
  await signFolder(folder, keyOf('release'))
  await verifyFolder(folder, pem)
  writeFileSync(join(work, 'rsa.key'), 'x')
  expect(() => releaseKey(join(work, 'rsa.key'))).toThrow(/unsupported|DECODER|no start line/i)
})
