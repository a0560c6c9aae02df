import fc from 'fast-check'
import { expect, test } from 'vitest'
import { planImport } from '../../rule-import/plan.ts'

const uuid = (n: number): string => `6f1b6a52-54b0-4f0e-9f0a-5d6f6a7b${String(n).padStart(4, '0')}`
const rule = (n: number, word = 'a', level = 'high'): string => `title: Rule ${n}
id: ${uuid(n)}
logsource: { product: linux }
detection:
  words:
    message: ${word}
  condition: words
level: ${level}
`
type Files = Record<string, string>
const map = (files: Files): Map<string, string> => new Map(Object.entries(files))

/** Outcomes, and what the folder holds after it. */
function plan(base: Files, ours: Files, theirs: Files, elsewhere: Files = {}) {
  const input = { base: map(base), ours: map(ours), theirs: map(theirs), idsElsewhere: map(elsewhere) }
  const { files, beside, outcomes, refused } = planImport(input)
  return {
    outcomes: Object.fromEntries(outcomes.map(({ path, outcome }) => [path, outcome])),
    files: Object.fromEntries([...files, ...beside]),
    refused: refused.map(({ path }) => path),
  }
}

test.each<[string, Files, Files, Files, Record<string, string>, Files]>([
  ['new with them: taken', {}, {}, { 'a.yml': rule(1) }, { 'a.yml': 'added' }, { 'a.yml': rule(1) }],
  [
    'as it was',
    { 'a.yml': rule(1) },
    { 'a.yml': rule(1) },
    { 'a.yml': rule(1) },
    { 'a.yml': 'unchanged' },
    { 'a.yml': rule(1) },
  ],
  [
    'changed by them alone: taken',
    { 'a.yml': rule(1) },
    { 'a.yml': rule(1) },
    { 'a.yml': rule(1, 'b') },
    { 'a.yml': 'updated' },
    { 'a.yml': rule(1, 'b') },
  ],
  [
    'line ends that an editor changed are no change',
    { 'a.yml': rule(1) },
    { 'a.yml': rule(1).replaceAll('\n', '\r\n') },
    { 'a.yml': rule(1, 'b') },
    { 'a.yml': 'updated' },
    { 'a.yml': rule(1, 'b') },
  ],
  [
    'changed by us alone: kept',
    { 'a.yml': rule(1) },
    { 'a.yml': rule(1, 'a', 'low') },
    { 'a.yml': rule(1) },
    { 'a.yml': 'kept' },
    { 'a.yml': rule(1, 'a', 'low') },
  ],
  [
    'changed by both, apart: merged',
    { 'a.yml': rule(1) },
    { 'a.yml': rule(1, 'a', 'low') },
    { 'a.yml': rule(1, 'b') },
    { 'a.yml': 'merged' },
    { 'a.yml': rule(1, 'b', 'low') },
  ],
  [
    'changed by both, the same place: ours, and theirs beside',
    { 'a.yml': rule(1) },
    { 'a.yml': rule(1, 'a', 'low') },
    { 'a.yml': rule(1, 'a', 'critical') },
    { 'a.yml': 'conflict' },
    { 'a.yml': rule(1, 'a', 'low'), 'a.yml.upstream': rule(1, 'a', 'critical') },
  ],
  [
    'a merge that is no YAML any more is a conflict',
    { 'a.yml': `${rule(1)}x:\n  - 1\n  - 2\n` },
    { 'a.yml': `${rule(1)}x: [1,\n  2]\n` },
    { 'a.yml': `${rule(1, 'b')}x:\n  - 1\n  - 3\n` },
    { 'a.yml': 'conflict' },
    { 'a.yml': `${rule(1)}x: [1,\n  2]\n`, 'a.yml.upstream': `${rule(1, 'b')}x:\n  - 1\n  - 3\n` },
  ],
  ['removed by them: removed', { 'a.yml': rule(1) }, { 'a.yml': rule(1) }, {}, { 'a.yml': 'removed' }, {}],
  [
    'removed by them, changed by us: kept',
    { 'a.yml': rule(1) },
    { 'a.yml': rule(1, 'b') },
    {},
    { 'a.yml': 'kept' },
    { 'a.yml': rule(1, 'b') },
  ],
  ['removed by both', { 'a.yml': rule(1) }, {}, {}, {}, {}],
  ['deleted by us: stays deleted', { 'a.yml': rule(1) }, {}, { 'a.yml': rule(1, 'b') }, { 'a.yml': 'kept' }, {}],
  [
    'renamed by them: the same rule elsewhere',
    { 'a.yml': rule(1) },
    { 'a.yml': rule(1) },
    { 'b/c.yml': rule(1, 'b') },
    { 'b/c.yml': 'moved' },
    { 'b/c.yml': rule(1, 'b') },
  ],
  [
    'renamed by them, changed by us: our change goes along',
    { 'a.yml': rule(1) },
    { 'a.yml': rule(1, 'a', 'low') },
    { 'b/c.yml': rule(1, 'b') },
    { 'b/c.yml': 'merged' },
    { 'b/c.yml': rule(1, 'b', 'low') },
  ],
  [
    'renamed by us: it stays where we put it, and is updated',
    { 'a.yml': rule(1) },
    { 'mine/a.yml': rule(1) },
    { 'a.yml': rule(1, 'b') },
    { 'mine/a.yml': 'updated' },
    { 'mine/a.yml': rule(1, 'b') },
  ],
  [
    'renamed by them to where we have another file: ours stays',
    { 'a.yml': rule(1) },
    { 'a.yml': rule(1), 'b.yml': rule(2) },
    { 'b.yml': rule(1, 'b') },
    { 'a.yml': 'removed', 'b.yml': 'conflict' },
    { 'b.yml': rule(2), 'b.yml.upstream': rule(1, 'b') },
  ],
  [
    'our own file in the folder: not touched',
    {},
    { 'own.yml': rule(9), 'a.test.yml': 'cases: []' },
    { 'a.yml': rule(1) },
    { 'a.yml': 'added' },
    { 'own.yml': rule(9), 'a.test.yml': 'cases: []', 'a.yml': rule(1) },
  ],
  [
    'two that exchange their names',
    { 'a.yml': rule(1), 'b.yml': rule(2) },
    { 'a.yml': rule(1), 'b.yml': rule(2) },
    { 'a.yml': rule(2), 'b.yml': rule(1) },
    { 'a.yml': 'updated', 'b.yml': 'updated' },
    { 'a.yml': rule(2), 'b.yml': rule(1) },
  ],
])('%s', (_name, base, ours, theirs, outcomes, files) => {
  const found = plan(base, ours, theirs)
  expect(found).toEqual({ outcomes, files, refused: [] })
})

