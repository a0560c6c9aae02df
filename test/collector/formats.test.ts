import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import fc from 'fast-check'
import { beforeAll, describe, expect, test } from 'vitest'
import { identify } from '../../collector/event-line.ts'
import { loadFormats, type ReadLine } from '../../collector/format.ts'
import type { EcsEvent } from '../../model/event.ts'
import { parseRegistry } from '../../model/registry.ts'
import { ROOT } from '../../model/root.ts'

const NAMES = ['ecs', 'evtx-json', 'raw', 'sigma'] as const
const readers = new Map<string, ReadLine>()

beforeAll(async () => {
  const path = join(ROOT, 'registry', 'hai-duong.yml')
  const registry = parseRegistry(readFileSync(path, 'utf8'), path)
  const options = { registry, timeZone: 'Asia/Ho_Chi_Minh', receivedAtMs: Date.parse('2026-11-20T03:00:00Z') }
  const formats = await loadFormats()
  for (const [name, format] of formats) readers.set(name, await format.load(options))
})
const read = (format: string, line: string | object): EcsEvent | string =>
  readers.get(format)!(Buffer.from(typeof line === 'string' ? line : JSON.stringify(line)), 0)

const SYSTEM = {
  Provider: { '#attributes': { Name: 'Service Control Manager', Guid: '{1}', EventSourceName: 'SCM' } },
  EventID: { '#attributes': { Qualifiers: 16384 }, '#text': 7045 },
  TimeCreated: { '#attributes': { SystemTime: '2026-03-02T08:00:00.123456Z' } },
  Correlation: null,
  Execution: { '#attributes': { ProcessID: 600, ThreadID: 8 } },
  Channel: 'System',
  Computer: 'pc7.tinh.local',
}

test.each([
  [
    'attributes of System, the text of an element that has some, nothing of one that is empty',
    { Event: { System: SYSTEM, EventData: null } },
    {
      Provider_Name: 'Service Control Manager',
      Provider_Guid: '{1}',
      Provider_EventSourceName: 'SCM',
      EventID: 7045,
      EventID_Qualifiers: 16384,
      TimeCreated_SystemTime: '2026-03-02T08:00:00.123456Z',
      Execution_ProcessID: 600,
      Execution_ThreadID: 8,
      Channel: 'System',
      Computer: 'pc7.tinh.local',
    },
  ],
  [
    'attributes that stand apart, an event without its wrapper',
    { System: { Provider_attributes: { Name: 'P' }, EventID: 1, Channel: 'C' }, EventData: { Image: 'C:\\a.exe' } },
    { Provider_Name: 'P', EventID: 1, Channel: 'C', Image: 'C:\\a.exe' },
  ],
  [
    'names lose their blanks, the attributes of EventData are none of its data, empty and absent stay apart',
    {
      Event: {
        System: { EventID: 1116, Channel: 'D' },
        EventData: { '#attributes': { Name: 'X' }, 'Threat Name': 'T', Path: '', 'Process Name': null },
      },
    },
    { EventID: 1116, Channel: 'D', ThreatName: 'T', Path: '', ProcessName: null },
  ],
  [
    'data win over System, except what tells the log source',
    {
      Event: {
        System: { EventID: 4, Channel: 'C', Computer: 'pc', Level: 4, Version: 2 },
        EventData: { Level: 'high', Version: 'x', EventID: '99', Channel: 'Z', Computer: 'other' },
      },
    },
    { EventID: 4, Channel: 'C', Computer: 'pc', Level: 'high', Version: 'x' },
  ],
  [
    'data without names',
    {
      Event: {
        System: { EventID: 400, Channel: 'C' },
        EventData: { Data: { '#text': ['Available', 'None'] }, Binary: '' },
      },
    },
    { EventID: 400, Channel: 'C', Data: ['Available', 'None'], Binary: '' },
  ],
  [
    "the provider's own element around its data",
    {
      Event: {
        System: { EventID: 1102, Channel: 'Security' },
        UserData: { LogFileCleared: { '#attributes': { xmlns: 'x' }, SubjectUserName: 'lan' } },
      },
    },
    { EventID: 1102, Channel: 'Security', SubjectUserName: 'lan' },
  ],
  [
    'elements inside: their own names, attributes behind that of the element',
    {
      Event: {
        System: { EventID: 90, Channel: 'C' },
        UserData: {
          CertNotificationData: { Certificate: { '#attributes': { subjectName: 'tinh.vn' } }, Process: { Id: 7 } },
        },
      },
    },
    { EventID: 90, Channel: 'C', Certificate_subjectName: 'tinh.vn', Id: 7 },
  ],
])('evtx-json: %s', (_name, line, event) => expect(read('evtx-json', line)).toEqual(event))

