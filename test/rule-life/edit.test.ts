import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { loadRules } from '../../detection/engine.ts'
import type { RuleEdit } from '../../detection/life.ts'
import type { RuleFile } from '../../detection/types.ts'
import { editedFiles } from '../../rule-life/edit.ts'
import { runs } from '../runs.ts'

const rule = (id: string, word = 'x'): string => `title: Rule ${id}
id: ${id}
logsource: { product: linux }
detection:
  s: { message: ${word} } # says ${word}
  condition: s
level: high
`
const [A, B] = ['6f1b6a52-54b0-4f0e-9f0a-5d6f6a7b0001', '6f1b6a52-54b0-4f0e-9f0a-5d6f6a7b0002']
const FILES: RuleFile[] = [
  { path: 'two.yml', text: `# both\n${rule(A)}---\n${rule(B)}` },
  {
    path: 'life.yml',
    text: `# how far along\n${B}: shadow # until Tết\n`,
  },
]
const NOTE = { by: 'lan', why: 'thử', day: '2026-11-28' }

async function settledBy(files: readonly RuleFile[], edit: RuleEdit, note = NOTE) {
  const edited = await editedFiles(files, edit, note)
  const all = [...files.filter((one) => !edited.some(({ path }) => path === one.path)), ...edited]
  const { rules, problems } = await loadRules(all)
  return {
    file: edited.at(-1)!,
    all,
    rule: rules.find(({ id }) => id === edit.rule),
    problems: problems.filter((one) => one.severity === 'error'),
  }
}

test('a line is added, and what stood there stays as it was written', async () => {
  const { file, rule: own } = await settledBy(FILES, { kind: 'state', rule: A, state: 'retired' })
  expect(file).toEqual({
    path: 'life.yml',
    text: `# how far along\n${B}: shadow # until Tết\n${A}: { state: retired, by: lan, since: "2026-11-28", why: "thử" }\n`,
  })
  expect(own).toMatchObject({ state: 'retired', changed: { by: 'lan', since: '2026-11-28', why: 'thử' } })
})

