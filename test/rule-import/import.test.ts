import { spawn } from 'node:child_process'
import { once } from 'node:events'
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { loadRules } from '../../detection/engine.ts'
import { ROOT } from '../../model/root.ts'
import { importRelease } from '../../rule-import/import.ts'
import { readRulesFolder } from '../../rule-life/folder.ts'
import { writeZip, type ZipFile } from './write-zip.ts'

const uuid = (n: number): string => `6f1b6a52-54b0-4f0e-9f0a-5d6f6a7b${String(n).padStart(4, '0')}`
const rule = (n: number, word = 'a', more = ''): string => `title: Rule ${n}
id: ${uuid(n)}
author: Nguyễn Văn A
logsource: { product: linux, service: sshd }
detection:
  words: { message: ${word} }
  condition: words
level: high
${more}`

let folder: string
let rulesFolder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'rule-import-'))
  rulesFolder = join(folder, 'rules')
  put('rules/linux/own.yml', rule(1))
})
afterEach(() => rmSync(folder, { recursive: true }))

function put(path: string, content: string | Buffer): string {
  const at = join(folder, path)
  mkdirSync(dirname(at), { recursive: true })
  writeFileSync(at, content)
  return at
}
const zip = (files: Record<string, string>): string =>
  put('release.zip', writeZip(Object.entries(files).map(([name, text]): ZipFile => ({ name, text }))))
const read = (path: string): string => readFileSync(join(rulesFolder, path), 'utf8')
const take = (path: string, dryRun = false) => importRelease({ rulesFolder, pack: 'sigmahq', path, dryRun })
const counts = async (path: string): Promise<Record<string, number>> => {
  const { outcomes } = await take(path)
  const sum: Record<string, number> = {}
  for (const { outcome } of outcomes) sum[outcome] = (sum[outcome] ?? 0) + 1
  return sum
}
const hidden = (): string[] => readdirSync(rulesFolder).filter((name) => name.startsWith('.'))

describe('a release', () => {
  test.each([
    ['as GitHub has it', ''],
    ['of the whole repository', 'sigma-r2026-11-01/'],
  ])('%s: its rules, licence and version; nothing else', async (_name, root) => {
    const report = await take(
      zip({
        [`${root}LICENSE`]: 'DRL 1.1',
        [`${root}version.txt`]: 'r2026-11-01',
        [`${root}rules/linux/a.yml`]: rule(2),
        [`${root}rules-threat-hunting/b.yml`]: rule(3),
        [`${root}tests/c.yml`]: rule(4),
        [`${root}deprecated/d.yml`]: rule(5),
        [`${root}rules/README.md`]: '# rules',
      }),
    )
    expect(report).toMatchObject({ release: 'release.zip', loaded: 2, problems: [], refused: [], unresolved: [] })
    expect(readRulesFolder(rulesFolder).map(({ path }) => path)).toEqual([
      'linux/own.yml',
      'sigmahq/rules-threat-hunting/b.yml',
      'sigmahq/rules/linux/a.yml',
    ])
    expect(readdirSync(join(rulesFolder, 'sigmahq')).sort()).toEqual([
      '.base.json.gz',
      'LICENSE',
      'rules',
      'rules-threat-hunting',
      'version.txt',
    ])
    expect(hidden()).toEqual([])
  })

  test('leaves alone how far along a rule is, its budget and switches, wherever it puts the rule next', async () => {
    await take(zip({ 'rules/a.yml': rule(2) }))
    put('rules/life.yml', `${uuid(2)}: { state: shadow, budget: 20 }\n`)
    put('rules/disabled.yml', `${uuid(2)}: { agencies: [so-y-te], why: x }\n`)
    await take(zip({ 'rules/linux/b.yml': rule(2, 'b') }))
    const { rules } = await loadRules(readRulesFolder(rulesFolder))
    expect(rules.find(({ id }) => id === uuid(2))).toMatchObject({
      path: 'sigmahq/rules/linux/b.yml',
      state: 'shadow',
      budget: { perDay: 20 },
      disabledIn: { 'so-y-te': 'x' },
    })
  })

  test('that brings no licence text gets the notice its licence asks for', async () => {
    await take(zip({ 'rules/a.yml': rule(2) }))
    expect(read('sigmahq/NOTICE')).toContain('Detection Rule License (DRL) 1.1')
  })

  test('in a folder; links are not followed', async () => {
    put('release/rules/a.yml', rule(2))
    put('secret.yml', rule(3))
    symlinkSync(join(folder, 'secret.yml'), join(folder, 'release/rules/b.yml'))
    const { outcomes, refused } = await take(join(folder, 'release'))
    expect(outcomes.map(({ path }) => path)).toEqual(['rules/a.yml'])
    expect(refused).toEqual([{ path: 'rules/b.yml', reason: 'it is a link' }])
  })

  test('rules that do not load are taken and named; what is ours is not replaced', async () => {
    const { refused, problems, loaded } = await take(
      zip({
        'rules/a.yml': rule(1),
        'rules/b.yml': rule(2).replace('message', 'message|nonsense'),
        'rules/c.yml': rule(3),
      }),
    )
    expect(refused).toEqual([{ path: 'rules/a.yml', reason: `its id ${uuid(1)} belongs to linux/own.yml` }])
    expect(problems).toMatchObject([{ path: 'sigmahq/rules/b.yml', code: 'unknown_modifier' }])
    expect(loaded).toBe(1)
  })

  test('a dry run says the same and writes nothing', async () => {
    const path = zip({ 'rules/a.yml': rule(2) })
    const dry = await take(path, true)
    expect(existsSync(join(rulesFolder, 'sigmahq'))).toBe(false)
    expect({ ...(await take(path)), dryRun: true }).toEqual(dry)
  })
})

