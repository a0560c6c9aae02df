import { execFile, spawn } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import detect from '../../commands/detect.ts'
import { ROOT } from '../../model/root.ts'

const SYSMON = 'Microsoft-Windows-Sysmon/Operational'
const WHOAMI = `title: Whoami
id: whoami
name: whoami
logsource: { product: windows, category: process_creation }
detection:
    s: { Image|endswith: '\\whoami.exe' }
    condition: s
level: informational
`
const ALL = `title: Any Process
id: any
logsource: { product: windows, category: process_creation }
detection:
    s: { Image|exists: true }
    condition: s
`
const THRICE = `title: Three Times
id: thrice
correlation: { type: event_count, rules: [whoami], group-by: [User], timespan: 1m, condition: { gte: 3 } }
level: high
`
const FEWER = `title: Fewer Than Two
id: fewer
correlation: { type: event_count, rules: [whoami], group-by: [User], timespan: 1m, condition: { lt: 2 } }
level: high
`
const BROKEN = WHOAMI.replace('id: whoami', 'id: broken').replace('endswith', 'hasprefix')

const started = (Image: string, more: object = {}): string =>
  JSON.stringify({ EventID: 1, Channel: SYSMON, Image, User: 'TINH\\lan', ...more })
const HIT = started('C:\\Windows\\whoami.exe')
const MISS = started('C:\\Windows\\cmd.exe')

let folder: string
let out: string
let err: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'detect-command-'))
  out = ''
  err = ''
  vi.spyOn(process.stdout, 'write').mockImplementation((text, done: unknown) => {
    out += String(text)
    if (typeof done === 'function') (done as () => void)()
    return true
  })
  vi.spyOn(process.stderr, 'write').mockImplementation((text) => {
    err += String(text)
    return true
  })
})
afterEach(() => {
  vi.restoreAllMocks()
  rmSync(folder, { recursive: true })
})
const put = (name: string, content: string | Uint8Array): string => {
  writeFileSync(join(folder, name), content)
  return join(folder, name)
}
const lines = (): unknown[] =>
  out
    .split('\n')
    .slice(0, -1)
    .map((line) => JSON.parse(line) as unknown)

describe('what is asked', () => {
  test.each<[string, (rules: string, other: string, file: string) => string[]]>([
    ['as the usage says', (rules, other, file) => ['--rules', rules, other, '--format', 'sigma', file]],
    ['rules last before the file', (rules, other, file) => ['--format', 'sigma', '--rules', rules, other, file]],
    ['rules twice', (rules, other, file) => ['--rules', rules, '--rules', other, '--format', 'sigma', file]],
    ['the file first', (rules, other, file) => [file, '--format=sigma', '--rules', rules, other]],
    [
      'the pipeline by name',
      (rules, other, file) => ['--pipeline', 'none', '--format', 'sigma', `--rules=${rules}`, other, file],
    ],
  ])('%s', async (_name, argv) => {
    expect(await detect.run(argv(put('a.yml', WHOAMI), put('b.yml', ALL), put('e.ndjson', `${HIT}\n${MISS}\n`)))).toBe(
      0,
    )
    expect(lines()).toEqual([
      { event: 0, rules: ['any', 'whoami'] },
      { event: 1, rules: ['any'] },
    ])
    expect(err).toContain('2 events: 2 with a match, 0 of no known log source; 0 lines unreadable, 0 rules broken')
  })

  test.each<[string, (rules: string, file: string) => string[]]>([
    ['no rules', (_rules, file) => [file]],
    ['no file', (rules) => ['--rules', rules]],
    ['two files', (rules, file) => [file, '--rules', rules, '--format', 'sigma', file]],
  ])('is not as the usage says: %s', async (_name, argv) => {
    expect(await detect.run(argv(put('a.yml', WHOAMI), put('e.ndjson', HIT)))).toBeNull()
    expect(out + err).toBe('')
  })

  test.each<[string, (rules: string, file: string) => string[], RegExp]>([
    [
      'a format nobody knows',
      (rules, file) => ['--rules', rules, '--format', 'xml', file],
      /no format 'xml': one of ecs, evtx-json, raw, sigma/,
    ],
    [
      'a pipeline nobody knows',
      (rules, file) => ['--rules', rules, '--pipeline', 'splunk', file],
      /no pipeline 'splunk': one of .*windows/,
    ],
    ['rules that are not there', (_rules, file) => ['--rules', '/nowhere', file], /\/nowhere is not there/],
    ['a file that is not there', (rules) => ['--rules', rules, '/nowhere'], /\/nowhere is no file/],
    ['a folder without rules', (_rules, file) => ['--rules', join(file, '../none'), file], /no rule in/],
  ])('refuses: %s', async (_name, argv, message) => {
    mkdirSync(join(folder, 'none/pipelines'), { recursive: true })
    put('none/pipelines/mine.yml', 'name: mine')
    expect(await detect.run(argv(put('a.yml', WHOAMI), put('e.ndjson', HIT)))).toBe(2)
    expect(err).toMatch(message)
    expect(out).toBe('')
  })
})

