import fc from 'fast-check'
import { expect, test } from 'vitest'
import { loadRules } from '../../detection/engine.ts'
import { complete } from '../../lsp/complete.ts'
import { hover } from '../../lsp/hover.ts'
import { fieldAt, placeAt } from '../../lsp/place.ts'

const TEXT = `title: x
detection:
  selection:
    Image|endswith: '\\cmd.exe'
    CommandLine|contains:
      - one
      - two # said
  others:
    - User: a
      Image: b
  condition: selection
`.split('\n')

test.each([
  [0, 3, { path: [], key: 'title', inKey: true, value: 'x' }, undefined],
  [3, 8, { path: ['detection', 'selection'], key: 'Image|endswith', inKey: true, value: '\\cmd.exe' }, 'Image'],
  [3, 24, { path: ['detection', 'selection'], key: 'Image|endswith', inKey: false, value: '\\cmd.exe' }, 'Image'],
  [
    6,
    9,
    { path: ['detection', 'selection', 'CommandLine|contains'], key: '', inKey: true, value: 'two' },
    'CommandLine',
  ],
  [8, 8, { path: ['detection', 'others'], key: 'User', inKey: true, value: 'a' }, 'User'],
  [9, 8, { path: ['detection', 'others'], key: 'Image', inKey: true, value: 'b' }, 'Image'],
  [99, 0, { path: [], key: '', inKey: true, value: '' }, undefined],
] as const)('line %i, column %i', (line, column, place, field) => {
  expect(placeAt(TEXT, line, column)).toEqual(place)
  expect(fieldAt(placeAt(TEXT, line, column))?.field).toBe(field)
})

test('a hover counts by what the modifiers mean, and shows log text as code on one line', async () => {
  const asked: string[] = []
  const ask = async <T>(path: string): Promise<T> => {
    asked.push(decodeURIComponent(path))
    if (path.startsWith('/events/values')) return { items: [{ value: '`\n# <b>', count: 3 }] } as T
    return { groups: [{ count: 7 }] } as T
  }
  const at = (line: number, column: number) =>
    hover(TEXT.join('\n'), { line, column }, (field) => [`event.${field}`], ask)
  expect(await at(3, 24)).toBe(
    '**`Image`** → `event.Image`\n\n`event.Image`: 7 sự kiện trong 24 giờ · events in 24 hours\n\n`\\cmd.exe`: 7',
  )
  expect(await at(3, 6)).toContain('- `ˋ·# <b>`: 3')
  expect(await at(0, 1)).toBeNull()
  expect(asked).toContain('/events/aggregate?q="event.Image":*"\\\\cmd.exe" | count')
})

test('any text, any place: suggestions or none, never a throw', async () => {
  const ruleSet = await loadRules([])
  const text = fc
    .array(fc.oneof(fc.string(), fc.constantFrom(...TEXT, '---', '  - ', '\t:', '"a', 'logsource: {')))
    .map((lines) => lines.join('\n'))
  fc.assert(
    fc.property(text, fc.nat(30), fc.nat(60), (own, line, column) => {
      expect(complete(own, { line, column }, { ruleSet, modifiers: ['re'] })).toBeInstanceOf(Array)
      placeAt(own.split('\n'), line, column)
    }),
  )
})
