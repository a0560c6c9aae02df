import { describe, expect, test } from 'vitest'
import { evaluate } from '../../detection/reference.ts'
import { Engine, type RuleSet } from '../../detection/engine.ts'
import type { EcsValue } from '../../model/event.ts'
import { event, load, rule } from './made-up.ts'

type Fields = Record<string, EcsValue>

/** Whether the only rule of a set matches, by the network and by the slow evaluator, which must agree. */
function matches(ruleSet: RuleSet, fields: Fields): boolean {
  expect(ruleSet.problems.filter(({ severity }) => severity === 'error')).toEqual([])
  const own = event(fields)
  const fast = new Engine(ruleSet).matches(own).length > 0
  expect(fast, 'network and reference').toBe(evaluate(ruleSet.network.rules[0]!.mapped, own))
  return fast
}

/** Rows of: what it says, detection, fields of an event, whether it matches. */
function table(rows: readonly [name: string, detection: string, fields: Fields, matched: boolean][]): void {
  test.each(rows)('%s', async (_name, detection, fields, matched) => {
    expect(matches(await load({ 'r.yml': rule(detection) }), fields)).toBe(matched)
  })
}

const one = (item: string): string => `s:\n  ${item}\ncondition: s`

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
    ['V12 a key with dots first', one('a.b: x'), { 'a.b': 'x', a: { b: 'y' } }, true],
    ['V12 then the path', one('a.b.c: x'), { a: { b: { c: 'x' } } }, true],
    ['V12 a path whose first part has dots', one('a.b.c: x'), { 'a.b': { c: 'x' } }, true],
    ['V12 arrays on the path fan out', one('a.b: x'), { a: [{ b: 'y' }, { b: 'x' }] }, true],
    ['V12 names are exact', one('Foo: x'), { foo: 'x' }, false],
    ['V12 what every object inherits is no field', one('constructor|exists: true'), {}, false],
    ['V13 a missing field is false, and not of it true', 's: { a: x }\ncondition: not s', {}, true],
  ])
})

