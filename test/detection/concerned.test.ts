import { join } from 'node:path'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { concerned } from '../../detection/concerned.ts'
import { loadRules } from '../../detection/engine.ts'
import { differenceOf, restrict } from '../../detection/restrict.ts'
import type { RuleSet } from '../../detection/rule-set.ts'
import type { LoadedRule, RuleFile } from '../../detection/types.ts'
import { ROOT } from '../../model/root.ts'
import { readRulesFolder } from '../../rule-life/folder.ts'

const FILES = readRulesFolder(join(ROOT, 'rules'))
const { rules: RULES } = await loadRules(FILES)
const COUNTED = RULES.filter(({ kind }) => kind === 'correlation')

/** One thing that somebody does to the rules. */
type Edit = (files: RuleFile[], chosen: LoadedRule) => RuleFile[]

const put = (files: RuleFile[], file: RuleFile): RuleFile[] => [...files.filter(({ path }) => path !== file.path), file]
const edited =
  (change: (text: string) => string): Edit =>
  (files, { path }) =>
    files.map((file) => (file.path === path ? { ...file, text: change(file.text) } : file))
const line =
  (path: string, value: string): Edit =>
  (files, { id }) =>
    put(files, { path, text: `${files.find((file) => file.path === path)?.text ?? ''}${id}: ${value}\n` })
const filterOf = (rules: string, product: string): string =>
  `title: F\nlogsource: { product: ${product} }\nfilter:\n  rules: ${rules}\n  s: { user.name: root }\n  condition: not s\n`

const EDITS: Edit[] = [
  edited((text) => text.replaceAll(/^level: .*$/gm, 'level: critical')),
  edited((text) => text.replaceAll(/^level: .*$/gm, 'level: informational')),
  edited((text) => text.replace(/generate: true/, 'generate: false')),
  edited((text) => text.replace(/^detection:$/m, 'detections:')),
  (files, { path }) => files.filter((file) => file.path !== path),
  // Moved, and what is gone has no name any more.
  (files, { path }) => files.map((file) => (file.path === path ? { ...file, path: `moved/${path}` } : file)),
  edited((text) => text.replaceAll(/^(?:id|name): .*\n/gm, '')),
  // Another rule of the same id, before it and behind it in the order of files.
  (files, { path, text }) => put(files, { path: `0/${path}`, text: text.replace(/^title: .*$/m, 'title: Again') }),
  (files, { path, text }) => put(files, { path: `zz/${path}`, text }),
  line('disabled.yml', 'too noisy'),
  line('disabled.yml', '{ agencies: [so-y-te], why: too noisy }'),
  line('life.yml', 'shadow'),
  line('life.yml', '{ state: draft, why: new }'),
  (files, { id, logsource }) =>
    put(files, {
      path: 'exceptions/e.yml',
      text: filterOf(`[${id}]`, logsource?.product ?? 'linux'),
      exception: { id: 'e', agencies: 'all' },
    }),
  (files, { logsource }) => put(files, { path: 'f.yml', text: filterOf('any', logsource?.product ?? 'linux') }),
  (files, { id }) =>
    put(files, {
      path: 'c.yml',
      text: `title: C\nid: c\nlevel: high\ncorrelation:\n  type: event_count\n  rules: ['${id}']\n  group-by: [host.name]\n  timespan: 5m\n  condition: { gte: 5 }\n`,
    }),
]

const saidOf = ({ problems }: RuleSet): string[] =>
  problems.map(({ path, code, message, severity }) => JSON.stringify([path, code, message, severity]))

test(
  'whatever somebody does to the rules: what differs between two sets differs between their parts that it concerns',
  { timeout: 300_000 },
  async () => {
    let [affected, narrowed] = [0, 0]
    const chosen = fc.oneof(fc.constantFrom(...RULES), fc.constantFrom(...COUNTED))
    const edits = fc.array(fc.tuple(fc.constantFrom(...EDITS), chosen), { minLength: 1, maxLength: 3 })
    await fc.assert(
      fc.asyncProperty(edits, edits, fc.array(chosen, { maxLength: 2 }), async (earlier, later, kept) => {
        const apply = (list: typeof earlier, to: RuleFile[]): RuleFile[] =>
          list.reduce((files, [edit, rule]) => edit(files, rule), to)
        const before = apply(earlier, FILES)
        const after = apply(later, before)
        const parts = concerned(
          before,
          after,
          kept.map(({ id }) => id),
        )
        const whole = [await loadRules(before), await loadRules(after)] as const
        const some = [await loadRules(parts[0]), await loadRules(parts[1])] as const
        const difference = differenceOf(...whole)
        const own = differenceOf(...some)
        expect([...own.affected].sort()).toEqual([...difference.affected].sort())
        expect([...own.needed].sort()).toEqual([...difference.needed].sort())
        for (const [i, set] of whole.entries()) {
          const same = differenceOf(restrict(set, difference.needed), restrict(some[i]!, own.needed))
          expect([...same.affected]).toEqual([])
          const order = ({ network }: RuleSet): string[] => network.rules.map(({ rule }) => rule.id)
          const there = new Set(order(some[i]!))
          expect(order(some[i]!)).toEqual(order(set).filter((id) => there.has(id)))
        }
        for (const { id } of kept)
          expect(some[0].rules.some((rule) => rule.id === id)).toBe(whole[0].rules.some((rule) => rule.id === id))
        const fresh = (sets: readonly [RuleSet, RuleSet]): string[] => {
          const known = new Set(saidOf(sets[0]))
          return saidOf(sets[1])
            .filter((said) => !known.has(said))
            .sort()
        }
        expect(fresh(some)).toEqual(fresh(whole))
        affected += difference.affected.size
        if (some[1].rules.length < whole[1].rules.length / 2) narrowed++
      }),
      { numRuns: 20 * Number(process.env['FUZZ'] ?? 1) },
    )
    // Or the rest would say nothing.
    expect(affected).toBeGreaterThan(10)
    expect(narrowed).toBeGreaterThan(5)
  },
)
