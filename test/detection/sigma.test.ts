import { describe, expect, test } from 'vitest'
import { Engine } from '../../detection/engine.ts'
import { event, load, rule } from './made-up.ts'
import { matches, one, table, type Fields } from './rows.ts'

describe('detection structure', () => {
  table([
    ['D1 a map: all of it', 's: { a: x, b: y }\ncondition: s', { a: 'x', b: 'y' }, true],
    ['D1 a map: part of it', 's: { a: x, b: y }\ncondition: s', { a: 'x' }, false],
    ['D2 a list of values: one of them', one('a: [x, y]'), { a: 'y' }, true],
    ['D3 a list of maps: one of them', 's: [{ a: x }, { b: y }]\ncondition: s', { b: 'y' }, true],
    ['D3 inside one map all', 's: [{ a: x, b: y }, { b: z }]\ncondition: s', { a: 'x', b: 'z' }, true],
    ['D4 plain values are keywords', 's: [needle, pin]\ncondition: s', { 'event.original': 'a Needle in hay' }, true],
    ['D5 one plain value is a keyword', 's: needle\ncondition: s', { message: 'needles' }, true],
    ['D5 maps and keywords mixed', 's: [needle, { a: x }]\ncondition: s', { a: 'x' }, true],
    ['D6 all keywords', "s: { '|all': [needle, hay] }\ncondition: s", { 'event.original': 'needle in hay' }, true],
    [
      'D6 all keywords, one missing',
      "s: { '|all': [needle, pin] }\ncondition: s",
      { 'event.original': 'needle in hay' },
      false,
    ],
    [
      'D6 keywords may lie in different values',
      "s: { '|all': [needle, hay] }\ncondition: s",
      { a: 'needle', b: 'hay' },
      true,
    ],
    ['D7 timeframe is no selection', 's: { a: x }\ntimeframe: 5m\ncondition: all of them', { a: 'x' }, true],
    ['D8 names with dashes and capitals', 'CVE-2025-1: { a: x }\ncondition: CVE-2025-1', { a: 'x' }, true],
    ['D8 names with underscores and digits', 'sel_1_x: { a: x }\ncondition: 1 of sel_*_x', { a: 'x' }, true],
    ['D8 a selection may be called like a quantifier', 'all: { a: x }\ncondition: all', { a: 'x' }, true],
    ['D3 a list of one map is that map', 's: [{ a: x, b: y }]\ncondition: s', { a: 'x' }, false],
    ['D4 a number as keyword', 's: [4625, pin]\ncondition: s', { message: 'id 14625' }, true],
    ['D4 a number as keyword, in a number', 's: [462, pin]\ncondition: s', { code: 14625 }, true],
    ['D4 a word as keyword, beside a number', 's: [needle, pin]\ncondition: s', { code: 14625, message: 'pin' }, true],
    ['D4 a boolean as keyword, in a boolean', 's: [rue]\ncondition: s', { flag: true }, true],
    ['D4 a boolean as keyword', 's: [true]\ncondition: s', { message: 'it is True.' }, true],
    ['D6 a keyword with contains', "s: { '|contains': needle }\ncondition: s", { message: 'needles' }, true],
    [
      'D6 a keyword with endswith is searched all the same',
      "s: { '|endswith': needle }\ncondition: s",
      { message: 'needles' },
      true,
    ],
    ['D6 a keyword with cased', "s: { '|cased': needle }\ncondition: s", { message: 'Needles' }, false],
  ])
})

