import fc from 'fast-check'
import type { EcsValue } from '../../model/event.ts'

// Random rules and events that meet: both are made of the same few words, numbers and names.

const words = (text: string): string[] => text.split(' ')

/** Letters that fold oddly or not at all, what is special in Sigma, in YAML and in regular expressions, and half characters. */
const TOKENS = [
  ...words(
    'a b B k K s i I ab cmd .exe \\ -f \u2013f / _ . İ ı ſ \u212A đ Đ \u1EA1 a\u0323 \u1EA0 Σ σ ς ß ẞ µ μ \u212B å \u{1F600} \u{10400} \u{10428} \uD83D \uDE00 * ? % \n \r\n " 62 4624 0',
  ),
  ' ',
  ' -f',
  ' /f',
  "'",
]
const COMMON = [...words('ab AB cmd.exe C:\\cmd.exe a\\b kéo Đ\u1EA1i đ\u1EA1i \u212Aab kab S ſ'), 'x -f a', 'x /F a']
export const word = fc.oneof(
  { weight: 2, arbitrary: fc.constantFrom(...COMMON) },
  { weight: 3, arbitrary: fc.array(fc.constantFrom(...TOKENS), { maxLength: 5 }).map((tokens) => tokens.join('')) },
)
const plainWord = fc.constantFrom('ab', 'cmd.exe', 'foobar', 'đ\u1EA1i', '\u{1F600}', 'a', '\u212A', ' ')

const NUMBERS = words('0 -0 1 -5 1.5 4624 04624 4624.0 4.624e3 +4624 1e3 1000 1e-2 0.01')
const LARGE = ['9007199254740992', '9007199254740993', '1e21', '1000000000000000000000', '18446744073709551615']
const number = fc.constantFrom(...NUMBERS, ...LARGE)
const TIMES = [
  '2026-03-02T08:07:00Z',
  '2026-03-02T23:59:60.123456789+07:00',
  '2027-01-01 00:00',
  '2024-02-29T12:30:15,5 UTC',
  '2026-02-30T08:07:00Z',
  '2026-03-02T24:00:00Z',
  '1772438400',
  '1772438400123',
  '1772438400.25',
  '2025-12-29T01:02:03-0500',
]
const ADDRESSES = words(
  '10.0.0.7 10.255.0.1 ::1 [::1] ::ffff:10.1.2.3 ::ffff:a01:203 fe80::1%eth0 fe80::1%a-b_0 2001:DB8::7 10.0.0 010.0.0.7 10.0.0.256 1::2::3 10.0.0.7:80 :: 0.0.0.0 [10.0.0.7] 1:2:3:4:5:6:7::',
)

// Events.

const longWord = fc
  .tuple(word, fc.constantFrom('ab', 'x -f ', 'Đa', '\u{1F600}'), word)
  .map(([head, middle, tail]) => head + middle.repeat(2100) + tail)
const scalar = fc.oneof(
  { weight: 12, arbitrary: word },
  { weight: 2, arbitrary: number },
  { weight: 1, arbitrary: number.map(Number) },
  { weight: 1, arbitrary: fc.constantFrom('true', 'False', '', '-', '0x10', 'NaN', ' 4624', '4624 ') },
  { weight: 1, arbitrary: fc.boolean() },
  { weight: 1, arbitrary: fc.constantFrom(...TIMES) },
  { weight: 1, arbitrary: fc.constantFrom(...ADDRESSES) },
  { weight: 1, arbitrary: encoded() },
  { weight: 1, arbitrary: longWord },
)
const { value } = fc.letrec<{ value: EcsValue }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 2, withCrossShrink: true },
    { weight: 8, arbitrary: scalar },
    { weight: 1, arbitrary: fc.constant(null) },
    { weight: 1, arbitrary: fc.array(tie('value'), { maxLength: 3 }) },
    {
      weight: 1,
      arbitrary: fc.dictionary(fc.constantFrom('a', 'b', 'c', 'b.c', 'constructor'), tie('value'), {
        maxKeys: 3,
        noNullPrototype: true,
      }),
    },
  ),
}))
const OWN_FIELDS = words('a b c A d a.b a.b.c d.a x.y win.a message event.original soc.note event.action')