test.each<[string, () => string, string]>([
  ['a path that leads out', () => zip({ '../../evil.yml': rule(2) }), 'unsafe_path'],
  ['an absolute path', () => zip({ '/tmp/evil.yml': rule(2) }), 'unsafe_path'],
  ['a path of Windows', () => zip({ 'rules\\..\\evil.yml': rule(2) }), 'unsafe_path'],
  ['a drive', () => zip({ 'C:/evil.yml': rule(2) }), 'unsafe_path'],
  ['a control character', () => zip({ 'rules/a\u001b[2J.yml': rule(2) }), 'unsafe_path'],
  [
    'a bomb',
    () => put('bomb.zip', writeZip([{ name: 'rules/a.yml', text: '0'.repeat(10_000_000), claims: { size: 1_000 } }])),
    'bad_zip',
  ],
  [
    'more than a release can hold',
    () =>
      put(
        'huge.zip',
        writeZip(
          Array.from({ length: 600 }, (_, i) => ({ name: `rules/${i}.yml`, text: 'x', claims: { size: 500_000 } })),
        ),
      ),
    'too_large',
  ],
  ['no rules', () => zip({ 'README.md': 'x' }), 'no_rules'],
  ['no archive', () => put('x.zip', 'title: x'), 'bad_zip'],
])('%s: nothing is imported', async (_name, path, code) => {
  await expect(take(path())).rejects.toMatchObject({ code })
  expect(readdirSync(rulesFolder)).toEqual(['linux'])
  expect(readdirSync(folder).filter((name) => /evil/.test(name))).toEqual([])
})

test('a link or a large file in an archive is left out', async () => {
  const path = put(
    'release.zip',
    writeZip([
      { name: 'rules/a.yml', text: rule(2) },
      { name: 'rules/b.yml', text: '/etc/passwd', mode: 0o120777 },
      { name: 'rules/c.yml', text: `# ${'x'.repeat(600_000)}` },
    ]),
  )
  const { refused } = await take(path)
  expect(refused.map(({ path }) => path)).toEqual(['rules/b.yml', 'rules/c.yml'])
})