test('a line is replaced in its place, keeps what the edit is not about, and its comment', async () => {
  const budget = await settledBy(FILES, { kind: 'budget', rule: B, perDay: 20, owner: 'minh' })
  expect(budget.rule).toMatchObject({ state: 'shadow', budget: { perDay: 20 }, owner: 'minh' })
  expect(budget.file.text).toMatch(/^# how far along\n.*owner: minh.*\} # until Tết\n$/)
  const live = await settledBy(budget.all, { kind: 'state', rule: B, state: 'live' })
  expect(live.rule).toMatchObject({ state: 'live', budget: { perDay: 20 }, owner: 'minh' })
  expect((await settledBy(live.all, { kind: 'budget', rule: B, perDay: null })).rule?.budget).toBeUndefined()
})

describe('switching off', () => {
  test('for agencies one after another, and on again, leaves no trace', async () => {
    const one = await settledBy([...FILES, { path: 'disabled.yml', text: '# noise\n' }], {
      kind: 'switch',
      rule: A,
      off: true,
      agencies: ['so-y-te'],
    })
    expect(one.rule?.disabledIn).toEqual({ 'so-y-te': 'thử' })
    const two = await settledBy(one.all, { kind: 'switch', rule: A, off: true, agencies: ['so-gtvt'] })
    expect(Object.keys(two.rule!.disabledIn!)).toEqual(['so-gtvt', 'so-y-te'])
    const none = await settledBy(two.all, { kind: 'switch', rule: A, off: false, agencies: ['so-gtvt', 'so-y-te'] })
    expect(none.file.text).toBe('# noise\n')
  })

  test('everywhere', async () => {
    const off = await settledBy(FILES, { kind: 'switch', rule: A, off: true })
    expect(off.rule?.disabled).toBe('thử')
    await expect(settledBy(off.all, { kind: 'switch', rule: A, off: false, agencies: ['a'] })).rejects.toThrow(
      /off everywhere/,
    )
    expect((await settledBy(off.all, { kind: 'switch', rule: A, off: false })).file.text).toBe('')
    await expect(settledBy(FILES, { kind: 'switch', rule: A, off: false })).rejects.toThrow(/no line/)
  })
})

describe('a former text', () => {
  const put = (text: string, path = 'two.yml', files = FILES) => settledBy(files, { kind: 'text', rule: A, text, path })

  test('goes where the rule stands now, and leaves the other documents alone', async () => {
    const { file, rule: own } = await put(rule(A, 'former'))
    expect(file.text).toBe(`# both\n${rule(A, 'former')}---\n${rule(B)}`)
    expect(own?.path).toBe('two.yml')
  })

  test('comes back to its file, or a new one, where the rule is gone', async () => {
    const gone = [{ path: 'two.yml', text: rule(B) }]
    expect((await put(rule(A), 'two.yml', gone)).file.text).toBe(`${rule(B)}---\n${rule(A)}`)
    expect((await put(rule(A), 'linux/new.yml', gone)).file).toEqual({ path: 'linux/new.yml', text: rule(A) })
  })

  test('is refused where it would not load, or came from a template', async () => {
    await expect(put(rule(A).replace('condition: s', 'condition: t'))).rejects.toThrow(/does not load.*bad_condition/)
    await expect(put(`action: global\nlevel: low\n---\n${rule(A)}`)).resolves.toBeDefined()
    const template = [{ path: 't.yml', text: `action: global\nlevel: low\n---\n${rule(A)}` }]
    await expect(put(rule(A), 't.yml', template)).rejects.toThrow(/template/)
  })
})

test('whatever a person writes as the reason is read back as it is, and nothing else changes', async () => {
  const text = fc.oneof(
    fc.string(),
    fc.string({ unit: 'binary' }),
    fc.constantFrom('}', '{ a', '# x', '\n- y', '"', "'", 'null', '\u2028'),
  )
  await fc.assert(
    fc.asyncProperty(text, text, fc.constantFrom('state', 'switch'), async (why, by, kind) => {
      const edit: RuleEdit =
        kind === 'state'
          ? { kind: 'state', rule: A, state: 'shadow' }
          : { kind: 'switch', rule: A, off: true, agencies: ['x'] }
      const { rule: own, problems, all } = await settledBy(FILES, edit, { by, why, day: '2026-11-28' })
      expect(problems).toEqual([])
      if (kind === 'switch') expect(own?.disabledIn).toEqual({ x: why })
      else expect(own?.changed).toEqual({ by, since: '2026-11-28', ...(why !== '' && { why }) })
      const other = (await loadRules(all)).rules.find(({ id }) => id === B)
      expect(other?.state).toBe('shadow')
    }),
    { numRuns: runs(200) },
  )
})

test('a new rule is a draft before it has a file, and is refused where its id is taken or is another one', async () => {
  const C = '6f1b6a52-54b0-4f0e-9f0a-5d6f6a7b0003'
  const edit = { kind: 'new' as const, rule: C, text: rule(C), path: 'own/x.yml' }
  const edited = await editedFiles(FILES, edit, NOTE)
  expect(edited.map(({ path }) => path)).toEqual(['life.yml', 'own/x.yml'])
  expect((await settledBy(FILES, edit)).rule).toMatchObject({
    state: 'draft',
    path: 'own/x.yml',
    changed: { by: 'lan' },
  })
  await expect(editedFiles(FILES, { ...edit, rule: A, text: rule(A) }, NOTE)).rejects.toThrow(
    'there is a rule of that id',
  )
  await expect(editedFiles(FILES, { ...edit, text: rule(B) }, NOTE)).rejects.toThrow(`its id is not ${C}`)
  await expect(editedFiles(FILES, { kind: 'text', rule: A, text: rule(B), path: 'two.yml' }, NOTE)).rejects.toThrow(
    `its id is not ${A}`,
  )
})
