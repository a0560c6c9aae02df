import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { Engine } from '../../detection/engine.ts'
import { overlapsOf } from '../../detection/overlap.ts'
import { runs } from '../runs.ts'
import { fields, ruleText } from './arbitrary.ts'
import { event, load, rule } from './made-up.ts'

async function told(...detections: string[]): Promise<string[]> {
  const files = detections.map((detection, i): [string, string] => [`${i}.yml`, rule(detection, `r${i}`)])
  return overlapsOf(await load(Object.fromEntries(files))).map(
    ({ rule: one, other, kind }) => `${one} ${kind} ${other}`,
  )
}

describe('told', () => {
  test.each([
    [
      'the same in other words',
      ['s: { a: [x, y] }\ncondition: s', 't: { a: [Y, X] }\ncondition: 1 of them'],
      'r0 duplicate r1',
    ],
    ['one more predicate', ['s: { a: x, b: y }\ncondition: s', 's: { a: x }\ncondition: s'], 'r0 shadowed r1'],
    [
      'a longer end',
      ["s: { a|endswith: '\\cmd.exe' }\ncondition: s", 's: { a|endswith: .exe }\ncondition: s'],
      'r0 shadowed r1',
    ],
    [
      'a filter that the other has not',
      ['s: { a: x }\nf: { b: y }\ncondition: s and not f', 's: { a: x }\ncondition: s'],
      'r0 shadowed r1',
    ],
    [
      'a wider filter',
      [
        's: { a: x }\nf: { b|contains: y }\ncondition: s and not f',
        's: { a: x }\nf: { b: yy }\ncondition: s and not f',
      ],
      'r0 shadowed r1',
    ],
    [
      'a filter that cannot hold there',
      ['s: { a: x }\ncondition: s', 's: { a: x }\nf: { a: y }\ncondition: s and not f'],
      'r0 duplicate r1',
    ],
  ])('%s', async (_name, detections, said) => expect(await told(...detections)).toEqual([said]))
})

test.each([
  ['other fields', ['s: { a: x }\ncondition: s', 's: { b: x }\ncondition: s']],
  ['one value of two', ['s: { a: [x, y] }\ncondition: s', 's: { a: [x, z] }\ncondition: s']],
  [
    'a narrower filter',
    ['s: { a: x }\nf: { b: y }\ncondition: s and not f', 's: { a: x }\nf: { b: z }\ncondition: s and not f'],
  ],
])('nothing is told of %s', async (_name, detections) => expect(await told(...detections)).toEqual([]))

test('parts of correlations and rules of other log sources are no company', async () => {
  const narrow = rule('s: { a: x }\ncondition: s', 'n').replace('product: t', 'service: one')
  const wide = rule('s: { a: x }\ncondition: s', 'w')
  const set = await load({
    'n.yml': narrow,
    'w.yml': wide,
    'p.yml': wide.replaceAll(' w', ' p').replace('high', 'informational'),
  })
  expect(overlapsOf(set)).toEqual([{ rule: 'n', other: 'w', kind: 'shadowed' }])
})

test('what is told holds for every event', async () => {
  let pairs = 0
  await fc.assert(
    fc.asyncProperty(
      fc.array(ruleText, { minLength: 2, maxLength: 8 }),
      fc.array(fields, { minLength: 1, maxLength: 20 }),
      async (texts, events) => {
        const files = texts.map((text, i): [string, string] => [`r${i}.yml`, `id: r${i}\n${text}`])
        const set = await load(Object.fromEntries(files))
        const found = overlapsOf(set)
        pairs += found.length
        const engine = new Engine(set)
        for (const own of events) {
          const matched = engine.matches(event(own))
          for (const { rule: one, other, kind } of found) {
            if (matched.includes(one)) expect(matched).toContain(other)
            if (kind === 'duplicate' && matched.includes(other)) expect(matched).toContain(one)
          }
        }
      },
    ),
    { numRuns: runs(150) },
  )
  expect(pairs).toBeGreaterThan(0)
})