describe('strings', () => {
  table([
    ['V1 case does not matter', one('a: CMD.exe'), { a: 'cmd.EXE' }, true],
    ['V1 the whole value', one('a: cmd'), { a: 'cmd.exe' }, false],
    ['V2 Vietnamese letters fold', one('a|contains: NHÀ CÁI'), { a: 'kèo nhà cái' }, true],
    ['V2 composed and decomposed letters differ', one('a: \u1EA1'), { a: 'a\u0323' }, false],
    ['V2 \u0130 keeps its length: what follows is still found', one('a|endswith: cmd'), { a: '\u0130\u0130cmd' }, true],
    ['V2 \u212A (Kelvin) is k', one('a: k'), { a: '\u212A' }, true],
    ['V2 \u017F is not s', one('a: s'), { a: '\u017F' }, false],
    ['V2 final sigma is a letter of its own', one('a: \u03A3'), { a: '\u03C2' }, false],
    ['V2 \u1E9E is \u00DF', one('a: \u1E9E'), { a: '\u00DF' }, true],
    ['V2 letters beyond the BMP do not fold', one('a: \u{10400}'), { a: '\u{10428}' }, false],
    ['V3 ? is half a character where that is all there is', one('a: x?'), { a: 'x\uD83D' }, true],
    ['V3 ? is one of a pair of them', one('a: "??"'), { a: '\u{1F600}' }, false],
    ['V3 * over lines', one('a: begin*end'), { a: 'begin\n\nend' }, true],
    ['V3 * is also nothing', one('a: be*gin'), { a: 'begin' }, true],
    ['V3 ? is exactly one', one('a: be?in'), { a: 'begin' }, true],
    ['V3 ? is not none', one('a: beg?in'), { a: 'begin' }, false],
    ['V3 ? is one character beyond the BMP', one('a: x?y'), { a: 'x\u{1F600}y' }, true],
    ['V3 ? at the end after *', one('a: "*x?"'), { a: 'axxb' }, true],
    ['V3 several *', one('a: "*ab*cd*"'), { a: '1ab2cab3cd4' }, true],
    ['V3 several *, wrong order', one('a: "*ab*cd*"'), { a: 'cdab' }, false],
    ['V3 parts may not overlap', one('a: aba*aba'), { a: 'ababa' }, false],
    ['V4 a\\b', one(String.raw`a: 'a\b'`), { a: String.raw`a\b` }, true],
    ['V4 a\\\\b is one backslash', one(String.raw`a: 'a\\b'`), { a: String.raw`a\b` }, true],
    ['V4 a\\*b is a literal star', one(String.raw`a: 'a\*b'`), { a: 'axb' }, false],
    ['V4 a\\*b is a literal star: it', one(String.raw`a: 'a\*b'`), { a: 'a*b' }, true],
    ['V4 a\\\\*b is backslash and wildcard', one(String.raw`a: 'a\\*b'`), { a: String.raw`a\zzzb` }, true],
    ['V4 a\\\\\\*b is backslash and star', one(String.raw`a: 'a\\\*b'`), { a: String.raw`a\*b` }, true],
    ['V4 a\\\\\\b is two backslashes', one(String.raw`a: 'a\\\b'`), { a: String.raw`a\\b` }, true],
    [
      'V4 \\\\srv\\share has one leading backslash',
      one(String.raw`a: '\\srv\share'`),
      { a: String.raw`\srv\share` },
      true,
    ],
    ['V4 \\\\\\\\srv\\share has two', one(String.raw`a: '\\\\srv\share'`), { a: String.raw`\\srv\share` }, true],
    ['V4 *\\cmd.exe', one(String.raw`a: '*\cmd.exe'`), { a: String.raw`C:\Windows\cmd.exe` }, true],
    ['V4 a trailing backslash is kept', one(String.raw`a: 'C:\Windows\'`), { a: 'c:\\windows\\' }, true],
    ['V5 a percent sign is plain', one("a: '%TEMP%'"), { a: '%temp%' }, true],
    ['V9 empty: present and empty', one("a: ''"), { a: '' }, true],
    ['V9 empty: not absent', one("a: ''"), {}, false],
    ['V10 a dash is no null', one('a: null'), { a: '-' }, false],
    ['V9 empty among others', one("a: ['', x]"), { a: '' }, true],
    ['V9 not empty', "s: { a: '' }\ncondition: not s", { a: 'x' }, true],
    ['V9 a lone * is any value, also the empty one', one("a: '*'"), { a: '' }, true],
    ['V9 a lone * is no absent value', one("a: '*'"), { a: null }, false],
  ])
})