/** Fields of an event, dataset included. */
export const fields: fc.Arbitrary<Record<string, EcsValue>> = fc
  .tuple(
    fc.constantFrom<EcsValue>('t.one', 't.one', 't.one', 't.two', 'T.Two', 'other', ['other', 'T.one', 't.two']),
    fc.dictionary(fc.constantFrom(...OWN_FIELDS), value, { minKeys: 1, maxKeys: 6, noNullPrototype: true }),
  )
  .map(([dataset, own]) => ({ ...own, 'event.dataset': dataset }))

/** Base64 of a word that rules encode too, at any offset and in any of the encodings. */
function encoded(): fc.Arbitrary<string> {
  return fc
    .tuple(
      plainWord,
      fc.constantFrom('utf8' as const, 'utf16le' as const),
      fc.constantFrom('', 'x', 'xy', '\u00FF\u00FE'),
      fc.boolean(),
    )
    .map(([text, encoding, before, upper]) => {
      const base64 = Buffer.concat([
        Buffer.from(before, 'latin1'),
        Buffer.from(text, encoding),
        Buffer.from(before, 'latin1'),
      ]).toString('base64')
      return upper ? base64.toUpperCase() : base64
    })
}

// Rules.

const quote = (text: string): string => JSON.stringify(text)
const escape = (text: string): string => text.replace(/[\\*?]/g, '\\$&')

/** A Sigma string: as it comes, escaped, or with wildcards put in. */
const pattern = fc.oneof(
  word,
  word.map(escape),
  fc.tuple(word, word).map(([a, b]) => `${escape(a)}*${escape(b)}`),
  fc.tuple(word, word, word).map(([a, b, c]) => `*${a}?${b}*${c}`),
  word.map((text) => `?${text}`),
)
const optionPattern = fc
  .tuple(
    fc.constantFrom('', 'x', '*', ' '),
    fc.constantFrom('-f', '/F', ' -f', '\u2015f', ' -f -a'),
    fc.constantFrom('', ' a', '*', '?'),
  )
  .map((parts) => parts.join(''))
const placeholderPattern = fc
  .tuple(
    fc.constantFrom('', 'a', '*', 'x -f '),
    fc.constantFrom('%who%', '%who%%none%', '%what%', '%who% %what%', String.raw`\%`, '%'),
    fc.constantFrom('', 'b', '*'),
  )
  .map((parts) => parts.join(''))

const ATOMS = [
  ...words(
    'a b ab k s đ İ Σ \u{1F600} \u{10400} cmd - { ] . \\. \\\\ \\n \\r [ab] [^a] [a-k] [J-L] [^j-l] \\d \\D \\w \\W \\s \\S [\\w.-] [^\\W_] [\\s\\S] []a] [\u{1F600}đ] [a\\-b] [+--] \\x61 \\x{212A} \\u0111 (a|b) (ab|ba) (?:a|) (?P<n>ab) (k|s+) (a|aa)',
  ),
  ' ',
]
const EDGES = ['^', '$', '\\b', '\\B', '\\A', '\\z', '|']
const piece = fc.oneof(
  {
    weight: 8,
    arbitrary: fc
      .tuple(fc.constantFrom(...ATOMS), fc.constantFrom('', '', '', '*', '+', '?', '{2}', '{1,2}', '{1,}', '*?', '+?'))
      .map((parts) => parts.join('')),
  },
  { weight: 1, arbitrary: fc.constantFrom(...EDGES) },
)

/** Source of a regular expression, and the sub-modifiers after `re`. */
export const regex = fc.tuple(
  fc
    .tuple(fc.constantFrom('', '', '', '(?i)', '(?s)', '(?im)'), fc.array(piece, { minLength: 1, maxLength: 5 }))
    .map(([head, pieces]) => head + pieces.join('')),
  fc.constantFrom('', '', '|i', '|m', '|s', '|i|m|s', '|ignorecase|dotall', '|multiline'),
)

const list = <T>(one: fc.Arbitrary<T>): fc.Arbitrary<T[]> => fc.array(one, { minLength: 1, maxLength: 4 })
const FIELDS = words('a b c A a.b a.b.c d.a d x.y Mapped Pre.a message constructor toString')
const field = fc.constantFrom(...FIELDS)
const fieldOrAll = fc.oneof({ weight: 6, arbitrary: field }, { weight: 1, arbitrary: fc.constant('') })

