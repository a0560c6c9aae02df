import { randomUUID } from 'node:crypto'
import { expect, test } from 'vitest'
import { loadRules } from '../../detection/engine.ts'

test('a thread that loads rules goes on with what else it does', async () => {
  const rule = (): string =>
    `title: R\nid: ${randomUUID()}\nlogsource:\n  category: c\ndetection:\n  s:\n    a|contains:\n${Array.from({ length: 50 }, (_, i) => `      - x${i}\n`).join('')}  condition: s\n`
  await loadRules([]) // reads the folders of modifiers and checks, once, which lets others go on by itself
  let turns = 0
  const other = setInterval(() => turns++, 1)
  const { rules, problems } = await loadRules(
    Array.from({ length: 400 }, (_, i) => ({ path: `${i}.yml`, text: rule() })),
  )
  clearInterval(other)
  expect(problems.filter(({ severity }) => severity === 'error')).toEqual([])
  expect(rules).toHaveLength(400)
  expect(turns).toBeGreaterThan(1)
})
