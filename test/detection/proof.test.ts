import { expect, test } from 'vitest'
import type { EcsValue } from '../../model/event.ts'
import type { Proof } from '../../model/alert.ts'
import { engineOf, event, rule } from './made-up.ts'

async function proofs(
  detection: string,
  fields: Record<string, EcsValue>,
  files: Record<string, string> = {},
): Promise<Proof[]> {
  const engine = await engineOf({ 'r.yml': rule(detection), ...files })
  const [alert] = engine.process(event(fields))
  return alert!.evidence[0]!.proof
}

const quotes = (line: string, proof: readonly Proof[]): (string | undefined)[] =>
  proof.map(({ span }) => (span === undefined ? undefined : line.slice(...span)))

test('an alert of one event', async () => {
  const engine = await engineOf({ 'r.yml': `${rule('s: { a: x }\ncondition: s')}tags: [attack.t1110]\nauthor: An\n` })
  const own = event(
    {
      a: 'x',
      'event.original': 'a=x',
      'host.name': 'web01',
      'source.ip': '192.0.2.1',
      'user.name': 'an',
      'soc.system': 'dvc',
    },
    7,
  )
  const [alert, ...others] = engine.process(own)
  expect(others).toEqual([])
  expect(alert).toEqual({
    id: expect.stringMatching(/^[\da-f]{32}$/),
    version: 1,
    rule: {
      id: 'r',
      title: 'Rule r',
      level: 'high',
      hash: expect.stringMatching(/^[\da-f]{64}$/),
      tags: ['attack.t1110'],
      author: 'An',
      path: 'r.yml',
    },
    '@timestamp': '2026-03-02T08:00:00.000Z',
    seq: 7,
    agency: 'so-khcn',
    system: 'dvc',
    entities: [
      { kind: 'host', value: 'web01' },
      { kind: 'ip', value: '192.0.2.1' },
      { kind: 'user', value: 'an' },
    ],
    group: {},
    evidence: [
      {
        record: 'spool-7',
        seq: 7,
        '@timestamp': '2026-03-02T08:00:00.000Z',
        original: 'a=x',
        rule: 'r',
        proof: [{ selection: 's', field: 'a', eventField: 'a', modifiers: [], value: 'x', matched: 'x', span: [2, 3] }],
      },
    ],
    count: 1,
  })
  expect(
    (await engineOf({ 'r.yml': `${rule('s: { a: x }\ncondition: s')}tags: [attack.t1110]\nauthor: An\n` })).process(
      own,
    )[0]!.id,
  ).toBe(alert!.id)
})

test.each<[string, string, string, string, string]>([
  [
    'contains: the part, not the field',
    "a|contains: ' -enc '",
    'powershell -ENC aGk=',
    ' -ENC ',
    'log: powershell -ENC aGk= end',
  ],
  ['startswith', 'a|startswith: power', 'PowerShell x', 'Power', '<13>PowerShell x'],
  [
    'endswith',
    String.raw`a|endswith: '\cmd.exe'`,
    String.raw`C:\cmd.exe`,
    String.raw`\cmd.exe`,
    String.raw`run C:\cmd.exe`,
  ],
  ['a regular expression', "a|re: 'u[0-9]+'", 'user u123 in', 'u123', 'x user u123 in'],
  ['a wildcard inside', 'a: "*b*d*"', 'abcde', 'bcd', 'abcde'],
  ['inside the field, where the line has the text before it too', 'a|contains: b', 'cbc', 'b', 'b b cbc'],
])('span: %s', async (_name, item, text, part, line) => {
  const proof = await proofs(`s:\n  ${item}\ncondition: s`, { a: text, 'event.original': line })
  expect(proof).toMatchObject([{ matched: text }])
  expect(quotes(line, proof)).toEqual([part])
  if (_name.startsWith('inside')) expect(proof[0]!.span![0]).toBe(line.indexOf('cbc') + 1)
})

test('a keyword is found in the raw line', async () => {
  const line = 'sshd[1]: Accepted Password for root'
  const proof = await proofs('s: [accepted password]\ncondition: s', { 'event.original': line })
  expect(proof).toMatchObject([{ field: '', eventField: '', value: 'accepted password' }])
  expect(quotes(line, proof)).toEqual(['Accepted Password'])
})

test('no span where the raw line says it otherwise; long values are quoted where they match', async () => {
  expect(
    (await proofs("s: { a: 'x y' }\ncondition: s", { a: 'x y', 'event.original': 'GET /x%20y' }))[0],
  ).not.toHaveProperty('span')
  const [proof] = await proofs('s: { a|contains: needle }\ncondition: s', {
    a: `${'.'.repeat(5000)}needle${'.'.repeat(5000)}`,
  })
  expect(proof!.matched).toHaveLength(1000)
  expect(proof!.matched).toContain('needle')
})

test('what holds on the positive side, and only that', async () => {
  const detection = `sel_a: { a: [x, y], b|exists: true }
sel_b: [{ c: z }, { d: z }]
sel_c: { e: nothing }
filter: { a: w }
condition: 1 of sel_* and sel_b and not filter`
  const proof = await proofs(detection, { a: ['y', 'x'], b: 1, d: 'Z' })
  expect(proof.map(({ selection, field, value }) => [selection, field, value])).toEqual([
    ['sel_a', 'a', 'x'],
    ['sel_a', 'a', 'y'],
    ['sel_a', 'b', 'true'],
    ['sel_b', 'd', 'z'],
  ])
})

test('events that say the same share their proofs; one that does not has its own', async () => {
  const engine = await engineOf({ 'r.yml': rule('s: { a|contains: x }\ncondition: s') })
  const [first, second, elsewhere, other, again] = [
    ['ax', '1 ax'],
    ['ax', '2 ax'],
    ['ax', 'ax'],
    ['bx', '1 bx'],
    ['ax', '3 ax'],
  ].map(([a, line]) => engine.process(event({ a: a!, 'event.original': line! }))[0]!.evidence[0]!.proof)
  expect(second).toBe(first)
  expect(first).toMatchObject([{ matched: 'ax', span: [3, 4] }])
  expect(elsewhere).toMatchObject([{ matched: 'ax', span: [1, 2] }])
  expect(other).toMatchObject([{ matched: 'bx', span: [3, 4] }])
  expect(again).toEqual(first)
})

test('names both the field of the rule and that of the event', async () => {
  const pipeline =
    'name: p\ntransformations:\n  - { type: field_name_mapping, mapping: { Image: [process.executable, Image] } }\n'
  const proof = await proofs(
    's: { Image|endswith: sh }\ncondition: s',
    { 'process.executable': '/bin/sh' },
    { 'pipelines/p.yml': pipeline },
  )
  expect(proof).toMatchObject([
    { field: 'Image', eventField: 'process.executable', modifiers: ['endswith'], value: 'sh', matched: '/bin/sh' },
  ])
})
