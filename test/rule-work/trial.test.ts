import { expect, test } from 'vitest'
import type { Bundle } from '../../pipeline/bundle.ts'
import { loadRules } from '../../detection/engine.ts'
import type { RuleFile } from '../../detection/types.ts'
import { keepLastGood } from '../../rule-work/trial.ts'

const SINCE = '2026-11-20T01:00:00.000Z'
const LATER = '2026-11-21T01:00:00.000Z'
const BROKEN = '  broken|nosuchmodifier: x\n'

const uuid = (n: number): string => `6f1b6a52-54b0-4f0e-9f0a-5d6f6a7b${String(n).padStart(4, '0')}`
const rule = (n: number, word: string): string => `title: Rule ${n}
id: ${uuid(n)}
logsource: { product: linux, service: sshd }
detection:
  words: { message: ${word} }
  condition: words
level: high
`
const broken = (n: number): string =>
  rule(n, 'new').replace('  condition', '  words|x: 1\n  condition: words or 1 of nothing\n#')
const counts = (n: number, part: string): string => `title: Counts ${n}
id: ${uuid(n)}
correlation:
  type: event_count
  rules: [${part}]
  group-by: [user.name]
  timespan: 1m
  condition: { gte: 2 }
level: high
`
const pipeline = (field: string): string => `name: local
priority: 10
transformations:
  - type: field_name_mapping
    mapping: { message: ${field} }
`
const filter = (word: string): string => `title: Not the backup
id: ${uuid(90)}
logsource: { product: linux, service: sshd }
filter:
  rules: any
  selection: { user.name: ${word} }
  condition: not selection
`

function bundle(files: Record<string, string>): Bundle {
  const rules = Object.entries(files).map(([path, text]): RuleFile => ({ path, text }))
  return { rules, registry: { path: 'r', text: '' }, timeZone: 'UTC', countries: '1' }
}

/** What is in force: id → which version (the word it looks for), and the codes of what is said. */
async function inForce({
  rules,
  kept = [],
  problems = [],
}: Bundle): Promise<{ rules: Record<string, string>; said: string[] }> {
  const set = await loadRules([...rules, ...kept])
  return {
    rules: Object.fromEntries(
      set.rules.map(({ id, text }) => [Number(id.slice(-4)), /message: (\w+)/.exec(text)?.[1] ?? '-']),
    ),
    said: [...set.problems, ...problems]
      .filter(({ code, severity }) => severity === 'error' || code === 'former_stays')
      .map(
        ({ path, code, rule }) =>
          `${path} ${code}${code === 'former_stays' && rule ? ` ${Number(rule.slice(-4))}` : ''}`,
      )
      .sort(),
  }
}

const NOT_LOADED = broken(1)