const sigma = (file: string, ...more: string[]): Promise<number | null> =>
  detect.run(['--rules', put('rules.yml', WHOAMI), '--format', 'sigma', ...more, file])

test('lines that cannot be read are named and counted, the others go on; blank ones only count as lines', async () => {
  const text = `\uFEFF${HIT}\n\n \r\n{"a":\n"\u001b[2J"\n${HIT}\r\n${MISS}\n${HIT}`
  expect(await sigma(put('e.ndjson', text))).toBe(1)
  expect(lines()).toEqual([0, 5, 7].map((event) => ({ event, rules: ['whoami'] })))
  expect(err).toMatch(/e\.ndjson:4: bad_json: /)
  expect(err).toMatch(/e\.ndjson:5: bad_json: /)
  expect(err).not.toContain('\u001b')
  expect(err).toContain('4 events: 3 with a match, 0 of no known log source; 2 lines unreadable')
})

test('a line longer than any event is passed over', async () => {
  expect(await sigma(put('e.ndjson', `${HIT}\n"${'x'.repeat(17 << 20)}"\n${HIT}\n`))).toBe(1)
  expect(lines()).toEqual([0, 2].map((event) => ({ event, rules: ['whoami'] })))
  expect(err).toMatch(/e\.ndjson:2: oversized: /)
})

test('a packed file, and one whose end is missing', async () => {
  const packed = gzipSync(`${HIT}\n`.repeat(20_000))
  expect(await sigma(put('e.ndjson.gz', packed))).toBe(0)
  expect(lines()).toHaveLength(20_000)
  expect(await sigma(put('cut.ndjson.gz', packed.subarray(0, -20)))).toBe(1)
  expect(err).toMatch(/cut\.ndjson\.gz: unexpected end of file/)
})

test('a broken rule keeps out itself, with its place, and is no silence', async () => {
  put('more.yml', BROKEN)
  expect(await detect.run(['--rules', folder, put('rules.yml', WHOAMI), '--format', 'sigma', put('e', HIT)])).toBe(1)
  expect(lines()).toEqual([{ event: 0, rules: ['whoami'] }])
  expect(err).toMatch(/more\.yml:6:\d+: error unknown_modifier: /)
})

describe('formats and pipelines', () => {
  const EVTX = JSON.stringify({
    Event: {
      System: {
        Provider: { '#attributes': { Name: 'Microsoft-Windows-Sysmon' } },
        EventID: 1,
        Channel: SYSMON,
        Computer: 'pc7',
      },
      EventData: { Image: 'C:\\Windows\\whoami.exe', User: 'TINH\\lan' },
    },
  })
  const ECS = JSON.stringify({
    event: { code: '1' },
    winlog: { channel: SYSMON },
    process: { executable: 'C:\\Windows\\whoami.exe' },
  })
  test.each([
    ['sigma', [], HIT],
    ['evtx-json', [], EVTX],
    ['evtx-json, as the collector would have it', ['--pipeline', 'windows'], EVTX],
    ['sigma, as the collector would have it', ['--pipeline', 'windows'], HIT],
    ['ecs, nested', [], ECS],
    ['ecs, one pipeline', ['--pipeline', 'windows'], ECS],
    ['raw', [], HIT],
  ])('%s', async (name, more, line) => {
    const format = name.split(',')[0]!
    expect(
      await detect.run(['--rules', put('r.yml', WHOAMI), '--format', format, ...more, put('e', `${MISS}\n${line}`)]),
    ).toBeLessThan(2)
    expect(lines()).toEqual([{ event: 1, rules: ['whoami'] }])
  })

  test('a pipeline of one’s own', async () => {
    const pipeline = put(
      'mine.pipeline',
      'name: mine\ntransformations: [{ type: field_name_mapping, mapping: { Image: exe } }]\n',
    )
    const event = JSON.stringify({ category: 'process_creation', product: 'windows', exe: 'C:\\whoami.exe' })
    expect(await sigma(put('e', event), '--pipeline', pipeline)).toBe(0)
    expect(lines()).toEqual([{ event: 0, rules: ['whoami'] }])
    expect(await sigma(put('e', event))).toBe(0)
    expect(lines()).toHaveLength(1)
  })

  test('ecs with the names of the rules', async () => {
    const rule = WHOAMI.replace('Image', 'process.executable')
    expect(await detect.run(['--rules', put('r.yml', rule), '--pipeline', 'none', put('e', ECS)])).toBe(0)
    expect(lines()).toEqual([{ event: 0, rules: ['whoami'] }])
  })
})

