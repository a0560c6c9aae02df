import { mkdtempSync, rmSync, mkdirSync, cpSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { ROOT } from '../../model/root.ts'
import { checkDraft, tryDraft } from '../../rule-work/draft.ts'
import { runs } from '../runs.ts'

const ID = '6f1b6a52-54b0-4f0e-9f0a-5d6f6a7b0001'
const rule = (more = '', id = ID): string => `title: Wrong Password
id: ${id}
name: wrong_password
status: test
logsource: { product: linux, service: sshd }
detection:
  words: ['Failed password']
  condition: words
level: high
${more}`
const COUNTED = `title: Many Wrong Passwords
id: 6f1b6a52-54b0-4f0e-9f0a-5d6f6a7b0002
status: test
correlation:
  type: event_count
  rules: [wrong_password]
  group-by: [source.ip]
  timespan: 5m
  condition: { gte: 3 }
level: high
`
const line = (second: number, said: string): string =>
  `<38>1 2026-11-20T09:00:0${second}+07:00 motcua-web01 sshd 4411 - - ${said}`
const WRONG = [1, 2, 3].map((n) => line(n, `Failed password for root from 203.0.113.45 port 5221${n} ssh2`))
const SETTING = {
  registry: join(ROOT, 'registry', 'hai-duong.yml'),
  timeZone: 'Asia/Ho_Chi_Minh',
  receivedAtMs: Date.parse('2026-11-20T10:00:00+07:00'),
}

/** The parsers, and the table of countries, are read first. */
const READING_MS = 120_000

let folder: string
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'vong-gac-rules-'))
  mkdirSync(join(folder, 'own'))
  cpSync(join(ROOT, 'rules', 'logsources.yml'), join(folder, 'logsources.yml'))
  writeFileSync(join(folder, 'own', 'two.yml'), `${rule()}---\n${COUNTED}`)
  writeFileSync(join(folder, 'life.yml'), `${ID}: draft\n`)
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

test('a draft that takes the place of a rule is no second one of its id, and is seen without the one it replaces', async () => {
  expect(await checkDraft(folder, { text: rule(), rule: ID })).toMatchObject({ problems: [], rules: [{ id: ID }] })
  const { problems } = await checkDraft(folder, { text: rule() })
  expect(problems).toMatchObject([{ severity: 'error', code: 'duplicate_id', line: 1 }])
  expect(await checkDraft(folder, { text: COUNTED, rule: '6f1b6a52-54b0-4f0e-9f0a-5d6f6a7b0002' })).toMatchObject({
    problems: [],
    rules: [{ kind: 'correlation' }],
  })
})

test.each([
  ['a condition that names nothing', rule().replace('condition: words', 'condition: word'), 'bad_condition', 8],
  [
    'a modifier that is none',
    rule().replace("words: ['Failed password']", 'words: { message|holds: x }'),
    'unknown_modifier',
    7,
  ],
  ['no YAML', 'title: "x', 'bad_yaml', 1],
])('%s is told where it is', async (_name, text, code, at) => {
  const { problems } = await checkDraft(folder, { text, rule: ID })
  expect(problems.filter(({ severity }) => severity === 'error')).toMatchObject([{ code, line: at }])
})

test(
  'lines are read as they come over the wire; a draft matches whatever its stage, with where it did',
  { timeout: READING_MS },
  async () => {
    const tried = await tryDraft(
      folder,
      { text: rule(), rule: ID },
      [...WRONG, line(4, 'Accepted password'), '{'],
      SETTING,
    )
    expect(tried.lines.map(({ rules }) => rules.map(({ id }) => id))).toEqual([[ID], [ID], [ID], [], []])
    const [first] = tried.lines
    const [start, end] = first!.rules[0]!.proof[0]!.span!
    expect(WRONG[0]!.slice(start, end)).toBe('Failed password')
  },
)

test('a correlation counts the matches of rules that are not in the text', { timeout: READING_MS }, async () => {
  const draft = { text: COUNTED, rule: '6f1b6a52-54b0-4f0e-9f0a-5d6f6a7b0002' }
  const { lines, alerts } = await tryDraft(folder, draft, WRONG, SETTING)
  expect(lines.every(({ rules }) => rules.length === 0)).toBe(true)
  expect(alerts).toEqual([{ rule: draft.rule, count: 3, group: { 'source.ip': '203.0.113.45' }, lines: [0, 1, 2] }])
})

test('any text: problems or rules, never a throw', async () => {
  await fc.assert(
    fc.asyncProperty(fc.string({ unit: 'binary' }), async (more) => {
      const { rules, problems } = await checkDraft(folder, { text: rule(more), rule: ID })
      expect(rules.length + problems.length).toBeGreaterThan(0)
    }),
    { numRuns: runs(20) },
  )
})

test('any lines: each is judged, never a throw', { timeout: READING_MS }, async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(fc.string({ unit: 'binary' }), { minLength: 1 }), async (own) => {
      expect((await tryDraft(folder, { text: rule(), rule: ID }, own, SETTING)).lines).toHaveLength(own.length)
    }),
    { numRuns: runs(3) },
  )
})