describe('modifiers', () => {
  table([
    ['contains', one('a|contains: b'), { a: 'aBc' }, true],
    ['contains nothing: any present value', one("a|contains: ''"), { a: '' }, true],
    ['contains nothing: not an absent one', one("a|contains: ''"), {}, false],
    ['startswith', one('a|startswith: ab'), { a: 'ABc' }, true],
    ['startswith: not inside', one('a|startswith: ab'), { a: 'cab' }, false],
    ['endswith', one(String.raw`a|endswith: '\cmd.exe'`), { a: String.raw`C:\CMD.EXE` }, true],
    ['wildcards still work inside', one('a|startswith: a*c'), { a: 'abbbcd' }, true],
    ['contains|all', one('a|contains|all: [x, y]'), { a: 'y-x' }, true],
    ['contains|all: one missing', one('a|contains|all: [x, y]'), { a: 'y-' }, false],
    ['exists', one('a|exists: true'), { a: null }, true],
    ['exists: false', one('a|exists: false'), { b: 1 }, true],
    ['exists: an object', one('a|exists: true'), { a: { b: 1 } }, true],
    ['cased', one('a|cased: Abc'), { a: 'abc' }, false],
    ['cased, before contains', one('a|cased|contains: Ab'), { a: 'xAby' }, true],
    ['cased, after contains', one('a|contains|cased: Ab'), { a: 'xaby' }, false],
    ['neq', one('a|neq: x'), { a: 'y' }, true],
    ['neq: of a list none', one('a|neq: [x, y]'), { a: 'y' }, false],
    ['neq: absent', one('a|neq: x'), {}, true],
    ['neq with contains', one('a|contains|neq: x'), { a: 'axa' }, false],
    ['lt', one('a|lt: 5'), { a: '4.5' }, true],
    ['lte', one('a|lte: 5'), { a: 5 }, true],
    ['gt', one('a|gt: 5'), { a: 5 }, false],
    ['gte', one('a|gte: 5'), { a: 5 }, true],
    ['gte: text is no number', one('a|gte: 5'), { a: 'many' }, false],
    ['gte: absent', one('a|gte: 5'), {}, false],
    ['windash: the rule has -, the event /', one("a|windash|contains: ' -f '"), { a: 'x /f y' }, true],
    ['windash: and an en dash', one("a|contains|windash: ' -f '"), { a: 'x \u2013f y' }, true],
    ['windash: the rule has /', one("a|contains|windash: ' /f '"), { a: 'x -f y' }, true],
    ['windash: not inside a word', one('a|windash: wi-fi'), { a: 'wi/fi' }, false],
    [
      'contains|all|windash: alternatives stay alternatives',
      one("a|contains|all|windash: [' -a', ' -b']"),
      { a: 'x /a -b' },
      true,
    ],
    ['re: searched', one("a|re: 'b[0-9]+c'"), { a: 'xxb12cxx' }, true],
    ['re: case-sensitive', one('a|re: abc'), { a: 'ABC' }, false],
    ['re: (?i)', one("a|re: '(?i)abc'"), { a: 'ABC' }, true],
    ['re|i', one('a|re|i: abc'), { a: 'xABC' }, true],
    ['re|i does not know more letters than the rest', one('a|re|i: sx+'), { a: '\u017Fx' }, false],
    ['re: a dot is not a newline', one("a|re: 'a.b'"), { a: 'a\nb' }, false],
    ['re|s', one("a|re|s: 'a.b'"), { a: 'a\nb' }, true],
    ['re: ^ is the start', one("a|re: '^b'"), { a: 'a\nb' }, false],
    ['re|m', one("a|re|m: '^b$'"), { a: 'a\nb\nc' }, true],
    ['re|i|m|s', one("a|re|i|m|s: '^B.C'"), { a: 'a\nb\nc' }, true],
    ['re: no wildcards, no escapes', one(String.raw`a|re: 'a\*b'`), { a: 'a*b' }, true],
    ['re: bounded and unbounded repeats', one(String.raw`a|re: '\w+\s{2,}x{2}(y|z)*$'`), { a: 'ab  xxyz' }, true],
    ['re: on a number', one("a|re: '^46'"), { a: 4624 }, true],
    ['base64', one('a|base64: ping'), { a: 'cGluZw==' }, true],
    ['base64|contains', one('a|base64|contains: foobar'), { a: 'x Zm9vYmFy y' }, true],
    ...['Zm9vYmFy', 'Zvb2Jhc', 'mb29iYX'].map((text): [string, string, Fields, boolean] => [
      `base64offset ${text}`,
      one('a|base64offset|contains: foobar'),
      { a: `-${text}-` },
      true,
    ]),
    ...['L2Jpbi9iYXNo', '9iaW4vYmFza', 'vYmluL2Jhc2'].map((text): [string, string, Fields, boolean] => [
      `base64offset ${text}`,
      one('a|base64offset|contains: /bin/bash'),
      { a: text },
      true,
    ]),
    ...['cABpAG4AZw', 'AAaQBuAGcA', 'wAGkAbgBnA'].map((text): [string, string, Fields, boolean] => [
      `wide|base64offset ${text}`,
      one('a|wide|base64offset|contains: ping'),
      { a: text },
      true,
    ]),
    ['utf16le is wide', one('a|utf16le|base64: hi'), { a: 'aABpAA==' }, true],
    ['utf16be', one('a|utf16be|base64: hi'), { a: 'AGgAaQ==' }, true],
    ['utf16 has a byte order mark', one('a|utf16|base64: hi'), { a: '//5oAGkA' }, true],
    ['base64 of Vietnamese is of its UTF-8', one('a|base64: cá'), { a: 'Y8Oh' }, true],
    ['cidr', one('a|cidr: 10.0.0.0/8'), { a: '10.255.0.1' }, true],
    ['cidr: outside', one('a|cidr: 10.0.0.0/8'), { a: '11.0.0.1' }, false],
    ['cidr: a single address', one('a|cidr: 192.0.2.7'), { a: '192.0.2.7' }, true],
    ['cidr: IPv6', one("a|cidr: '2001:db8::/32'"), { a: '2001:0DB8:0:1::7' }, true],
    ['cidr: IPv4-mapped is IPv4', one('a|cidr: 10.0.0.0/8'), { a: '::ffff:10.1.2.3' }, true],
    ['cidr: with a zone', one("a|cidr: 'fe80::/10'"), { a: 'fe80::1%eth0' }, true],
    ['cidr: in brackets', one("a|cidr: '::1/128'"), { a: '[::1]' }, true],
    ['cidr: IPv4 is not in an IPv6 network', one("a|cidr: '::/0'"), { a: '10.0.0.1' }, false],
    ['cidr: text', one('a|cidr: 10.0.0.0/8'), { a: 'localhost' }, false],
    ['cidr: a number is no address', one('a|cidr: 0.0.0.0/0'), { a: 12 }, false],
    ['fieldref', one('a|fieldref: b'), { a: 'X', b: 'x' }, true],
    ['fieldref: numbers', one('a|fieldref: b'), { a: 7, b: '7.0' }, true],
    ['fieldref: absent', one('a|fieldref: b'), { a: 'x' }, false],
    ['fieldref|neq', one('a|fieldref|neq: b'), { a: 'x', b: 'y' }, true],
    ['fieldref|contains', one('a|fieldref|contains: b'), { a: 'xyz', b: 'Y' }, true],
    ['fieldref|endswith', one('a|fieldref|endswith: b'), { a: 'xyz', b: 'y' }, false],
    ['fieldref: any pair of arrays', one('a|fieldref: b'), { a: ['1', '2'], b: ['3', '2'] }, true],
    ['minute', one('a|minute: 7'), { a: '2026-03-02T08:07:00Z' }, true],
    ['hour: as written, not converted', one('a|hour: 23'), { a: '2026-03-02T23:07:00+07:00' }, true],
    ['day', one('a|day: 2'), { a: '2026-03-02 08:07:00' }, true],
    ['week: ISO 53', one('a|week: 53'), { a: '2027-01-01T00:00:00Z' }, true],
    ['month', one('a|month: [2, 3]'), { a: '2026-03-02T08:07:00.123456789Z' }, true],
    ['year: of an epoch', one('a|year: 2026'), { a: 1_772_438_400 }, true],
    ['hour: no timestamp', one('a|hour: 8'), { a: 'eight' }, false],
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

// title, id, name, level, logsource and detection are lines 1 to 6.
test.each([
  ['unknown modifier', 's:\n  a|contians: x\ncondition: s', 'unknown_modifier', 8, 7],
  ['undefined selection', 's: { a: x }\ncondition: s and t', 'bad_condition', 8, 20],
  ['a pattern that names nothing', 's: { a: x }\ncondition: s and 1 of f_*', 'bad_condition', 8, 25],
  ['a pattern without of', 's: { a: x }\ncondition: s*', 'bad_condition', 8, 14],
  ['aggregation', 's: { a: x }\ncondition: s | count() > 5', 'bad_condition', 8, 16],
  ['missing parenthesis', 's: { a: x }\ncondition: (s', 'bad_condition', 8, 16],
  ['missing operand', "s: { a: x }\ncondition: 's and'", 'bad_condition', 8, 20],
  ['no condition', 's: { a: x }', 'bad_condition', 6, 1],
  ['empty map', 's: {}\ncondition: s', 'bad_detection', 7, 3],
  ['empty list of values', 's: { a: [] }\ncondition: s', 'bad_value', 7, 8],
  ['empty list', 's: []\ncondition: s', 'bad_detection', 7, 3],
  ['duplicate key', 's:\n  a|contains: x\n  a|contains: y\ncondition: s', 'duplicate_key', 9, 5],
  ['YAML', 's: [a\ncondition: s', 'bad_yaml', 8, 3],
  ['a regular expression', "s:\n  a|re: 'a('\ncondition: s", 'bad_regex', 8, 11],
  ['look-around', "s:\n  a|re: '(?=a)'\ncondition: s", 'bad_regex', 8, 11],
  ['back-reference', String.raw`s: { a|re: '(a)\1' }` + '\ncondition: s', 'bad_regex', 7, 14],
  ['re after contains', 's:\n  a|contains|re: x\ncondition: s', 'bad_modifier', 8, 20],
  ['a flag without re', 's:\n  a|i: x\ncondition: s', 'bad_modifier', 8, 10],
  ['gt of text', 's:\n  a|gt: many\ncondition: s', 'bad_value', 8, 11],
  ['hour out of range', 's:\n  a|hour: 24\ncondition: s', 'bad_value', 8, 13],
  ['exists with another', 's:\n  a|exists|contains: true\ncondition: s', 'bad_modifier', 8, 24],
  ['exists of text', 's:\n  a|exists: maybe\ncondition: s', 'bad_value', 8, 15],
  ['cidr with host bits', 's:\n  a|cidr: 10.1.2.3/8\ncondition: s', 'bad_value', 8, 13],
  ['cidr of text', 's:\n  a|cidr: localhost\ncondition: s', 'bad_value', 8, 13],
  ['base64 of a wildcard', 's:\n  a|base64: a*\ncondition: s', 'bad_value', 8, 15],
  ['windash of very many options', "s:\n  a|windash: '-a -b -c -d'\ncondition: s", 'bad_value', 8, 16],
  ['unknown placeholder', "s:\n  a|expand: '%who%'\ncondition: s", 'unknown_placeholder', 8, 15],
  ['a null keyword', 's: [null]\ncondition: s', 'bad_value', 7, 7],
  ['a list inside a list', 's: [[a]]\ncondition: s', 'bad_detection', 7, 7],
  ['a mapping as a value', 's:\n  a: { b: c }\ncondition: s', 'bad_value', 8, 8],
])('refuses: %s', async (_name, detection, code, line, column) => {
  const { rules, problems } = await load({ 'bad.yml': rule(detection), 'good.yml': rule(one('a: x'), 'good') })
  expect(problems).toMatchObject([{ path: 'bad.yml', severity: 'error', code, line, column }])
  expect(rules.map(({ id }) => id)).toEqual(['good'])
})

describe('documents', () => {
  const detection = 'detection:\n  s: { a: x }\n  condition: s\n'
  test.each([
    ['no title', `logsource: { product: t }\n${detection}`, 'bad_rule', 1, 1],
    ['no logsource', `title: R\n${detection}`, 'bad_logsource', 1, 1],
    ['an empty logsource', `title: R\nlogsource: { definition: x }\n${detection}`, 'bad_logsource', 2, 1],
    ['no detection', 'title: R\nlogsource: { product: t }\n', 'bad_detection', 1, 1],
    ['a level there is not', `title: R\nlevel: severe\nlogsource: { product: t }\n${detection}`, 'bad_rule', 2, 1],
    ['a foreign taxonomy', `title: R\ntaxonomy: cim\nlogsource: { product: t }\n${detection}`, 'bad_rule', 2, 1],
    ['an unknown action', 'action: explode\ntitle: R\n', 'bad_action', 1, 1],
    ['a list', '- a\n- b\n', 'bad_yaml', 1, 1],
    [
      'aliases of aliases of aliases',
      `title: R\na0: &a0 [x]\n${Array.from({ length: 9 }, (_, i) => `a${i + 1}: &a${i + 1} [${Array(10).fill(`*a${i}`).join(', ')}]`).join('\n')}\n`,
      'bad_yaml',
      7,
      9,
    ],
    ['an alias of itself', 'title: R\na: &a [*a]\n', 'bad_yaml', 2, 7],
  ])('refuses: %s', async (_name, text, code, line, column) => {
    expect((await load({ 'bad.yml': text })).problems).toMatchObject([{ severity: 'error', code, line, column }])
  })

  test('several in one file: the broken one is left out', async () => {
    const { rules, problems } = await load({
      'many.yml': `${rule(one('a: x'), 'one')}---\ntitle: Bad\n---\n${rule(one('a: y'), 'two')}`,
    })
    expect(rules.map(({ id }) => id)).toEqual(['one', 'two'])
    expect(problems).toMatchObject([{ code: 'bad_logsource', line: 11 }])
  })

  test('two rules of one id: the second is refused', async () => {
    const { rules, problems } = await load({ 'a.yml': rule(one('a: x')), 'b.yml': rule(one('a: y')) })
    expect(rules.map(({ path }) => path)).toEqual(['a.yml'])
    expect(problems).toMatchObject([{ path: 'b.yml', code: 'duplicate_id' }])
  })

  test('action: global is merged into the rules after it, reset ends it, repeat goes on from the rule before', async () => {
    const ruleSet = await load({
      'g.yml': `action: global\ntitle: G\nlogsource: { product: t }\ndetection:\n  s: { a: x }\n---\nid: one\ndetection:\n  t: { b: y }\n  condition: s and t\n---\naction: repeat\nid: two\ndetection:\n  t: { b: z }\n---\naction: reset\n---\n${rule(one('c: x'), 'three')}`,
    })
    expect(ruleSet.problems).toEqual([])
    const engine = new Engine(ruleSet)
    expect(engine.matches(event({ a: 'x', b: 'y' }))).toEqual(['one'])
    expect(engine.matches(event({ a: 'x', b: 'z' }))).toEqual(['two'])
    expect(engine.matches(event({ c: 'x' }))).toEqual(['three'])
  })

  test('attributes of its own, anchors and a missing id are fine; the hash is of the document', async () => {
    const text = `title: R\ntitle_vi: Luật\nlogsource: { product: t }\ndetection:\n  s: { a: &v [x, y] }\n  t: { b: *v }\n  condition: s and t\n`
    const [first] = (await load({ 'r.yml': text })).rules
    const [second] = (await load({ 'r.yml': `${text}# comment\n` })).rules
    expect(first).toMatchObject({ title: 'R', level: 'medium', kind: 'detection', path: 'r.yml' })
    expect(first!.hash).toMatch(/^[\da-f]{64}$/)
    expect(second!.hash).not.toBe(first!.hash)
    expect(new Engine(await load({ 'r.yml': text })).matches(event({ a: 'y', b: 'x' }))).toHaveLength(1)
  })

  test('warns, and loads', async () => {
    const codes = async (detection: string) => {
      const { problems, rules } = await load({ 'r.yml': rule(detection) })
      expect(rules).toHaveLength(1)
      return problems.map(({ code, severity, line }) => [code, severity, line])
    }
    expect(await codes('s: { a: x }\nt: { b: y }\ncondition: s')).toEqual([['unused_selection', 'warning', 8]])
    expect(await codes('s: { a|all: x }\ncondition: s')).toEqual([['all_of_one', 'warning', 7]])
    expect(await codes('s: { a: [x, null] }\ncondition: s')).toEqual([['null_in_list', 'warning', 7]])
    const { problems } = await load({ 'r.yml': rule(one('a: x')).replace('product: t', 'product: z') })
    expect(problems).toMatchObject([{ code: 'unrouted_logsource', severity: 'warning', line: 5 }])
  })
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
      - { type: exclude_fields, match_type: re, fields: ['\\.'] }
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
