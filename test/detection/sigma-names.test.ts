import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeAll, describe, expect, test } from 'vitest'
import { Detector } from '../../detection/detector.ts'
import { loadRules } from '../../detection/engine.ts'
import { inSigmaNames, markUnstated, SIGMA_NAMES } from '../../detection/sigma-names.ts'
import type { EcsEvent, EcsValue } from '../../model/event.ts'
import { ROOT } from '../../model/root.ts'

const SYSMON = 'Microsoft-Windows-Sysmon/Operational'
const DEFENDER = 'Microsoft-Windows-Windows Defender/Operational'
const rule = (id: string, logsource: string, selection = '{ x: y }'): string =>
  `title: ${id}\nid: ${id}\nlogsource: ${logsource}\ndetection:\n  s: ${selection}\n  condition: s\n`

const RULES = [
  rule('windows', '{ product: windows }'),
  rule('sysmon', '{ product: windows, service: sysmon }'),
  rule('creation', '{ product: windows, category: process_creation }', '{ Image|endswith: \\a.exe }'),
  rule('creation-anywhere', '{ category: process_creation }', '{ Image|endswith: \\a.exe }'),
  rule('registry-event', '{ product: windows, category: registry_event }'),
  rule('registry-add', '{ product: windows, category: registry_add }'),
  rule('registry-set', '{ product: windows, category: registry_set }'),
  rule('antivirus', '{ category: antivirus }', '{ Signature|contains: eicar, Filename|endswith: .exe }'),
  rule('web', '{ category: webserver }', '{ cs-method: POST }'),
  rule('linux-auditd', '{ product: linux, service: auditd }'),
].join('---\n')

let detector: Detector
beforeAll(async () => {
  const logSources = { path: 'logsources.yml', text: readFileSync(join(ROOT, 'rules/logsources.yml'), 'utf8') }
  const ruleSet = await loadRules([{ path: 'r.yml', text: RULES }, SIGMA_NAMES, logSources])
  detector = new Detector(inSigmaNames(ruleSet))
})

const matched = (fields: Record<string, EcsValue>): string[] => {
  const event = { ...fields } as EcsEvent
  markUnstated(event)
  detector.match(event)
  return detector.ids()
}

describe('the log source of an event in Sigma names', () => {
  test.each<[string, Record<string, EcsValue>, string[]]>([
    [
      'a channel is a service, an event id a category',
      { Channel: SYSMON, EventID: 1, Image: 'C:\\a.exe', x: 'y' },
      ['creation', 'creation-anywhere', 'sysmon', 'windows'],
    ],
    [
      'ids as text, channels in any case',
      { Channel: SYSMON.toLowerCase(), EventID: '1', Image: 'C:\\a.exe' },
      ['creation', 'creation-anywhere'],
    ],
    ['an id alone is of any channel', { EventID: 1, Image: 'C:\\a.exe', x: 'y' }, []],
    ['the id of another channel', { Channel: 'Security', EventID: 1, Image: 'C:\\a.exe', x: 'y' }, ['windows']],
    [
      '4688 names a process otherwise',
      { Channel: 'Security', EventID: 4688, NewProcessName: 'C:\\a.exe' },
      ['creation', 'creation-anywhere'],
    ],
    [
      'categories overlap',
      { Channel: SYSMON, EventID: 13, x: 'y' },
      ['registry-event', 'registry-set', 'sysmon', 'windows'],
    ],
    [
      'a category that needs more than the id',
      { Channel: SYSMON, EventID: 12, EventType: 'CreateKey', x: 'y' },
      ['registry-add', 'registry-event', 'sysmon', 'windows'],
    ],
    [
      '… and has it not',
      { Channel: SYSMON, EventID: 12, EventType: 'DeleteKey', x: 'y' },
      ['registry-event', 'sysmon', 'windows'],
    ],
    [
      'Defender names threats otherwise',
      { Channel: DEFENDER, EventID: 1116, ThreatName: 'EICAR', Path: 'C:\\a.exe' },
      ['antivirus'],
    ],
    ['stated: all that the rule names', { product: 'linux', service: 'auditd', x: 'y' }, ['linux-auditd']],
    ['stated: less than the rule names', { product: 'linux', x: 'y' }, []],
    [
      'stated: more than the rule names',
      { product: 'Windows', category: 'process_creation', Image: 'C:\\a.exe', x: 'y' },
      ['creation', 'creation-anywhere', 'windows'],
    ],
    ['stated: another one', { category: 'proxy', 'cs-method': 'POST' }, []],
    [
      'nothing says: any but Windows',
      { 'cs-method': 'POST', x: 'y', Image: 'C:\\a.exe' },
      ['creation-anywhere', 'linux-auditd', 'web'],
    ],
    ['a provider is of Windows', { Provider_Name: 'Microsoft-Windows-RPC', x: 'y' }, []],
  ])('%s', (_name, event, rules) => expect(matched(event)).toEqual(rules))

  test('what belongs to none is counted', () => {
    const before = detector.unrouted
    matched({ EventID: 6, Provider_Name: 'P' })
    matched({ Channel: 'Security', EventID: 1 })
    expect(detector.unrouted - before).toBe(1)
  })
})