test.each<[string, Record<string, string>, Record<string, string>, Record<string, string>, string[]]>([
  [
    'an edit that loads takes the place of the former version',
    { 'a.yml': rule(1, 'old') },
    { 'a.yml': rule(1, 'new') },
    { 1: 'new' },
    [],
  ],
  [
    'an edit that does not load leaves it in force',
    { 'a.yml': rule(1, 'old') },
    { 'a.yml': NOT_LOADED },
    { 1: 'old' },
    ['a.yml bad_condition', 'a.yml former_stays 1'],
  ],
  [
    'so does one that is no YAML',
    { 'a.yml': rule(1, 'old') },
    { 'a.yml': `${rule(1, 'new')}x: [\n` },
    { 1: 'old' },
    ['a.yml bad_yaml', 'a.yml former_stays 1'],
  ],
  [
    'of several documents only the one with the mistake stays behind',
    { 'a.yml': `${rule(1, 'old')}---\n${rule(2, 'old')}---\n${rule(3, 'old')}` },
    { 'a.yml': `${rule(1, 'new')}---\n${broken(2)}---\n${rule(3, 'new')}` },
    { 1: 'new', 2: 'old', 3: 'new' },
    ['a.yml bad_condition', 'a.yml former_stays 2'],
  ],
  [
    'a quote that is never closed swallows the documents behind it: all of them stay',
    { 'a.yml': `${rule(1, 'old')}---\n${rule(2, 'old')}---\n${rule(3, 'old')}` },
    { 'a.yml': `${rule(1, 'new')}---\ntitle: "Rule 2\n${rule(2, 'new')}---\n${rule(3, 'new')}` },
    { 1: 'new', 2: 'old', 3: 'old' },
    ['a.yml bad_yaml', 'a.yml former_stays 2', 'a.yml former_stays 3'],
  ],
  [
    'a new file that does not load has no former version',
    { 'a.yml': rule(1, 'old') },
    { 'a.yml': rule(1, 'old'), 'b.yml': broken(2) },
    { 1: 'old' },
    ['b.yml bad_condition'],
  ],
  [
    'a file that is deleted is gone',
    { 'a.yml': rule(1, 'old'), 'b.yml': rule(2, 'old') },
    { 'b.yml': rule(2, 'old') },
    { 2: 'old' },
    [],
  ],
  [
    'a document taken out of a file that loads is gone',
    { 'a.yml': `${rule(1, 'old')}---\n${rule(2, 'old')}` },
    { 'a.yml': rule(1, 'old') },
    { 1: 'old' },
    [],
  ],
  [
    'a rule that moved and broke on the way stays',
    { 'a.yml': rule(1, 'old') },
    { 'b/a.yml': NOT_LOADED },
    { 1: 'old' },
    ['b/a.yml bad_condition', 'b/a.yml former_stays 1'],
  ],
  [
    'a part whose edit does not load goes on counting',
    { 'a.yml': rule(1, 'old'), 'c.yml': counts(2, uuid(1)) },
    { 'a.yml': NOT_LOADED, 'c.yml': counts(2, uuid(1)) },
    { 1: 'old', 2: '-' },
    ['a.yml bad_condition', 'a.yml former_stays 1'],
  ],
  [
    'a part that was deleted takes its correlation along: its former text would not load either',
    { 'a.yml': rule(1, 'old'), 'c.yml': counts(2, uuid(1)) },
    { 'c.yml': counts(2, uuid(1)) },
    {},
    ['c.yml unknown_reference'],
  ],
  [
    'a pipeline that does not load stays as it was, with the rules that it maps',
    { 'pipelines/p.yml': pipeline('old.field'), 'a.yml': rule(1, 'old') },
    { 'pipelines/p.yml': `${pipeline('new.field')}  - type: nonsense\n`, 'a.yml': rule(1, 'new') },
    { 1: 'new' },
    ['pipelines/p.yml bad_pipeline', 'pipelines/p.yml former_stays'],
  ],
  [
    'a pipeline that never loaded has no former version',
    { 'pipelines/p.yml': 'transformations: 1\n', 'a.yml': rule(1, 'old') },
    { 'pipelines/p.yml': 'transformations: 2\n', 'a.yml': rule(1, 'old') },
    { 1: 'old' },
    ['pipelines/p.yml bad_pipeline'],
  ],
  [
    'a correlation broken by an edit while its part was deleted: its former version would not load',
    { 'a.yml': rule(1, 'old'), 'c.yml': counts(2, uuid(1)) },
    { 'c.yml': counts(2, uuid(1)).replace('event_count', 'nonsense') },
    {},
    ['c.yml bad_correlation'],
  ],
  [
    'a filter that does not load goes on excluding',
    { 'f.yml': filter('backup'), 'a.yml': rule(1, 'old') },
    {
      'f.yml': filter('backup').replace('condition: not selection', 'condition: not (selection'),
      'a.yml': rule(1, 'new'),
    },
    { 1: 'new' },
    ['f.yml bad_condition', 'f.yml former_stays 90'],
  ],
  [
    'a list of disabled rules that does not load goes on disabling',
    { 'disabled.yml': `${uuid(1)}: noise\n`, 'a.yml': rule(1, 'old') },
    { 'disabled.yml': `${uuid(1)}: [\n`, 'a.yml': rule(1, 'new') },
    { 1: 'new' },
    ['disabled.yml bad_yaml', 'disabled.yml former_stays'],
  ],
])('%s', async (_name, before, after, rules, said) => {
  const kept = await keepLastGood(bundle(after), bundle(before), SINCE)
  expect(await inForce(kept)).toEqual({ rules, said })
  // Kept once more from what was announced, nothing changes, and it is still known since when.
  expect(await keepLastGood(bundle(after), kept, LATER)).toEqual(kept)
  // Mended, all is as if it had never been.
  expect(await keepLastGood(bundle(before), kept, LATER)).toEqual(bundle(before))
})

test('what is kept keeps its hash: correlations lose nothing', async () => {
  const before = bundle({ 'a.yml': `${rule(1, 'old')}---\n# two\n${rule(2, 'old')}`, 'c.yml': counts(3, uuid(2)) })
  const after = bundle({ 'a.yml': `${rule(1, 'old')}---\n${broken(2)}`, 'c.yml': counts(3, uuid(2)) })
  const kept = await keepLastGood(after, before, SINCE)
  const fingerprints = async ({ rules, kept: former = [] }: Bundle): Promise<string[]> =>
    (await loadRules([...rules, ...former])).correlations.map(({ fingerprint }) => fingerprint)
  expect(await fingerprints(kept)).toEqual(await fingerprints(before))
})

test('a pipeline that is kept is the former one', async () => {
  const before = bundle({ 'pipelines/p.yml': pipeline('old.field'), 'a.yml': rule(1, 'old') })
  const kept = await keepLastGood(
    bundle({ 'pipelines/p.yml': 'transformations: 1', 'a.yml': rule(1, 'old') }),
    before,
    SINCE,
  )
  const { network } = await loadRules([...kept.rules, ...kept.kept!])
  expect(network.rules[0]!.mapped.eventFields('message')).toEqual(['old.field'])
})

test('of several bad edits in a row the last good version stays', async () => {
  let announced = bundle({ 'a.yml': rule(1, 'good') })
  for (const bad of [NOT_LOADED, 'title: [', `${rule(1, 'worse')}${BROKEN}`]) {
    announced = await keepLastGood(bundle({ 'a.yml': bad }), announced, SINCE)
    expect((await inForce(announced)).rules).toEqual({ 1: 'good' })
  }
  announced = await keepLastGood(bundle({}), announced, SINCE)
  expect((await inForce(announced)).rules).toEqual({})
})