test.each([
  ['dotted names stay', { 'process.name': 'a', 'host.name': 'b' }, { 'process.name': 'a', 'host.name': 'b' }],
  [
    'nested names are joined, arrays and what is empty kept',
    { process: { name: 'a', args: ['x', 'y'], parent: { pid: 1, name: '' } }, 'winlog.event_data': { A: null } },
    {
      'process.name': 'a',
      'process.args': ['x', 'y'],
      'process.parent.pid': 1,
      'process.parent.name': '',
      'winlog.event_data.A': null,
    },
  ],
])('ecs: %s', (_name, line, event) => expect(read('ecs', line)).toEqual(event))

test('sigma: as it is, and integers that no double holds stay exact', () => {
  expect(read('sigma', '{"EventID":1,"Image":"C:\\\\a.exe","Data":["x"]}')).toEqual({
    EventID: 1,
    Image: 'C:\\a.exe',
    Data: ['x'],
  })
  expect(read('sigma', '{"a":9007199254740993,"b":"1234567890123456,","c":[-12345678901234567890]}')).toEqual({
    a: '9007199254740993',
    b: '1234567890123456,',
    c: ['-12345678901234567890'],
  })
})

test('raw: through the parsers', () => {
  const line = '<38>Nov 20 09:00:01 motcua-web01 sshd[4411]: Failed password for root from 203.0.113.45 port 51512 ssh2'
  expect(read('raw', line)).toMatchObject({
    '@timestamp': '2026-11-20T02:00:01.000Z',
    'event.original': line,
    'event.dataset': 'system.auth',
    'user.name': 'root',
    'source.ip': '203.0.113.45',
    'soc.seq': 1,
  })
})

test.each([
  ['sigma', '{"a":', /^bad_json: .*offset/],
  ['sigma', '[1]', /^bad_json: not a JSON object$/],
  ['ecs', 'null', /^bad_json: not a JSON object$/],
  ['ecs', '{"a":1}{', /^bad_json: /],
  ['evtx-json', '{"Event":{"EventData":{}}}', /^bad_record: /],
  ['evtx-json', '{"Event":{"System":[1]}}', /^bad_record: /],
  ['raw', '{"EventID":1,"EventID":2}', /^duplicate_key: /],
])('%s refuses %s', (format, line, reason) => expect(read(format, line)).toMatch(reason))

describe('any line', () => {
  const json = fc.json({ maxDepth: 4 })
  const record = fc.record({
    Event: fc.record({ System: fc.jsonValue(), EventData: fc.jsonValue(), UserData: fc.jsonValue() }),
  })
  const line = fc.oneof(
    fc.uint8Array({ maxLength: 200 }),
    fc
      .oneof(
        json,
        fc.string(),
        record.map((own) => JSON.stringify(own)),
      )
      .map((text) => new TextEncoder().encode(text)),
  )
  test.each(NAMES)('%s gives an event or says why not, never a throw', (format) => {
    fc.assert(
      fc.property(line, (bytes) => {
        const event = readers.get(format)!(Buffer.from(bytes), 7)
        if (typeof event === 'string') expect(event).toMatch(/^[a-z_]+: ./)
        else expect(identify(event, { line: Buffer.from(bytes), position: 7, newestMs: 5 })).toBeGreaterThanOrEqual(0)
      }),
    )
  })
})

describe('identity of an event that no collector took', () => {
  const LINE = Buffer.from('{"a":1}')
  const timeOf = (fields: object): string => {
    const event = { ...fields } as EcsEvent
    identify(event, { line: LINE, position: 4, newestMs: Date.parse('2026-01-01T00:00:00Z') })
    return event['@timestamp']
  }
  test.each([
    ['its own, cut to milliseconds', { '@timestamp': '2026-03-02T08:00:00.123456789Z' }, '2026-03-02T08:00:00.123Z'],
    ['with an offset', { '@timestamp': '2026-03-02T15:00:00+07:00' }, '2026-03-02T08:00:00.000Z'],
    ['epoch milliseconds', { '@timestamp': 1_772_438_400_000 }, '2026-03-02T08:00:00.000Z'],
    [
      'of System',
      { TimeCreated_SystemTime: '2026-03-02T08:00:00.5Z', UtcTime: '2020-01-01 00:00:00' },
      '2026-03-02T08:00:00.500Z',
    ],
    ['of Sysmon, which is UTC', { UtcTime: '2026-03-02 08:00:00.001' }, '2026-03-02T08:00:00.001Z'],
    ['no time: the newest before it', { UtcTime: 'soon' }, '2026-01-01T00:00:00.000Z'],
  ])('%s', (_name, fields, time) => expect(timeOf(fields)).toBe(time))

  test('a name and a place after its line, and the line where keywords do not search it', () => {
    const event = { a: 1 } as unknown as EcsEvent
    identify(event, { line: LINE, position: 4, newestMs: 0 })
    expect(event).toMatchObject({ 'soc.record': 'line-4', 'soc.seq': 5, 'soc.agency': 'unregistered' })
    expect(event['event.original']).toBe('{"a":1}')
    expect(Object.keys(event)).not.toContain('event.original')
  })
})