test('explain: the predicates that held, with their places in the line', async () => {
  expect(await sigma(put('e', HIT), '--explain')).toBe(0)
  const start = HIT.indexOf('\\\\whoami.exe')
  expect(lines()).toEqual([
    {
      event: 0,
      rules: ['whoami'],
      proof: {
        whoami: [
          {
            selection: 's',
            field: 'Image',
            eventField: 'Image',
            modifiers: ['endswith'],
            value: '\\whoami.exe',
            matched: 'C:\\Windows\\whoami.exe',
            span: [start, start + '\\\\whoami.exe'.length],
          },
        ],
      },
    },
  ])
})

describe('correlate', () => {
  const at = (second: number, User = 'TINH\\lan'): string =>
    started('C:\\whoami.exe', { User, UtcTime: `2026-03-02 08:00:${String(second).padStart(2, '0')}.000` })
  const run = (...argv: string[]): Promise<number | null> =>
    detect.run(['--rules', put('r.yml', [WHOAMI, THRICE, FEWER].join('---\n')), '--format', 'sigma', ...argv])
  const FILE = [at(1), at(2, 'TINH\\mai'), at(3), at(4)].join('\n')

  test('left out unless asked for', async () => {
    expect(await run(put('e', FILE))).toBe(0)
    expect(lines()).toEqual([0, 1, 2, 3].map((event) => ({ event, rules: ['whoami'] })))
  })

  test('on event time, and windows still open at the end are judged', async () => {
    expect(await run('--correlate', put('e', FILE))).toBe(0)
    const alerts = lines().filter((line) => Object.hasOwn(line as object, 'alert'))
    expect(alerts).toContainEqual({
      event: 3,
      rules: ['thrice'],
      alert: {
        id: expect.stringMatching(/^[\da-f]{32}$/) as string,
        version: 1,
        '@timestamp': '2026-03-02T08:00:04.000Z',
        group: { User: expect.stringMatching(/^tinh\\lan$/i) as string },
        count: 3,
        events: [0, 2, 3],
      },
    })
    expect(alerts).toContainEqual(
      expect.objectContaining({
        event: 1,
        rules: ['fewer'],
        alert: expect.objectContaining({ count: 1, events: [1] }) as object,
      }),
    )
    expect(lines()).toContainEqual({ event: 3, rules: ['whoami'] })
  })

  test('explained, event by event', async () => {
    expect(await run('--correlate', '--explain', put('e', FILE))).toBe(0)
    const alert = lines().find((line) => (line as { rules: string[] }).rules[0] === 'thrice')
    expect(alert).toMatchObject({
      alert: {
        evidence: [0, 2, 3].map((event) => ({ event, rule: 'whoami', proof: [{ matched: 'C:\\whoami.exe' }] })),
      },
    })
  })
})

describe('as a process', () => {
  const program = join(ROOT, 'dist', 'soc.js')
  const argv = (): string[] => [program, 'detect', '--rules', put('r.yml', WHOAMI), '--format', 'sigma', '-']

  test('reads its standard input', async () => {
    const child = new Promise<[code: unknown, out: string]>((resolve) => {
      const own = execFile(process.execPath, argv(), (error, text) => resolve([error?.code ?? 0, text]))
      own.stdin!.end(`${HIT}\n${MISS}\n${HIT}`)
    })
    expect(await child).toEqual([0, '{"event":0,"rules":["whoami"]}\n{"event":2,"rules":["whoami"]}\n'])
  })

  test('ends quietly when its reader does', async () => {
    const child = spawn(process.execPath, argv())
    let said = ''
    child.stderr.on('data', (text) => (said += String(text)))
    child.stdout.once('data', () => child.stdout.destroy())
    child.stdin.on('error', () => {})
    const feed = (): void => {
      while (child.stdin.writable && child.stdin.write(`${HIT}\n`.repeat(1000)));
    }
    child.stdin.on('drain', feed)
    feed()
    const code = await new Promise((resolve) => child.on('close', resolve))
    expect({ code, said }).toEqual({ code: 0, said: '' })
  })
})