describe('the next import', () => {
  test('keeps what was changed here, and what the release knows nothing of', async () => {
    await take(zip({ 'rules/a.yml': rule(2), 'rules/b.yml': rule(3), 'rules/c.yml': rule(4), 'rules/d.yml': rule(5) }))
    put('rules/sigmahq/rules/a.yml', rule(2).replace('high', 'low'))
    put('rules/sigmahq/rules/b.yml', rule(3).replace('high', 'low'))
    put('rules/sigmahq/rules/a.test.yml', 'cases: []\n')
    put('rules/sigmahq/notes.txt', 'ours')
    put('rules/disabled.yml', `${uuid(4)}: noise of the scanner\n`)
    const { outcomes, unresolved } = await take(
      zip({
        'rules/a.yml': rule(2, 'b'),
        'rules/b.yml': rule(3).replace('high', 'critical'),
        'rules/c.yml': rule(4, 'b'),
      }),
    )
    expect(Object.fromEntries(outcomes.map(({ path, outcome }) => [path, outcome]))).toEqual({
      'rules/a.yml': 'merged',
      'rules/b.yml': 'conflict',
      'rules/c.yml': 'updated',
      'rules/d.yml': 'removed',
    })
    expect(read('sigmahq/rules/a.yml')).toBe(rule(2, 'b').replace('high', 'low'))
    expect(read('sigmahq/rules/b.yml')).toBe(rule(3).replace('high', 'low'))
    expect(read('sigmahq/rules/b.yml.upstream')).toBe(rule(3).replace('high', 'critical'))
    expect(existsSync(join(rulesFolder, 'sigmahq/rules/d.yml'))).toBe(false)
    expect(read('sigmahq/rules/a.test.yml')).toBe('cases: []\n')
    expect(read('sigmahq/notes.txt')).toBe('ours')
    expect(read('disabled.yml')).toContain('noise')
    expect(unresolved).toEqual(['rules/b.yml.upstream'])
    // The same release once more: nothing to do, and what waits is still said.
    const again = await take(
      zip({
        'rules/a.yml': rule(2, 'b'),
        'rules/b.yml': rule(3).replace('high', 'critical'),
        'rules/c.yml': rule(4, 'b'),
      }),
    )
    expect(again.outcomes.map(({ outcome }) => outcome)).toEqual(['kept', 'kept', 'unchanged'])
    expect(again.unresolved).toEqual(['rules/b.yml.upstream'])
  })

  test('a merge of which the rule no longer loads becomes a conflict', async () => {
    const text = (name: string, condition: string): string =>
      rule(2).replace('words', name).replace('condition: words', condition)
    await take(zip({ 'rules/a.yml': text('words', 'condition: 1 of w*') }))
    const ours = text('words', 'condition: words')
    put('rules/sigmahq/rules/a.yml', ours)
    const { outcomes, problems } = await take(zip({ 'rules/a.yml': text('wording', 'condition: 1 of w*') }))
    expect(outcomes).toMatchObject([{ outcome: 'conflict', detail: 'both together do not load' }])
    expect(problems).toEqual([])
    expect(read('sigmahq/rules/a.yml')).toBe(ours)
    expect(read('sigmahq/rules/a.yml.upstream')).toContain('wording')
  })

  test('a base that does not read back stops it', async () => {
    await take(zip({ 'rules/a.yml': rule(2) }))
    put('rules/sigmahq/.base.json.gz', 'x')
    await expect(take(zip({ 'rules/a.yml': rule(2, 'b') }))).rejects.toMatchObject({ code: 'bad_base' })
    expect(read('sigmahq/rules/a.yml')).toBe(rule(2))
  })

  test('so does another that runs; the lock of one that died does not', async () => {
    put('rules/.sigmahq.lock', String(process.pid))
    await expect(take(zip({ 'rules/a.yml': rule(2) }))).rejects.toMatchObject({ code: 'busy' })
    put('rules/.sigmahq.lock', '4194304999')
    expect(await counts(zip({ 'rules/a.yml': rule(2) }))).toEqual({ added: 1 })
    expect(hidden()).toEqual([])
  })
})

