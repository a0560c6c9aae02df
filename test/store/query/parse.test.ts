import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { ROOT } from '../../../model/root.ts'
import { networkOf } from '../../../store/query/address.ts'
import { QUERY_ERRORS } from '../../../store/query/lexer.ts'
import { parseQuery } from '../../../store/query/parse.ts'
import { queryOf, term } from './sample-query.ts'

const where = (text: string) => queryOf(text).where
const equals = (field: string, text: string) => ({ kind: 'match', field, pattern: { kind: 'equals', text } })
const contains = (text: string, field = '') => ({ kind: 'match', field, pattern: { kind: 'contains', text } })

test.each([
  ['user.name:root', equals('user.name', 'root')],
  ['user.name : root', equals('user.name', 'root')],
  ['"Failed password"', contains('Failed password')],
  ['message:"Failed password"', contains('Failed password', 'message')],
  ['user.name:adm*', term('user.name', 'adm*')],
  ['user.name:"adm*"', equals('user.name', 'adm*')],
  ['user.name:*', { kind: 'match', field: 'user.name', pattern: { kind: 'exists' } }],
  [String.raw`process.executable:C:\Windows\\*`, term('process.executable', String.raw`C:\Windows\\*`)],
  [
    String.raw`process.executable:"C:\Program Files\\"*`,
    { ...term('p', String.raw`C:\Program Files\\*`), field: 'process.executable' },
  ],
  [String.raw`x:"\\server\a \"b\" c"`, equals('x', String.raw`\\server\a "b" c`)],
  ['"x y":z', equals('x y', 'z')],
  ['10:22:01', contains('10:22:01')],
  ['http://a.vn/b?c', term('', 'http://a.vn/b?c')],
  ['fe80::1', contains('fe80::1')],
  [String.raw`C:\Windows`, contains(String.raw`C:\Windows`)],
  ['url.path:/admin', equals('url.path', '/admin')],
  ['a b', { kind: 'and', of: [contains('a'), contains('b')] }],
  ['a AND b or c', { kind: 'or', of: [{ kind: 'and', of: [contains('a'), contains('b')] }, contains('c')] }],
  ['not (a or b)', { kind: 'not', of: { kind: 'or', of: [contains('a'), contains('b')] } }],
  ['"and" "or"', { kind: 'and', of: [contains('and'), contains('or')] }],
  [
    'x:(a or (b and not c)) d:e',
    {
      kind: 'and',
      of: [
        {
          kind: 'or',
          of: [equals('x', 'a'), { kind: 'and', of: [equals('x', 'b'), { kind: 'not', of: equals('x', 'c') }] }],
        },
        equals('d', 'e'),
      ],
    },
  ],
  ['p >= 500', { kind: 'range', field: 'p', as: 'number', gte: 500 }],
  ['p<5', { kind: 'range', field: 'p', as: 'number', lt: 5 }],
  ['p:[400 TO 499]', { kind: 'range', field: 'p', as: 'number', gte: 400, lte: 499 }],
  ['p:[* to 499]', { kind: 'range', field: 'p', as: 'number', lte: 499 }],
  ['@timestamp > 2026-03-02', { kind: 'range', field: '@timestamp', as: 'time', gt: '2026-03-02T00:00:00.000Z' }],
  [
    '@timestamp <= 2026-03-02T07:00+07:00',
    { kind: 'range', field: '@timestamp', as: 'time', lte: '2026-03-02T00:00:00.000Z' },
  ],
  [
    'ip:10.1.2.3/8',
    {
      kind: 'or',
      of: [equals('ip', '10.1.2.3/8'), { kind: 'range', field: 'ip', as: 'address', ...networkOf('10.0.0.0/8')! }],
    },
  ],
  ['ip:"10.1.2.3/8"', equals('ip', '10.1.2.3/8')],
  ['ip > 10.0.0.9', { kind: 'range', field: 'ip', as: 'address', gt: '40a000009', lte: '4ffffffff' }],
])('%s', (text, expected) => expect(where(text)).toEqual(expected))

test.each([
  ['', { kind: 'events', order: 'newest' }],
  ['| sort @timestamp asc', { kind: 'events', order: 'oldest' }],
  ['a | fields host.name, "x y"', { kind: 'events', order: 'newest', fields: ['host.name', 'x y'] }],
  ['| count', { kind: 'count', by: [], top: 100, sort: { by: 'count', descending: true } }],
  [
    'a | COUNT by f1, f2 | top 20',
    { kind: 'count', by: ['f1', 'f2'], top: 20, sort: { by: 'count', descending: true } },
  ],
  ['|count by f|sort f asc|top 5', { kind: 'count', by: ['f'], top: 5, sort: { by: 0, descending: false } }],
  ['| histogram', { kind: 'histogram', top: 10 }],
  ['| histogram 5m by f | top 3', { kind: 'histogram', intervalMs: 300_000, by: 'f', top: 3 }],
])('stages of %j', (text, expected) => expect(queryOf(text).output).toEqual(expected))