describe('numbers, null, arrays and names', () => {
  table([
    ['V6 number and number', one('a: 4624'), { a: 4624 }, true],
    ['V6 number and text', one('a: 4624'), { a: '4624' }, true],
    ['V6 number and 4624.0', one('a: 4624'), { a: '4624.0' }, true],
    ['V6 text and number', one("a: '4624'"), { a: 4624 }, true],
    ['V6 contains on a number', one('a|contains: 62'), { a: 4624 }, true],
    ['V6 text in hexadecimal is text', one("a: '0x10'"), { a: 16 }, false],
    ['V6 unquoted hexadecimal is text', one('a: 0x1F'), { a: '0x1f' }, true],
    ['V6 a boolean and the text', one('a: true'), { a: 'True' }, true],
    ['V6 a boolean and a boolean', one('a: false'), { a: false }, true],
    ['V6 zeros before: 04624', one('a: 04624'), { a: '4624' }, true],
    ['V6 zeros before, in the event', one('a: 4624'), { a: '0004624' }, true],
    ['V6 quoted zeros are text', one("a: '04624'"), { a: 4624 }, false],
    ['V6 exponents', one('a: 4.624e3'), { a: '4624' }, true],
    ['V6 exponents, large and exact', one('a: 1000000000000000000000'), { a: 1e21 }, true],
    ['V6 minus nought is nought', one('a: -0'), { a: '0.0' }, true],
    ['V6 .5 is a number of YAML', one('a: .5'), { a: '0.50' }, true],
    ['V6 a number with blanks is text', one('a: 4624'), { a: ' 4624' }, false],
    ['V6 infinity is text', one('a: .inf'), { a: '.INF' }, true],
    ['V6 a number is no boolean', one('a: 1'), { a: true }, false],
    ['V6 a quoted boolean is the same text', one("a: 'true'"), { a: true }, true],
    ['V7 beyond 2^53', one('a: 9223372036854775807'), { a: '9223372036854775807' }, true],
    ['V7 beyond 2^53, the neighbour', one('a: 9223372036854775807'), { a: '9223372036854775806' }, false],
    ['V8 null: absent', one('a: null'), {}, true],
    ['V8 null: null', one('a:'), { a: null }, true],
    ['V8 null: not empty', one('a: null'), { a: '' }, false],
    ['V8 not null', 's: { a: null }\ncondition: not s', { a: 'x' }, true],
    ['V11 any element', one('a: x'), { a: ['y', 'X'] }, true],
    ['V11 all: each by some element', one('a|all: [x, y]'), { a: ['y', 'x', 'z'] }, true],
    ['V11 negation is outside: none', 's: { a: x }\ncondition: not s', { a: ['y', 'x'] }, false],
    ['V11 an empty array is null', one('a: null'), { a: [] }, true],
    ['V11 null elements do not count', one('a: x'), { a: [null, 'x'] }, true],
    ['V11 arrays inside arrays', one('a: x'), { a: [['x']] }, true],
    ['V11 an array of nulls is null', one('a: null'), { a: [null, [null]] }, true],
    ['V11 an array with a value is not', one('a: null'), { a: [null, 'x'] }, false],
    ['V11 an array exists, be it empty', one('a|exists: true'), { a: [] }, true],
    ['V11 neq: no element is', one('a|neq: x'), { a: ['y', 'x'] }, false],
    ['V11 an object is no value', one("a: '*'"), { a: { b: 'x' } }, false],
    ['V11 an object is not null', one('a: null'), { a: { b: 'x' } }, false],
    ['V8 null among other values', one('a: [x, null]'), {}, true],
    ['V8 null under all', one('a|all: [null]'), {}, true],
    ['V8 null, neq', one('a|neq: null'), { a: 'x' }, true],
    ['V12 a key with dots first', one('a.b: x'), { 'a.b': 'x', a: { b: 'y' } }, true],
    ['V12 then the path', one('a.b.c: x'), { a: { b: { c: 'x' } } }, true],
    ['V12 a path whose first part has dots', one('a.b.c: x'), { 'a.b': { c: 'x' } }, true],
    ['V12 arrays on the path fan out', one('a.b: x'), { a: [{ b: 'y' }, { b: 'x' }] }, true],
    ['V12 names are exact', one('Foo: x'), { foo: 'x' }, false],
    ['V12 a key with dots hides the path', one('a.b: y'), { 'a.b': 'x', a: { b: 'y' } }, false],
    ['V12 null stands there', one('a.b|exists: true'), { a: { b: null } }, true],
    ['V12 the path of nothing', one('a.b|exists: false'), { a: 'x' }, true],
    ['V12 names differ in case', one('User: x'), { USER: 'x' }, false],
    ['V12 what every object inherits is no field', one('constructor|exists: true'), {}, false],
    ['V12 what every object inherits is no field, nor its prototype', one('__proto__|exists: true'), {}, false],
    ['V12 a field may be called like it', one('hasOwnProperty: x'), { hasOwnProperty: 'x' }, true],
    ['V13 a missing field is false, and not of it true', 's: { a: x }\ncondition: not s', {}, true],
  ])
})