test.each<[string, Files]>([
  ['the id of a rule outside', { 'a.yml': rule(7) }],
  ['that id in its second document', { 'a.yml': `${rule(1)}---\n${rule(7)}` }],
  ['a pipeline', { 'rules/pipelines/x.yml': 'transformations: []' }],
  ['log sources', { 'rules/logsources.yml': 'logsources: []' }],
  ['a filter', { 'a.yml': 'title: F\n"filter": { rules: any }\n' }],
  ['a test', { 'rules/a.test.yml': 'cases: []' }],
])('a release cannot bring %s', (_name, theirs) => {
  const found = plan({}, {}, theirs, { [uuid(7)]: 'linux/seven.yml' })
  expect(found).toEqual({ outcomes: {}, files: {}, refused: Object.keys(theirs) })
})

test('the same release once more changes nothing, and what is ours alone is never lost', () => {
  const text = fc
    .tuple(fc.nat(3), fc.constantFrom('a', 'b', 'c'), fc.constantFrom('low', 'high'))
    .map((of) => rule(...of))
  const folder = fc.dictionary(fc.constantFrom('a.yml', 'b.yml', 'c/d.yml', 'e.yml'), text)
  fc.assert(
    fc.property(folder, folder, folder, (base, ours, theirs) => {
      const input = { base: map(base), ours: map(ours), theirs: map(theirs), idsElsewhere: new Map() }
      const first = planImport(input)
      for (const [path, own] of Object.entries(ours)) {
        const changedHere = !Object.values(base).includes(own)
        const after = [...first.files.values()]
        const isMerged = first.outcomes.some(({ outcome }) => outcome === 'merged')
        if (changedHere && !isMerged) expect(after, path).toContain(own)
      }
      const again = planImport({ ...input, base: input.theirs, ours: first.files })
      expect(again.files).toEqual(first.files)
      expect(again.beside).toEqual(new Map())
    }),
  )
})