/** `key: values` of the field, the modifiers and what the values are written like. */
const item = (
  name: fc.Arbitrary<string>,
  chains: readonly string[],
  values: fc.Arbitrary<string>,
): fc.Arbitrary<string> =>
  fc
    .tuple(name, fc.constantFrom(...chains), list(values))
    .map(([own, chain, texts]) => `${quote(own + chain)}: ${texts.length === 1 ? texts[0] : `[${texts.join(', ')}]`}`)

const FIELD_CHAINS = [
  '',
  '',
  '|cased',
  '|startswith',
  '|endswith',
  '|startswith|cased',
  '|cased|endswith',
  '|startswith|all',
  '|all',
  '|neq',
  '|startswith|neq',
]
const ANY_CHAINS = words(
  '|contains |contains |contains|all |contains|cased |contains|neq |contains|all|neq |contains|all|cased',
)
const items = fc.oneof(
  { weight: 8, arbitrary: item(field, [...FIELD_CHAINS, ...ANY_CHAINS], pattern.map(quote)) },
  { weight: 1, arbitrary: item(fc.constant(''), [...ANY_CHAINS, '|all', '|cased', '|endswith'], pattern.map(quote)) },
  {
    weight: 2,
    arbitrary: item(
      fieldOrAll,
      ['|windash', '|contains|windash', '|windash|contains', '|contains|all|windash', '|windash|startswith|cased'],
      optionPattern.map(quote),
    ),
  },
  {
    weight: 2,
    arbitrary: item(
      fieldOrAll,
      ['|expand', '|contains|expand', '|expand|endswith', '|contains|all|expand', '|expand|cased'],
      placeholderPattern.map(quote),
    ),
  },
  {
    weight: 2,
    arbitrary: item(
      fieldOrAll,
      words(
        '|base64 |base64|contains |base64offset|contains |base64offset|contains|all |wide|base64offset|contains |utf16le|base64 |utf16|base64 |utf16be|base64offset|contains |base64offset|contains|cased |wide |wide|contains',
      ),
      fc.oneof(plainWord, number).map((text) => quote(text.length < 2 ? 'ab' : text)),
    ),
  },
  {
    weight: 2,
    arbitrary: item(
      field,
      ['', '', '|contains', '|startswith', '|endswith', '|neq', '|lt', '|lte', '|gt', '|gte', '|gt|neq'],
      number,
    ),
  },
  {
    weight: 1,
    arbitrary: item(field, ['', '|neq', '|all'], fc.constantFrom('true', 'False', "''", 'null', '~', '4624', "'4624'")),
  },
  { weight: 1, arbitrary: fc.tuple(field, fc.boolean()).map(([name, is]) => `${quote(`${name}|exists`)}: ${is}`) },
  {
    weight: 2,
    arbitrary: item(
      field,
      words(
        '|fieldref |fieldref|neq |fieldref|contains |fieldref|startswith |fieldref|endswith |fieldref|cased |cased|fieldref |fieldref|contains|cased |fieldref|all |contains|fieldref|neq',
      ),
      field,
    ),
  },
  {
    weight: 1,
    arbitrary: item(
      field,
      ['|cidr', '|cidr|neq', '|cidr|all'],
      fc
        .constantFrom(
          '10.0.0.0/8',
          '0.0.0.0/0',
          '10.0.0.7',
          '::1',
          '::/0',
          'fe80::/10',
          '2001:db8::/32',
          '10.0.0.6/31',
          '::ffff:10.0.0.0/104',
        )
        .map(quote),
    ),
  },
  ...[
    ['minute', ['0', '7', '59', '30']],
    ['hour', ['8', '23', '0', '12']],
    ['day', ['2', '1', '29', '30']],
    ['week', ['10', '53', '9', '1']],
    ['month', ['3', '1', '2', '12']],
    ['year', ['2026', '2027', '2025', '2024']],
  ].map(([name, numbers]) => ({
    weight: 1,
    arbitrary: item(field, [`|${name as string}`, `|${name as string}|neq`], fc.constantFrom(...(numbers as string[]))),
  })),
  { weight: 3, arbitrary: regexItem() },
  { weight: 1, arbitrary: item(field, ['|re', '|re|i'], fc.constantFrom('0', '46')) },
  {
    weight: 1,
    arbitrary: item(
      field,
      ['|cased', '|windash', '|expand', '|contains|cased', '|cased|endswith'],
      fc.constantFrom('4624', '04624', '.5'),
    ),
  },
)