describe('keywords', () => {
  table([
    ['K2 the raw line', 's: [needle]\ncondition: s', { 'event.original': 'xNEEDLEx' }, true],
    ['K2 a nested value', 's: [needle]\ncondition: s', { a: { b: ['needle'] } }, true],
    ['K2 a number', 's: [4625]\ncondition: s', { a: 14_625 }, true],
    ['K2 not the name of a field', 's: [needle]\ncondition: s', { needle: 1 }, false],
    ['K2 not across values', 's: [ab]\ncondition: s', { x: 'a', y: 'b' }, false],
    ['K2 not what the collector added', 's: [khcn]\ncondition: s', {}, false],
    ['K3 wildcards', 's: [nee*le]\ncondition: s', { a: 'xneedlex' }, true],
    ['K3 spaces count', "s: [' -x ']\ncondition: s", { a: 'a -x' }, false],
    ['K4 a regular expression', "s: { '|re': 'ne+dle' }\ncondition: s", { a: 'needle' }, true],
  ])
})

describe('condition', () => {
  const selections = 'sel_a: { a: x }\nsel_b: { b: x }\nsel: { c: x }\n_hid: { d: x }\n'
  const row = (
    name: string,
    condition: string,
    fields: Fields,
    matched: boolean,
  ): [string, string, Fields, boolean] => [
    `${name}: ${condition}`,
    `${selections}condition: ${condition}`,
    fields,
    matched,
  ]
  table([
    row('C1 and binds before or', 'sel or sel_a and sel_b', { c: 'x' }, true),
    row('C1 not binds before and', 'not sel_a and sel_b', { b: 'x' }, true),
    row('C1 parentheses', '(sel or sel_a) and sel_b', { c: 'x' }, false),
    row('C1 not not', 'not not sel_a', { a: 'x' }, true),
    row('C1 upper case', 'sel_a AND NOT sel_b', { a: 'x' }, true),
    row('C2 1 of pattern', '1 of sel_*', { b: 'x' }, true),
    row('C2 the pattern names the whole', '1 of sel_*', { c: 'x' }, false),
    row('C2 all of pattern', 'all of sel_*', { a: 'x', b: 'x' }, true),
    row('C2 any of', 'any of sel*', { c: 'x' }, true),
    row('C2 a pattern without * is a name', '1 of sel', { a: 'x' }, false),
    row('C2 several *', 'all of *e*_*', { a: 'x', b: 'x' }, true),
    row('C2 names tell case', '1 of sel_*', { A: 'x' }, false),
    row('C1 keywords in upper case', '1 OF sel_* AND NOT ALL OF THEM', { a: 'x' }, true),
    row('C1 not of parentheses', 'not (sel_a or sel_b)', { c: 'x' }, true),
    row('C1 blanks are of no account', ' sel_a and( not sel_b ) ', { a: 'x' }, true),
    row('C2 * in the middle', '1 of s*_b', { b: 'x' }, true),
    row('C2 all of them', 'all of them', { a: 'x', b: 'x', c: 'x' }, true),
    row('C3 them leaves out _names', '1 of them', { d: 'x' }, false),
    row('C3 but for a pattern with _', '1 of _h*', { d: 'x' }, true),
    row('C3 and by name', '_hid', { d: 'x' }, true),
    row('C5 a list is or', '[sel_a and sel_b, sel]', { c: 'x' }, true),
    row('C6 not 1 of', 'sel and not 1 of sel_*', { c: 'x', b: 'x' }, false),
    row('C6 not all of', 'sel and not all of sel_*', { c: 'x', b: 'x' }, true),
    [
      'C9 names that begin like operators',
      'notepad: { a: x }\norchestra: { b: x }\ncondition: notepad and not orchestra',
      { a: 'x' },
      true,
    ],
    ['a rule that only negates runs on every event', 's: { a: x }\ncondition: not s', { b: 1 }, true],
    ['a selection or a negation', 's: { a: x }\nf: { b: y }\ncondition: s or not f', { a: 'z' }, true],
  ])
})