/** What a crash may leave, step by step of the way from the old folder to the new one. */
describe('cut short by a crash', () => {
  const OLD = rule(2)
  const NEW = rule(2, 'b')
  const inForce = (): string | undefined =>
    readRulesFolder(rulesFolder).find(({ path }) => path === 'sigmahq/rules/a.yml')?.text
  beforeEach(async () => {
    await take(zip({ 'rules/a.yml': OLD }))
    cpSync(join(rulesFolder, 'sigmahq'), join(folder, 'old'), { recursive: true })
    await take(zip({ 'rules/a.yml': NEW }))
    renameSync(join(rulesFolder, 'sigmahq'), join(folder, 'new'))
  })
  const stand = (from: 'old' | 'new', name: string): void =>
    cpSync(join(folder, from), join(rulesFolder, name), { recursive: true })

  test.each<[string, () => void, string | undefined]>([
    ['while the first one is written', () => stand('new', '.sigmahq.part'), undefined],
    [
      'while the new one is written',
      () => {
        stand('old', 'sigmahq')
        stand('new', '.sigmahq.part')
        rmSync(join(rulesFolder, '.sigmahq.part/.base.json.gz'))
      },
      OLD,
    ],
    [
      'when it is complete',
      () => {
        stand('old', 'sigmahq')
        stand('new', '.sigmahq.new')
      },
      OLD,
    ],
    [
      'between the two renames',
      () => {
        stand('old', '.sigmahq.old')
        stand('new', '.sigmahq.new')
      },
      NEW,
    ],
    [
      'before the old one is deleted',
      () => {
        stand('old', '.sigmahq.old')
        stand('new', 'sigmahq')
      },
      NEW,
    ],
  ])('%s: one of the two is in force, and the next import goes on from it', async (_name, crash, expected) => {
    crash()
    put('rules/.sigmahq.lock', '4194304999')
    expect(inForce()).toBe(expected)
    const { outcomes } = await take(zip({ 'rules/a.yml': NEW }))
    expect(outcomes.map(({ outcome }) => outcome)).toEqual([
      expected === undefined ? 'added' : expected === OLD ? 'updated' : 'unchanged',
    ])
    expect(inForce()).toBe(NEW)
    expect(hidden()).toEqual([])
  })
})

test('a reader beside an import sees the old folder or the new, never both', async () => {
  const FILES = 300
  const release = (word: string): string =>
    put(
      `${word}.zip`,
      writeZip(Array.from({ length: FILES }, (_, i) => ({ name: `rules/${i}.yml`, text: rule(100 + i, word) }))),
    )
  const [old, next] = [release('old'), release('new')]
  await take(old)
  const seen = new Set<string>()
  for (const path of [next, old]) {
    const child = spawn(process.execPath, [join(ROOT, 'dist/soc.js'), 'rules', 'import', path], {
      env: { ...process.env, SOC_RULES_FOLDER: rulesFolder },
      stdio: 'ignore',
    })
    const ended = once(child, 'exit')
    while (child.exitCode === null) {
      const words = readRulesFolder(rulesFolder)
        .filter(({ path }) => path.startsWith('sigmahq/'))
        .map(({ text }) => /message: (\w+)/.exec(text)![1]!)
      expect(words).toHaveLength(FILES)
      expect(new Set(words).size).toBe(1)
      seen.add(words[0]!)
      await new Promise((resolve) => setImmediate(resolve))
    }
    await ended
    expect(child.exitCode).toBe(0)
  }
  expect(seen).toEqual(new Set(['old', 'new']))
})

test('what is edited while the release is read is not lost', async () => {
  await take(zip({ 'rules/a.yml': rule(2), 'rules/b.yml': rule(3) }))
  const importing = take(zip({ 'rules/a.yml': rule(2, 'b'), 'rules/b.yml': rule(3) }))
  put('rules/sigmahq/rules/b.yml', rule(3).replace('high', 'low')) // its text was read before the first wait
  utimesSync(join(rulesFolder, 'sigmahq/rules/b.yml'), new Date(), new Date(Date.now() + 60_000))
  await expect(importing).rejects.toMatchObject({ code: 'changed_meanwhile' })
  expect(read('sigmahq/rules/b.yml')).toBe(rule(3).replace('high', 'low'))
  expect(read('sigmahq/rules/a.yml')).toBe(rule(2))
})
