import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { ROOT } from '../../model/root.ts'

const text = readFileSync(join(ROOT, 'docs', 'security.md'), 'utf8')
/** What is said to hold or to be found: the attack and its test. */
const rows = text.split('\n').flatMap((line) => {
  const cells = line.split(' | ')
  const [attack = '', held = '', named = ''] = cells.map((cell) => cell.replace(/^\||\|$/g, '').trim())
  const isRow = line.startsWith('| ') && cells.length === 3 && !['attack', 'whoever', '---'].includes(attack)
  return isRow && !held.startsWith('no') && !held.startsWith('only') ? [[attack, named] as const] : []
})

test('the table is read', () => expect(rows.length).toBeGreaterThan(60))

test.each(rows)('%s: its test is there', (_attack, named) => {
  if (named === '`npm run test:schemathesis`') return
  const files = [...named.matchAll(/`(test\/[\w./-]+\.test\.ts)`((?: › |, )\*[^*]+\*(?:, \*[^*]+\*)*)/g)]
  expect(files.length).toBeGreaterThan(0)
  for (const [, path, names] of files) {
    const source = readFileSync(join(ROOT, path!), 'utf8')
    for (const [, name] of names!.matchAll(/\*([^*]+)\*/g)) {
      expect([path, name, source.includes(name!.replace(/ ?…$/, ''))]).toEqual([path, name, true])
    }
  }
})
