import { expect, test } from 'vitest'
import { loadRules } from '../../detection/engine.ts'
import { randomUUID } from 'node:crypto'

test('a thread that loads rules goes on with what else it does', async () => {
  const rule = (): string =>
    `title: R\nid: ${randomUUID()}\nlogsource:\n  category: c\ndetection:\n  s:\n    a|contains:\n${Array.from({ length: 50 }, (_, i) => `      - x${i}\n`).join('')}  condition: s\n`
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
