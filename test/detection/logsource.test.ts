import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { shipped } from '../../bench/sigmahq.ts'
import { Engine } from '../../detection/engine.ts'
import { classifier, covers, readLogSources, type LogSourceRow } from '../../detection/sigma/logsource.ts'
import type { LogSource } from '../../detection/sigma/rule.ts'
import { readYaml } from '../../detection/sigma/yaml.ts'
import type { EcsEvent, EcsValue } from '../../model/event.ts'
import { event, load, rule } from './made-up.ts'

const rowsOf = (text: string): LogSourceRow[] => readYaml(text).documents.flatMap(readLogSources)

/** Log sources of an event, as `product/category/service`. */
function sourcesOf(rows: readonly LogSourceRow[], own: EcsEvent): string[] {
  const found: number[] = []
  const count = classifier(rows).classify(own, found)
  return found
    .slice(0, count)
    .flatMap((row) => rows[row]!.sources)
    .map(({ product = '*', category = '*', service = '*' }) => `${product}/${category}/${service}`)
}

describe('containment', () => {
  const WINDOWS = { product: 'windows', category: 'process_creation', service: 'sysmon' }
  test.each<[LogSource, LogSource, boolean]>([
    [{ product: 'windows' }, WINDOWS, true],
    [{ product: 'windows', category: 'process_creation' }, WINDOWS, true],
    [{ category: 'process_creation' }, WINDOWS, true],
    [WINDOWS, WINDOWS, true],
    [{ product: 'linux' }, WINDOWS, false],
    [{ product: 'windows', service: 'security' }, WINDOWS, false],
    [WINDOWS, { product: 'windows', category: 'process_creation' }, false],
    [{}, WINDOWS, true],
  ])('%j covers %j: %s', (wanted, actual, expected) => {
    expect(covers(wanted, actual)).toBe(expected)
  })
})

describe('rows', () => {
  const TABLE = `logsources:
  - when: { k: [a, B] }
    product: One
  - when: { k: a, n: 7 }
    product: one
    category: [x, y]
  - when: { list: in }
    service: s
  - when: { k: a, list: [in, out] }
    product: [p, q]
    service: t
`
  test.each<[string, Record<string, EcsValue>, string[]]>([
    ['a value, whatever its case', { k: 'A' }, ['one/*/*']],
    ['one of several', { k: 'b' }, ['one/*/*']],
    ['another', { k: 'c' }, []],
    ['a further condition; a number or its text', { k: 'a', n: '7' }, ['one/*/*', 'one/x/*', 'one/y/*']],
    ['a number', { k: 'a', n: 7 }, ['one/*/*', 'one/x/*', 'one/y/*']],
    ['a further condition that fails', { k: 'a', n: 8 }, ['one/*/*']],
    ['an element of a list', { list: ['out', 'IN'] }, ['*/*/s']],
    ['an element twice counts once', { list: ['in', 'in'] }, ['*/*/s']],
    ['an element, as a further condition', { k: 'a', list: ['out'] }, ['one/*/*', 'p/*/t', 'q/*/t']],
    ['an empty list', { list: [] }, []],
    ['objects and nulls are no values', { k: { a: 'a' }, list: [null, { in: 'in' }] }, []],
  ])('%s', (_name, fields, expected) => {
    expect(sourcesOf(rowsOf(TABLE), event(fields))).toEqual(expected)
  })

  test.each([
    ['no list of them', 'sources: []', 'logsources is missing'],
    ['a row without when', 'logsources:\n  - product: x', 'a log source without when'],
    ['a row of nothing', 'logsources:\n  - when: {}\n    product: x', 'a log source without when'],
  ])('refuse %s', (_name, text, message) => {
    expect(() => rowsOf(text)).toThrow(message)
  })

  test('what classify finds is what holds, row by row', () => {
    const value = fc.constantFrom('a', 'b', 'c', '1')
    const when = fc.dictionary(fc.constantFrom('k', 'l', 'm'), fc.uniqueArray(value, { minLength: 1, maxLength: 2 }), {
      minKeys: 1,
      maxKeys: 2,
    })
    const own = fc.dictionary(
      fc.constantFrom('k', 'l', 'm'),
      fc.oneof(value, fc.constant(1), fc.array(value, { maxLength: 3 })),
    )
    fc.assert(
      fc.property(fc.array(when, { maxLength: 6 }), fc.array(own, { minLength: 1, maxLength: 4 }), (tables, events) => {
        const rows = tables.map((one): LogSourceRow => ({
          when: Object.entries(one).map(([field, values]) => [field, new Set<string>(values)]),
          sources: [],
        }))
        const { classify } = classifier(rows)
        const found: number[] = []
        for (const fields of events) {
          const texts = (field: string): string[] => [fields[field] ?? []].flat().map(String)
          const expected = tables.flatMap((one, i) =>
            Object.entries(one).every(([field, values]) => values.some((own) => texts(field).includes(own))) ? [i] : [],
          )
          const count = classify(event(fields), found)
          expect(found.slice(0, count)).toEqual(expected)
        }
      }),
    )
  })
})

