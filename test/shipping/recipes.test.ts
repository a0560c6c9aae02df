import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { ROOT } from '../../model/root.ts'
import { exampleFilling, fillRecipe, loadRecipes } from '../../shipping/recipes.ts'

const recipes = [...loadRecipes()].flatMap(([shipper, transports]) =>
  [...transports].map(([transport, recipe]) => [shipper, transport, recipe] as const),
)

describe('what is printed is what the pages show', () => {
  test.each(recipes)('%s over %s', (shipper, _transport, recipe) => {
    const page = readFileSync(join(ROOT, 'docs/shipping', recipe.page), 'utf8')
    const block = `\`\`\`${recipe.language}\n${fillRecipe(recipe, exampleFilling(shipper, recipe))}\n\`\`\``
    expect(page).toContain(block)
  })

  test.each(recipes)('%s over %s ships to an input that there is', (_shipper, _transport, { input }) => {
    expect(existsSync(join(ROOT, 'collector/inputs', `${input}.ts`))).toBe(true)
  })

  test.each(recipes)('%s over %s: a page says whether it was run', (_shipper, _transport, { page, tested }) => {
    const text = readFileSync(join(ROOT, 'docs/shipping', page), 'utf8')
    const [program, version] = tested?.split(' ') ?? []
    if (tested === undefined) expect(text).toMatch(/\*\*Untested/)
    else expect(text).toContain(`${program} ${version}`)
  })

  test('the overview names every page', () => {
    const overview = readFileSync(join(ROOT, 'docs/shipping/README.md'), 'utf8')
    const pages = readdirSync(join(ROOT, 'docs/shipping')).filter((page) => page !== 'README.md')
    expect(pages.filter((page) => !overview.includes(`](${page})`))).toEqual([])
  })
})