function regexItem(): fc.Arbitrary<string> {
  return fc
    .tuple(fieldOrAll, regex, fc.constantFrom('', '', '', '|neq', '|contains', '|all', '|expand'), regex)
    .map(
      ([name, [source, flags], more, [second]]) =>
        `${quote(`${name}|re${flags}${more}`)}: [${quote(source)}, ${quote(second)}]`,
    )
}

const keyOf = (text: string): string => text.slice(0, text.indexOf('": '))
const mapping = fc
  .uniqueArray(items, { minLength: 1, maxLength: 3, selector: keyOf })
  .map((own) => `{ ${own.join(', ')} }`)
const keyword = fc.oneof(pattern.map(quote), number, fc.constantFrom('true'))
const selection = fc.oneof(
  { weight: 5, arbitrary: mapping },
  { weight: 1, arbitrary: list(keyword).map((own) => `[${own.join(', ')}]`) },
  { weight: 1, arbitrary: keyword },
  {
    weight: 2,
    arbitrary: list(fc.oneof({ weight: 3, arbitrary: mapping }, { weight: 1, arbitrary: keyword })).map(
      (own) => `[${own.join(', ')}]`,
    ),
  },
)
const { condition } = fc.letrec<{ condition: string }>((tie) => ({
  condition: fc.oneof(
    { maxDepth: 3, withCrossShrink: true },
    fc.constantFrom('s1', 's2', 'filter_a', '_h'),
    fc.constantFrom(
      '1 of s*',
      'all of s*',
      '1 of them',
      'all of them',
      'any of filter_*',
      '1 of *',
      'all of _*',
      '1 OF s*',
    ),
    fc.tuple(tie('condition'), tie('condition')).map(([a, b]) => `(${a} and ${b})`),
    fc.tuple(tie('condition'), tie('condition')).map(([a, b]) => `(${a} OR ${b})`),
    fc.tuple(tie('condition'), tie('condition')).map(([a, b]) => `${a} and not ${b}`),
    tie('condition').map((own) => `not (${own})`),
    tie('condition').map((own) => `not not ${own}`),
  ),
}))
const LOG_SOURCES = [
  'product: t',
  'product: t',
  'product: t, service: one',
  'category: alpha',
  'category: beta, service: two',
  'product: T',
  'category: moved',
]

/** A rule without its id. */
export const ruleText = fc
  .record({
    source: fc.constantFrom(...LOG_SOURCES),
    selections: fc.tuple(selection, selection, selection, selection),
    conditions: fc.oneof(
      { weight: 5, arbitrary: condition.map((own) => [own]) },
      { weight: 1, arbitrary: fc.tuple(condition, condition) },
    ),
  })
  .map(({ source, selections: [s1, s2, filter, hidden], conditions }) =>
    [
      `title: Rule\nlogsource: { ${source} }\ndetection:`,
      `  s1: ${s1}\n  s2: ${s2}\n  filter_a: ${filter}\n  _h: ${hidden}`,
      `  condition: ${conditions.length === 1 ? quote(conditions[0]!) : `[${conditions.map(quote).join(', ')}]`}\n`,
    ].join('\n'),
  )

/** A Sigma filter for all rules of its log source, or for the first. */
export const filterText = fc
  .tuple(
    fc.constantFrom('product: t', 'category: alpha'),
    fc.constantFrom('any', '[r0]'),
    fc.constantFrom('not s1', 's1', 'not 1 of s*'),
    selection,
  )
  .map(
    ([source, rules, how, own]) =>
      `title: Filter\nlogsource: { ${source} }\nfilter:\n  rules: ${rules}\n  s1: ${own}\n  condition: ${how}\n`,
  )

/** Tables of placeholders, names that become others, a log source that becomes another, a condition that is added. */
export const PIPELINE = `name: made-up
priority: 1
vars: { who: [ab, 'C*', 'x?'], what: ['a.b'], none: [] }
transformations:
  - type: change_logsource
    product: t
    service: one
    rule_conditions: [{ type: logsource, category: moved }]
  - type: field_name_mapping
    mapping: { Mapped: [a, d.a, message] }
  - type: field_name_prefix_mapping
    mapping: { 'Pre.': 'win.' }
  - type: add_condition
    conditions: { c|exists: true }
    rule_conditions: [{ type: logsource, category: beta, service: two }]
`