describe('the shipped table', () => {
  const rows = rowsOf(shipped('logsources.yml').text)
  const sysmon = (code: string, more = {}): EcsEvent =>
    event({ 'winlog.channel': 'Microsoft-Windows-Sysmon/Operational', 'event.code': code, ...more })

  test.each<[string, EcsEvent, string[]]>([
    [
      'Sysmon 13 is two categories',
      sysmon('13'),
      ['windows/*/sysmon', 'windows/registry_event/sysmon', 'windows/registry_set/sysmon'],
    ],
    [
      'Sysmon 12, a key made',
      sysmon('12', { 'winlog.event_data.EventType': 'CreateKey' }),
      ['windows/*/sysmon', 'windows/registry_event/sysmon', 'windows/registry_add/sysmon'],
    ],
    [
      'Sysmon 26 is three',
      sysmon('26'),
      ['windows/*/sysmon', 'windows/file_delete/sysmon', 'windows/file_delete_detected/sysmon'],
    ],
    [
      'a login on Linux',
      event({ 'event.dataset': 'system.auth', 'process.name': 'sshd' }),
      ['linux/*/auth', 'linux/*/sshd'],
    ],
    [
      'a process on macOS, from an agent',
      event({
        'event.dataset': 'endpoint.events.process',
        'event.module': 'endpoint',
        'host.os.type': 'macos',
        'event.category': ['process'],
        'event.type': ['start'],
      }),
      ['macos/process_creation/*'],
    ],
    [
      'a file that an agent saw deleted is no file_event',
      event({
        'event.dataset': 'x.y',
        'host.os.type': 'macos',
        'event.category': ['file'],
        'event.type': ['deletion'],
      }),
      [],
    ],
    [
      'a file that an agent saw renamed',
      event({
        'event.dataset': 'x.y',
        'event.module': 'endpoint',
        'host.os.type': 'windows',
        'event.category': ['file'],
        'event.type': ['change'],
        'event.action': 'rename',
      }),
      ['windows/file_rename/*'],
    ],
    [
      'a Java program',
      event({ 'event.dataset': 'system.syslog', 'process.name': 'java' }),
      ['linux/*/syslog', 'jvm/application/*', 'spring/application/*', 'velocity/application/*'],
    ],
    [
      'Microsoft 365 has four services',
      event({ 'event.dataset': 'o365.audit' }),
      ['m365/*/audit', 'm365/*/exchange', 'm365/*/threat_detection', 'm365/*/threat_management'],
    ],
  ])('%s', (_name, own, expected) => {
    expect(sourcesOf(rows, own)).toEqual(expected)
  })

  test('no row stands there twice', () => {
    const keys = rows.map(({ when, sources }) =>
      JSON.stringify([when.map(([field, values]) => [field, [...values]]), sources]),
    )
    expect(keys.filter((key, i) => keys.indexOf(key) !== i)).toEqual([])
  })
})

describe('a rule', () => {
  test('its definition and attributes of its own say nothing about which events', async () => {
    const text = rule('s: { a: 1 }\ncondition: s').replace(
      '{ product: t }',
      '{ product: T, definition: Needs auditing of a, edition: pro }',
    )
    const ruleSet = await load({ 'r.yml': `${text}owner: phong-attt\n` })
    expect(ruleSet.problems.filter(({ severity }) => severity === 'error')).toEqual([])
    expect(new Engine(ruleSet).matches(event({ a: 1 }))).toEqual(['r'])
    expect(ruleSet.rules[0]!.logsource).toEqual({ product: 't' })
  })

  test('runs only where one log source of the event has all that it names', async () => {
    const text = (logsource: string): string => rule('s: { a: 1 }\ncondition: s').replace('{ product: t }', logsource)
    const matched = async (logsource: string): Promise<boolean> =>
      new Engine(await load({ 'r.yml': text(logsource) })).matches(event({ a: 1, 'event.dataset': 't.two' })).length > 0
    expect(await matched('{ product: t, category: alpha }')).toBe(true)
    expect(await matched('{ product: t, category: beta, service: two }')).toBe(true)
    expect(await matched('{ category: beta }')).toBe(true)
    expect(await matched('{ product: t, service: one }')).toBe(false)
    expect(await matched('{ product: t, category: gamma }')).toBe(false)
  })

  test.each([
    ['an unknown taxonomy is refused', 'taxonomy: acme', false, false],
    ['taxonomy ecs: no pipeline touches it', 'taxonomy: ecs', true, false],
    ['taxonomy sigma is the default', 'taxonomy: sigma', false, true],
    ['pipeline none', 'pipeline: none', true, false],
    ['the pipeline of a name', 'pipeline: p', false, true],
    ['a pipeline that does not concern it', 'pipeline: other', true, false],
  ])('%s', async (_name, attribute, own, mapped) => {
    const pipeline = (name: string, to: string): string =>
      `name: ${name}\ntransformations:\n  - { type: field_name_mapping, mapping: { a: ${to} } }\n`
    const ruleSet = await load({
      'pipelines/p.yml': pipeline('p', 'x'),
      'pipelines/other.yml': 'name: other\ntransformations: []\n',
      'r.yml': `${rule('s: { a: 1 }\ncondition: s')}${attribute}\n`,
    })
    const engine = new Engine(ruleSet)
    expect(engine.matches(event({ a: 1 })).length > 0).toBe(own)
    expect(engine.matches(event({ x: 1 })).length > 0).toBe(mapped)
    expect(ruleSet.problems.some(({ code }) => code === 'bad_rule')).toBe(!own && !mapped)
  })
})
