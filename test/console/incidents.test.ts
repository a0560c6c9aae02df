import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { STATES } from '../../model/incident.ts'
import { filterOf, only, toggled, viewKey } from '../../console/features/incidents/filter.ts'
import { OPEN_STATES } from '../../model/incident.ts'
import { historyText } from '../../console/features/incidents/history-text.ts'
import { litLines } from '../../console/features/incidents/rule-lines.ts'
import { parseSearch, stringifySearch } from '../../console/lib/search-parameters.ts'

const RULE = `title: Failed SSH Password
detection:
    selection:
        event.action: ssh_login
        message|contains|all:
            - 'Failed password'
            - "from"   # an address follows
    other:
        message|contains: Failed password
    keywords:
        - 'it''s me'
    condition: selection and not other or keywords
`

const proof = (selection: string, field: string, modifiers: string[], value: string) => ({
  selection,
  field,
  eventField: field,
  modifiers,
  value,
  matched: value,
})

describe('the lines of a rule that what matched stands for', () => {
  const lines = RULE.split('\n')
  test.each([
    ['key and value on one line', [proof('selection', 'event.action', [], 'ssh_login')], ['event.action: ssh_login']],
    [
      'the values of a list, whatever their quotes',
      [
        proof('selection', 'message', ['contains', 'all'], 'Failed password'),
        proof('selection', 'message', ['contains', 'all'], 'from'),
      ],
      ['message|contains|all:', "- 'Failed password'", '- "from"   # an address follows'],
    ],
    [
      'the selection that is named, not another that says the same',
      [proof('other', 'message', ['contains'], 'Failed password')],
      ['message|contains: Failed password'],
    ],
    ['a keyword', [proof('keywords', '', [], "it's me")], ["- 'it''s me'"]],
    ['nothing that is not there', [proof('selection', 'user.name', [], 'root'), proof('gone', 'a', [], 'b')], []],
  ])('%s', (_name, proofs, expected) => {
    expect([...litLines(RULE, proofs)].sort((a, b) => a - b).map((at) => lines[at]!.trim())).toEqual(expected)
  })

  test('any text and any proof give lines of the text', () => {
    const anything = fc.record({
      selection: fc.string(),
      field: fc.string(),
      eventField: fc.string(),
      modifiers: fc.array(fc.string()),
      value: fc.string(),
      matched: fc.string(),
    })
    fc.assert(
      fc.property(fc.string(), fc.array(anything), (text, proofs) => {
        const count = text.split('\n').length
        expect([...litLines(text, proofs)].every((at) => at >= 0 && at < count)).toBe(true)
      }),
    )
  })
})

describe('a filter in the address', () => {
  test('none asks for what is open; what makes no sense is left out', () => {
    expect(filterOf({})).toEqual({ state: ['new', 'in_progress', 'on_hold'], sort: 'priority' })
    expect(filterOf({ state: 'any', level: ['high', 'worst'], assignee: '', q: ' web ', sort: 'oldest' })).toEqual({
      level: ['high'],
      assignee: '',
      q: 'web',
      sort: 'priority',
    })
  })

  test('a box that is ticked and unticked leaves the filter as it was', () => {
    fc.assert(
      fc.property(fc.subarray([...STATES], { minLength: 2 }), fc.constantFrom(...STATES), (states, state) => {
        const before = { state: states }
        const once = { ...before, ...toggled(before, 'state', state) }
        const twice = { ...once, ...toggled(once, 'state', state) }
        expect(new Set(filterOf(twice).state ?? STATES)).toEqual(new Set(filterOf(before).state ?? STATES))
        expect(new Set(filterOf(once).state ?? STATES)).not.toEqual(new Set(filterOf(before).state ?? STATES))
      }),
    )
  })

  test('what is open needs no parameter, and a view is the same in whatever order its parameters stand', () => {
    expect(toggled({ state: OPEN_STATES.slice(1) }, 'state', 'new')).toEqual({ state: undefined })
    expect(viewKey({ state: ['closed', 'resolved'] })).toBe(viewKey({ state: ['resolved', 'closed'], other: 'x' }))
    expect(filterOf(only({ level: 'high' }))).toEqual(filterOf({ level: ['high'] }))
  })

  test('whatever stands in an address comes back from it', () => {
    const search = fc.dictionary(
      fc.string({ minLength: 1 }),
      fc.oneof(fc.string(), fc.array(fc.string(), { minLength: 2 })),
    )
    fc.assert(
      fc.property(search, (wanted) => {
        expect(parseSearch(stringifySearch(wanted))).toEqual({ ...wanted })
      }),
    )
  })
})

test('an entry of the history is a sentence, with what it was before', () => {
  const entry = {
    at: '2026-11-22T08:00:00.000Z',
    actor: 'phan-tich',
    code: 'incident_changed',
    params: {},
    before: { state: 'new', verdict: null },
    after: { state: 'resolved', verdict: 'true_positive', unknown: 1 },
  }
  expect(historyText(entry)).toBe('Thay đổi · Trạng thái: Mới → Đã xử lý · Kết luận: — → Tấn công thật')
  expect(historyText({ ...entry, code: 'of_tomorrow', after: {} })).toBe('of_tomorrow')
})
