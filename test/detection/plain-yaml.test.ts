import fc from 'fast-check'
import { expect, test } from 'vitest'
import { isMap, isScalar, isSeq, parseAllDocuments, type Node } from 'yaml'
import { hasCorpus, sigmaHqRules } from '../../bench/sigmahq.ts'
import { readPlainYaml } from '../../detection/sigma/plain-yaml.ts'
import { readYaml } from '../../detection/sigma/yaml.ts'

/** What rules are read from: of every node its place, its kind and its value, of a plain scalar how it is written. */
function shape(node: Node | null): unknown {
  if (node === null) return null
  const at = node.range?.[0]
  if (isMap(node)) return { at, map: node.items.map(({ key, value }) => [shape(key as Node), shape(value as Node)]) }
  if (isSeq(node)) return { at, list: node.items.map((item) => shape(item as Node)) }
  if (!isScalar(node)) return { at }
  return { at, type: node.type, value: node.value, ...(node.type === 'PLAIN' && { source: node.source }) }
}

/** What the library reads, or what it finds wrong. */
function library(text: string) {
  const documents = parseAllDocuments(text, { keepSourceTokens: false, prettyErrors: false })
  if (!Array.isArray(documents) || documents.length !== 1) return 'not one document'
  const [document] = documents
  const [problem] = [...document!.errors, ...document!.warnings]
  if (problem) return problem.message
  const { contents, range } = document!
  return { node: shape(contents), own: text.slice(range[0], range[2]) }
}

/** The same of the plain reader; undefined where it leaves the text to the library. */
function plain(text: string) {
  const node = readPlainYaml(text)
  return node && { node: shape(node), own: text.slice(node.range![0]) }
}

test.each([
  ['mappings in mappings', '# a rule\n\na:\n  b:\n    c: 1\n  d: Tên có dấu\ne: z\n'],
  ['lists, indented or not', 'a:\n- x\n- y # why\nb:\n  - 1\n  -   z\n'],
  ['mappings in lists', 'a:\n  - b: 1\n    c: 2\n  -\n    d: 3\n  - e:\n      - f\n'],
  ['quotes', String.raw`'a|re': 'it''s'` + '\n' + String.raw`"b": "\\x \"y\" \u0111\n"` + '\nc: ""\n'],
  ['what is no comment', 'a: b#c\nd: http://x/y#z # a comment\n# another\n\ne: f\n'],
  ['numbers and truths', 'a: 1\nb: -007\nc: true\nd: FALSE\ne: ~\nf: null\ng: 1_000\nh: yes\ni: 10.0.0.0/8\n4688: x\n'],
  ['empty values', 'a:\nb:   \nc: # why\nd:\n  -\n  - x\ne: y\n'],
  ['literal blocks', 'a: |\n    b\n\n      c\n    d # e\n\nf: |-\n  g\n\n\nh:\n  - |\n   i\n  - j\n'],
  ['a literal block at the end', 'a: |\n  b\n\n\n'],
  ['no line end at the end', 'a: b'],
  ['a line of many spaces', `a: b${' '.repeat(90_000)}c\n`],
])('reads %s as the library does', (_what, text) => {
  const own = plain(text)
  expect(own).toBeDefined()
  expect(own).toEqual(library(text))
})

test.each([
  ['several documents', 'a: 1\n---\nb: 2\n'],
  ['an end mark', 'a: 1\n...\n'],
  ['a directive', '%YAML 1.2\n---\na: 1\n'],
  ['anchors', 'a: &x 1\nb: *x\n'],
  ['a tag', 'a: !!str 1\n'],
  ['flow collections', 'a: [1, 2]\n'],
  ['folded text', 'a: >\n  b\n  c\n'],
  ['lines that go on', 'a: b\n  c\n'],
  ['a key that is there twice', 'a: 1\nb: 2\na: 3\n'],
  ['a list at the top', '- a\n'],
  ['tabs', 'a:\tb\n'],
  ['other line ends', 'a: 1\r\nb: 2\r\n'],
  ['a mark of byte order', '\uFEFFa: 1\n'],
  ['two values', 'a: b: c\n'],
  ['a quote that is not closed', "a: 'b\n"],
  ['what follows a quote', "a: 'b' c\n"],
  ['an escape of its own', String.raw`a: "\x41"` + '\n'],
  ['fractions', 'a: 1.5\n'],
  ['an empty value at the end', 'a: 1\nb:\n'],
  ['nothing', ''],
  ['only a comment', '# x\n'],
  ['indentation that fits nothing', 'a:\n    b: 1\n  c: 2\n'],
  ['a complex key', '? a\n: b\n'],
])('leaves %s to the library', (_what, text) => {
  expect(readPlainYaml(text)).toBeUndefined()
})