test.each([
  ['a "b', 'unclosed_quote', 2],
  ['a (b', 'unclosed_bracket', 2],
  ['a:[1 2]', 'unclosed_bracket', 2],
  ['a) b', 'unexpected', 1],
  ['a and', 'unexpected', 5],
  ['or a', 'unexpected', 0],
  ['()', 'unexpected', 1],
  ['a:', 'missing_value', 0],
  ['x a: | count', 'missing_value', 2],
  ['""', 'missing_value', 0],
  ['a > x', 'bad_bound', 4],
  ['a:[1 TO 10.0.0.1]', 'bad_bound', 2],
  ['a:[10.0.0.1 TO ::1]', 'bad_bound', 2],
  ['a:[* TO *]', 'bad_bound', 2],
  ['a > 2026-13-01', 'bad_bound', 4],
  ['x:' + 'y'.repeat(1_001), 'value_too_long', 2],
  ['x:' + 'a*'.repeat(51), 'too_many_wildcards', 2],
  ['a '.repeat(257), 'too_many_terms', 512],
  ['('.repeat(13) + 'a', 'too_deep', 12],
  ['not '.repeat(13) + 'a', 'too_deep', 48],
  ['a'.repeat(4_001), 'too_long', 4_000],
  ['a |', 'unknown_stage', 2],
  ['a | drop table', 'unknown_stage', 4],
  ['| constructor', 'unknown_stage', 2],
  ['| count f', 'bad_stage', 8],
  ['| count by', 'bad_stage', 8],
  ['| count by a,', 'bad_stage', 12],
  ['| count by a b', 'bad_stage', 13],
  ['| count by a, a', 'bad_stage', 14],
  ['| count by a,b,c,d,e', 'bad_stage', 19],
  ['| top 5', 'bad_stage', 2],
  ['| count by a | top 0', 'bad_stage', 19],
  ['| histogram 0m', 'bad_stage', 12],
  ['| histogram 5w', 'bad_stage', 12],
  ['| sort user.name', 'bad_stage', 7],
  ['| count by a | sort b', 'bad_stage', 20],
  ['| fields "a', 'unclosed_quote', 9],
])('refused: %j', (text, code, position) => {
  expect(parseQuery(text)).toEqual({
    error: { code, position, end: expect.any(Number) as number, message: expect.any(String) as string },
  })
})

describe('any text', () => {
  const piece = fc.oneof(
    fc.string(),
    fc.constantFrom(
      'a:',
      '"',
      '\\',
      ' ',
      ':',
      ' and ',
      ' or ',
      ' not ',
      '(',
      ')',
      '|',
      '| count by ',
      '[',
      ' TO ',
      ']',
      '>=',
      '*',
      '10.0.0.0/8',
    ),
  )
  const text = fc.array(piece, { maxLength: 30 }).map((pieces) => pieces.join(''))
  test('gives a query, or an error inside the text', () => {
    fc.assert(
      fc.property(text, (t) => {
        const parsed = parseQuery(t)
        if ('query' in parsed) return
        const { position, end } = parsed.error
        expect(position >= 0 && position <= end && end <= t.length).toBe(true)
      }),
      { numRuns: 2_000 },
    )
  })
})

test('docs/search.md lists exactly the codes there are', () => {
  const [, table = ''] = readFileSync(join(ROOT, 'docs', 'search.md'), 'utf8').split('## Errors')
  const rows = table.split('\n').filter((line) => line.startsWith('| `'))
  const codes = rows.flatMap((row) => [...row.split('|')[1]!.matchAll(/`(\w+)`/g)].map(([, code]) => code))
  expect(codes).toEqual([...QUERY_ERRORS, 'wrong_output'])
})

test('a browser can read it: the parser and the completion import nothing from outside of their folder', () => {
  const seen = new Set<string>()
  const visit = (name: string): void => {
    if (seen.has(name)) return
    seen.add(name)
    const text = readFileSync(join(ROOT, 'store', 'query', name), 'utf8')
    for (const [, target = ''] of text.matchAll(/from '([^']+)'/g)) {
      expect([name, target]).toEqual([name, expect.stringMatching(/^\.\/[a-z-]+\.ts$/)])
      visit(target.slice(2))
    }
  }
  visit('parse.ts')
  visit('complete.ts')
  expect(seen.size).toBeGreaterThan(5)
})

test('what is quoted is meant as it stands', () => {
  fc.assert(
    fc.property(fc.string({ minLength: 1 }), (value) => {
      const quoted = value.replace(
        /(\\*)("|$)/g,
        (_, slashes: string, mark: string) => slashes + slashes + (mark && `\\"`),
      )
      expect(where(`x:"${quoted}"`)).toEqual(equals('x', value))
    }),
  )
})