describe('log sources', () => {
  const matched = async (logsource: string, dataset: string) => {
    const text = rule(one('a: x')).replace('{ product: t }', `{ ${logsource} }`)
    return new Engine(await load({ 'r.yml': text })).matches(event({ a: 'x', 'event.dataset': dataset })).length > 0
  }
  test.each([
    ['product: t', 't.one', true],
    ['product: T, service: ONE', 't.one', true],
    ['product: t, service: one', 't.two', false],
    ['category: beta', 't.two', true],
    ['category: alpha, service: two', 't.two', true],
    ['category: alpha', 't.one', false],
    ['product: t', 'other', false],
  ])('%s on %s: %s', async (logsource, dataset, expected) => expect(await matched(logsource, dataset)).toBe(expected))

  test('an event of none is counted', async () => {
    const engine = new Engine(await load({ 'r.yml': rule(one('a: x')) }))
    engine.process(event({ 'event.dataset': 'other' }))
    engine.process(event({ a: 'x' }))
    expect(engine.stats()).toMatchObject({
      events: 2,
      unrouted: 1,
      rules: { r: { matches: 1, alerts: 1, evaluated: 1 } },
    })
  })
})

describe('pipelines', () => {
  const PIPELINE = `name: p
priority: 5
vars: { who: [an, 'b*'] }
transformations:
  - id: names
    type: field_name_mapping
    mapping: { Image: process.executable, Any: [x.one, x.two] }
    rule_conditions: [{ type: logsource, service: one }]
  - type: field_name_prefix_mapping
    mapping: { 'win.': winlog. }
  - type: field_name_prefix
    prefix: data.
    field_name_conditions:
      - { type: exclude_fields, mode: re, fields: ['.*\\.'] }
      - { type: include_fields, fields: [Other, Named] }
  - type: field_name_suffix
    suffix: .text
    field_name_conditions: [{ type: processing_item_applied, processing_item_id: names }]
    field_name_cond_not: true
    rule_conditions: [{ type: logsource, service: never }]
`
  const matched = async (item: string, fields: Fields, logsource = 'service: one', more = '') => {
    const text = rule(one(item)).replace('{ product: t }', `{ ${logsource} }`) + more
    return matches(await load({ 'pipelines/p.yml': PIPELINE, 'r.yml': text }), fields)
  }
  test.each<[string, string, Fields, boolean]>([
    ['a mapped name', 'Image: x', { 'process.executable': 'x' }, true],
    ['not the written one', 'Image: x', { Image: 'x' }, false],
    ['several are or', 'Any: x', { 'x.two': 'x' }, true],
    ['several: null only where all are', 'Any: null', { 'x.two': 'x' }, false],
    ['several: neq of all', 'Any|neq: x', { 'x.one': 'y', 'x.two': 'x' }, false],
    ['a prefix is replaced', 'win.code: x', { 'winlog.code': 'x' }, true],
    ['a prefix is added where the conditions hold', 'Other: x', { 'data.Other': 'x' }, true],
    ['and not where they do not', 'else: x', { else: 'x' }, true],
    ['an event field passes', 'event.action: x', { 'event.action': 'x' }, true],
    ['fieldref is mapped too', 'Image|fieldref: Other', { 'process.executable': 'x', 'data.Other': 'X' }, true],
    ['a placeholder', "a|expand: 'pre-%who%'", { a: 'pre-AN' }, true],
    ['a placeholder with a wildcard', "a|expand: 'pre-%who%'", { a: 'pre-binh' }, true],
    ['a placeholder in contains', "a|contains|expand: '%who%'", { a: 'xanx' }, true],
    ['a placeholder in a regular expression is literal', "a|re|expand: '^%who%$'", { a: 'b*' }, true],
    ['an escaped percent sign', String.raw`a|expand: '100\%'`, { a: '100%' }, true],
  ])('%s', async (_name, item, fields, expected) => expect(await matched(item, fields)).toBe(expected))

  test('apply to the log sources they name', async () => {
    expect(await matched('Image: x', { Image: 'x', 'event.dataset': 't.two' }, 'service: two')).toBe(true)
  })

  test('pipeline: none leaves a rule its own names', async () => {
    expect(await matched('Image: x', { Image: 'x' }, 'service: one', 'pipeline: none\n')).toBe(true)
  })

  test('add_condition and change_logsource', async () => {
    const pipeline = `name: q\ntransformations:
  - type: add_condition
    conditions: { code: [1, 2] }
  - type: add_condition
    negated: true
    conditions: { skip: yes }
  - type: change_logsource
    product: t
    service: one
`
    const ruleSet = await load({
      'pipelines/q.yml': pipeline,
      'r.yml': rule(one('a: x')).replace('{ product: t }', '{ product: elsewhere }'),
    })
    expect(matches(ruleSet, { a: 'x', code: 2 })).toBe(true)
    expect(matches(ruleSet, { a: 'x', code: 3 })).toBe(false)
    expect(matches(ruleSet, { a: 'x', code: 2, skip: 'yes' })).toBe(false)
  })

  test.each([
    ['an unknown transformation', 'transformations:\n  - type: teleport\n', 2, 5],
    [
      'an unknown condition',
      'transformations:\n  - type: field_name_prefix\n    rule_conditions: [{ type: moon }]\n',
      3,
      23,
    ],
  ])('refuse: %s', async (_name, text, line, column) => {
    expect((await load({ 'pipelines/x.yml': text })).problems).toMatchObject([
      { path: 'pipelines/x.yml', code: 'bad_pipeline', line, column },
    ])
  })
})

describe('Sigma filters', () => {
  const filter = (rules: string, condition: string) =>
    `title: F\nlogsource: { product: t }\nfilter:\n  rules: ${rules}\n  s: { user: adm }\n  condition: ${condition}\n`
  test.each([
    ['excludes what it names with not', '[r]', 'not s', { a: 'x', user: 'adm' }, false],
    ['keeps the rest', '[r]', 'not s', { a: 'x', user: 'an' }, true],
    ['any rule of the log source', 'any', 'not s', { a: 'x', user: 'adm' }, false],
    ['another rule', '[q]', 'not s', { a: 'x', user: 'adm' }, true],
  ])('%s', async (_name, rules, condition, fields, expected) => {
    // Both call their selection s: each keeps to its own.
    expect(
      matches(
        await load({ 'r.yml': rule('s: { a: x }\ncondition: 1 of s*'), 'f.yml': filter(rules, condition) }),
        fields,
      ),
    ).toBe(expected)
  })
  test('needs rules', async () => {
    const { problems } = await load({ 'f.yml': filter('x', 's').replace('  rules: x\n', '') })
    expect(problems).toMatchObject([{ code: 'bad_filter', line: 3, column: 1 }])
  })
})
