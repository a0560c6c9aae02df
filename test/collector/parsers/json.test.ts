import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { parseRecord } from '../../../collector/json-record.ts'
import { Refusal } from '../../../collector/refusal.ts'
import { eventOf, loadLine } from './line.ts'
import { runs } from '../../runs.ts'

const line = await loadLine()

test.each<[string, string, object]>([
  [
    'an application of the province',
    '{"service":"motcua","timestamp":1778554798,"src_ip":"203.0.113.9","user":"lan","action":"export","object_type":"ho_so","object_count":5000,"result":"success","procedure_code":"1.000.1","session":"s1"}',
    {
      'event.dataset': 'app.motcua',
      '@timestamp': '2026-05-12T02:59:58.000Z',
      'source.ip': '203.0.113.9',
      'user.name': 'lan',
      'event.action': 'export',
      'event.outcome': 'success',
      'app.object_count': 5000,
      'app.object_type': 'ho_so',
      'app.procedure_code': '1.000.1',
      'app.session': 's1',
      'related.ip': ['203.0.113.9'],
    },
  ],
  [
    'a failed log-in, in Vietnamese',
    '{"service":"sso","user":"lan","action":"login","result":"thất bại"}',
    { 'event.outcome': 'failure', 'event.category': ['authentication'] },
  ],
  [
    'the convention without a service',
    '{"action":"delete","user":"lan","system_key":"lgsp"}',
    { 'event.dataset': 'generic.json', 'event.action': 'delete', 'app.system_key': 'lgsp' },
  ],
  [
    'ECS, from Filebeat',
    '{"@timestamp":"2026-05-12T02:59:58.5Z","ecs":{"version":"1.0"},"event":{"dataset":"mysql.error","kind":"event"},"host":{"name":"DB1"},"source":{"ip":"203.0.113.9"},"tags":["a","b"]}',
    {
      'event.dataset': 'mysql.error',
      'source.ip': '203.0.113.9',
      'host.name': 'db1',
      'host.hostname': 'DB1',
      tags: ['a', 'b'],
      'ecs.version': '8.17.0',
    },
  ],
  [
    'any other, flattened',
    '{"time":"2026-05-12 09:59:58","a":{"b":{"c":[1,2]}},"d":null,"e":"","host":"PC7","src_ip":"203.0.113.9"}',
    {
      '@timestamp': '2026-05-12T02:59:58.000Z',
      'a.b.c': [1, 2],
      'app.host': 'PC7',
      'host.hostname': 'PC7',
      src_ip: '203.0.113.9',
      'source.ip': '203.0.113.9',
    },
  ],
  [
    'a time that is none is a value like others',
    '{"time":"noon"}',
    { '@timestamp': '2026-05-12T03:30:00.000Z', time: 'noon' },
  ],
  [
    'numbers that no double holds stay text',
    '{"id":12345678901234567890,"neg":-9007199254740993,"big":1e999,"x":9007199254740991,"f":0.1234567890123456789}',
    {
      id: '12345678901234567890',
      neg: '-9007199254740993',
      big: '1e999',
      x: 9_007_199_254_740_991,
      f: 0.123_456_789_012_345_68,
    },
  ],
  [
    'behind the cookie of syslog',
    '<14>May 12 10:00:00 app1 p: @cee: {"k":"v"}',
    { k: 'v', 'host.hostname': 'app1', 'event.dataset': 'generic.json' },
  ],
  [
    'prototype names are names',
    '{"__proto__":{"polluted":1},"constructor":"c"}',
    { '__proto__.polluted': 1, constructor: 'c' },
  ],
])('%s', (_, text, fields) => {
  expect(eventOf(line(text))).toMatchObject(fields)
})

test('null and empty are absent', () => {
  const event = eventOf(line('{"a":null,"b":"","c":[],"d":{}}'))
  expect(Object.keys(event).filter((field) => /^[abcd]$/.test(field))).toEqual([])
})

test.each([
  '{12345678901234567890:1}',
  '{"a":01234567890123456789}',
  '{"a":1234567890123456-7}',
  '{"a" 1}',
  '{"a":"\\x"}',
  '{"a":1,}',
  '{"a":.5}',
  '{',
])('%s is no JSON here either', (text) => {
  expect(parseRecord(text)).toMatchObject({ code: 'bad_json' })
  expect(parseRecord(text)).toBeInstanceOf(Refusal)
})

test('an object that looks like a refusal is an object', () => {
  expect(parseRecord('{"code":"bad_json","reason":"x"}')).not.toBeInstanceOf(Refusal)
})

test('reads what JSON.parse reads, wherever quotes, colons, backslashes and brackets stand', () => {
  const text = fc.string({ unit: fc.constantFrom('"', '\\', ':', '{', '}', '[', ']', ',', 'a', 'ả', '\n', '1') })
  const value = fc.letrec((tie) => ({
    node: fc.oneof(
      { maxDepth: 4 },
      text,
      fc.integer(),
      fc.boolean(),
      fc.constant(null),
      fc.array(tie('node'), { maxLength: 4 }),
      fc.dictionary(text, tie('node'), { maxKeys: 4 }),
    ),
  })).node
  fc.assert(
    fc.property(fc.dictionary(text, value, { maxKeys: 5 }), fc.constantFrom(0, 2), (object, indent) => {
      expect(parseRecord(JSON.stringify(object, null, indent))).toEqual(JSON.parse(JSON.stringify(object)))
    }),
    { numRuns: runs(1_000) },
  )
})

test('a key written twice is refused at any depth, also when written in another way', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 0, max: 30 }),
      fc.constantFrom('"k"', '"\\u006b"'),
      fc.string(),
      (depth, again, before) => {
        const inner = `{${JSON.stringify(`x${before}`)}:0,"k":1,${again}:2}`
        const wrapped = '{"a":'.repeat(depth) + inner + '}'.repeat(depth)
        expect(parseRecord(wrapped)).toMatchObject({ code: 'duplicate_key' })
      },
    ),
  )
})