/** What lines are made of, with `␤` for a line's end. */
const PIECES =
  `a|b|key|1|-1|+1|0x1|0o7|1.5|.5|1e3|.inf|.nan|true|null|~|---|...|--|-|.|=|<<|x y|k.v|'|"|''|\\|\\n|"\\u0041"|#
 # c|>|[a]|{|&a|*a|!t|?|%|@|: |:|- |  |    | |␤|␤  |␤    |␤- |␤  - |␤␤|␤   ␤|␤ # c␤|http://x|a:b|đ|a: 1␤b: |s:␤  t:␤    - `
    .split(/[|\n]/)
    .concat('|', '|-', '\t', 'k|all', 'c: |␤    x␤    y␤')
    .map((text) => text.replaceAll('␤', '\n'))
const piece = fc.constantFrom(...PIECES)
const value = fc.oneof(
  { weight: 4, arbitrary: fc.constantFrom('x y', '1', "'q'", '"\\n"', '', ' # c', 'true', '|\n      x') },
  { weight: 1, arbitrary: fc.tuple(piece, piece).map((pieces) => pieces.join('')) },
)
const line = fc.tuple(
  fc.constantFrom('', '', '', '', '  ', '    '),
  fc.constantFrom('', '', '', '- '),
  fc.nat(7),
  value,
)
/** Few of the keys are the same. */
const lines = fc
  .array(line, { minLength: 1, maxLength: 5 })
  .map((all) =>
    all
      .map(([indent, dash, key, text], i) => `${indent}${dash}${key === 0 ? '' : `k${key % 4}${i}: `}${text}\n`)
      .join(''),
  )
const WHOLE =
  'title: x\ndetection:\n    s:\n        - I|endswith:\n              - "\\\\a"\n              - \'\\b\'\n        - x: 1\n    condition: s\nd: |\n    b\n\n      c\n   # d\n\ne:\n- f\n- g: h\n  i: j\n'
const edit = fc.tuple(fc.nat(WHOLE.length), fc.nat(4), fc.option(piece))
const edited = fc
  .array(edit, { minLength: 1, maxLength: 3 })
  .map((edits) => edits.reduce((text, [at, cut, put]) => text.slice(0, at) + (put ?? '') + text.slice(at + cut), WHOLE))

test('whatever it reads it reads as the library does', () => {
  let read = 0
  const text = fc.oneof(
    { weight: 4, arbitrary: lines },
    { weight: 4, arbitrary: edited },
    { weight: 1, arbitrary: fc.array(piece, { maxLength: 14 }).map((pieces) => pieces.join('')) },
  )
  fc.assert(
    fc.property(text, (given) => {
      const own = plain(given)
      if (own === undefined) return
      read++
      expect(own).toEqual(library(given))
    }),
    { numRuns: 20_000 },
  )
  expect(read).toBeGreaterThan(500)
})

test('places are those of the text', () => {
  const text = 'a: 1\n\nb: đ\n'
  const { place } = readYaml(text)
  expect([0, 4, 5, 6, text.length].map(place)).toEqual([
    { line: 1, column: 1 },
    { line: 1, column: 5 },
    { line: 2, column: 1 },
    { line: 3, column: 1 },
    { line: 4, column: 1 },
  ])
})

test.skipIf(!hasCorpus)('nearly all of SigmaHQ is plain (needs the optional SigmaHQ data)', () => {
  const texts = sigmaHqRules().map(({ text }) => text)
  const read = texts.filter((text) => {
    const own = plain(text)
    if (own !== undefined) expect(own).toEqual(library(text))
    return own !== undefined
  })
  expect(read.length).toBeGreaterThan(texts.length * 0.99)
})
