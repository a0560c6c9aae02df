import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import fc from 'fast-check'
import { beforeAll, describe, expect, test } from 'vitest'
import { flatEvent, hasCorpus, shipped, sigmaHqRules, windowsEvents } from '../../bench/sigmahq.ts'
import { loadRules } from '../../detection/engine.ts'
import { EVENT_DATA } from '../../detection/fields/windows.ts'
import { excludes, implies } from '../../detection/logic/tests.ts'
import { Subject } from '../../detection/sigma/scalar.ts'
import { parseText } from '../../detection/sigma/text.ts'
import { finish, textValue } from '../../detection/sigma/value.ts'
import type { RuleProblem } from '../../detection/types.ts'
import { ROOT } from '../../model/root.ts'
import { findYaml } from '../../rule-life/folder.ts'

const LOG_SOURCES = `logsources:
    - when: { winlog.channel: Security }
      product: windows
      service: security
    - when: { event.code: 1, winlog.channel: 'Microsoft-Windows-Sysmon/Operational' }
      product: windows
      category: process_creation
    - when: { event.code: 3, winlog.channel: 'Microsoft-Windows-Sysmon/Operational' }
      product: windows
      category: network_connection
    - when: { event.code: 4688, winlog.channel: Security }
      product: windows
      category: process_creation
    - when: { event.dataset: auditd.log }
      product: linux
      service: auditd
    - when: { event.dataset: nginx.access }
      category: webserver
`
const TABLES = [
  ...['windows', 'web', 'placeholders'].map((name) => shipped(`pipelines/${name}.yml`)),
  { path: 'logsources.yml', text: LOG_SOURCES },
]

const PROCESS = 'product: windows\n    category: process_creation'
const rule = (detection: string, logsource = PROCESS): string =>
  `title: A rule\nid: r-1\nlogsource:\n    ${logsource}\ndetection:\n${detection
    .split('\n')
    .map((line) => `    ${line}`)
    .join('\n')}\n`

async function problemsOf(text: string, more: { path: string; text: string }[] = []): Promise<RuleProblem[]> {
  const { problems } = await loadRules([{ path: 'mine/a.yml', text }, ...more, ...TABLES])
  return problems.filter(({ path }) => path.startsWith('mine/'))
}

/** The text that a problem points at. */
function pointedAt(text: string, { line, column }: RuleProblem): string {
  return text.split('\n')[line - 1]!.slice(column - 1)
}

const SELECT = `selection:
    Image|endswith: '\\cmd.exe'
`

describe('what a rule says is doubted where it stands', () => {
  test.each([
    [
      'contradictory_selection',
      `selection:\n    Image: 'C:\\a.exe'\n    Image|endswith: '\\b.exe'\ncondition: selection`,
      `'\\b.exe'`,
    ],
    ['contradictory_selection', `selection:\n    ProcessId|gt: 10\n    ProcessId|lt: 5\ncondition: selection`, '5'],
    [
      'contradictory_selection',
      `selection:\n    Image|exists: false\n    Image|contains: a\ncondition: selection`,
      'a',
    ],
    [
      'contradictory_selection',
      `selection:\n    CommandLine: null\n    CommandLine|contains: a\ncondition: selection`,
      'a',
    ],
    [
      'contradictory_selection',
      `selection:\n    Image|startswith|all:\n        - 'C:\\'\n        - 'D:\\'\ncondition: selection`,
      `'D:\\'`,
    ],
    ['contradictory_condition', `a:\n    Image: x\nb:\n    Image: y\ncondition: a and b`, 'b'],
    ['contradictory_condition', `a:\n    Image: x\ncondition: a and not a`, 'a and not a'],
    [
      'filter_covers_selection',
      `${SELECT}filter:\n    Image|contains: cmd\ncondition: selection and not filter`,
      'filter',
    ],
    [
      'unreachable_filter',
      `${SELECT}filter:\n    Image|endswith: '\\a.exe'\n    User: me\ncondition: selection and not filter`,
      `'\\a.exe'`,
    ],
    ['unreachable_selection', `${SELECT}a:\n    Image: x\nb:\n    User: me\ncondition: selection and (a or b)`, 'x'],
    ['condition_tautology', `a:\n    Image: x\ncondition: a or not a`, 'a or not a'],
    ['useless_selection', `a:\n    Image: x\nb:\n    User: y\ncondition: a or (a and b)`, 'b)'],
    ['filter_in_quantifier', `a:\n    Image: x\nfilter:\n    User: y\ncondition: 1 of them`, 'them'],
    ['duplicate_value', `a:\n    Image:\n        - x\n        - y\n        - X\ncondition: a`, 'X'],
    ['redundant_value', `a:\n    Image|contains:\n        - cmd.exe\n        - cmd\ncondition: a`, 'cmd.exe'],
    [
      'redundant_value',
      `a:\n    CommandLine|contains|all:\n        - hidden\n        - ' -w hidden'\ncondition: a`,
      'hidden',
    ],
    [
      'redundant_value',
      `a:\n    SourceIp|cidr:\n        - 10.0.0.0/8\n        - 10.1.0.0/16\ncondition: a`,
      '10.1.0.0/16',
      'product: windows\n    category: network_connection',
    ],
    ['matches_any_value', `a:\n    Image|contains: ''\ncondition: a`, `''`],
    ['matches_any_value', `a:\n    Image: '*'\ncondition: a`, `'*'`],
    ['matches_nothing', `a:\n    Image|re: 'a^b'\ncondition: a`, `'a^b'`],
    ['matches_nothing', `a:\n    Image|re: '\\.exe$ -x'\ncondition: a`, `'\\.exe$ -x'`],
    ['matches_nothing', `a:\n    CommandLine|wide|contains: abc\ncondition: a`, 'abc'],
    ['wildcard_in_regex', `a:\n    Image|re: 'cmd*exe'\ncondition: a`, `'cmd*exe'`],
    ['escaped_wildcard', `a:\n    Image: 'C:\\Users\\*\\a.exe'\ncondition: a`, `'C:\\Users\\*\\a.exe'`],
    ['ignored_timeframe', `a:\n    Image: x\ntimeframe: 5m\ncondition: a`, 'timeframe'],
    ['field_not_produced', `a:\n    Imagee: x\ncondition: a`, 'Imagee'],
    ['field_not_produced', `a:\n    c-urii: x\ncondition: a`, 'c-urii', 'category: webserver'],
    [
      'contradicts_logsource',
      `a:\n    Channel: System\ncondition: a`,
      'System',
      'product: windows\n    service: security',
    ],
    ['unrouted_logsource', `a:\n    x: y\ncondition: a`, 'logsource', 'product: toaster'],
    ['unused_selection', `a:\n    Image: y\nb:\n    Image: z\ncondition: a`, 'b:'],
    ['all_of_one', `a:\n    Image|contains|all: y\ncondition: a`, 'Image|contains|all'],
    ['null_in_list', `a:\n    Image:\n        - y\n        - null\ncondition: a`, 'null'],
    ['empty_placeholder', `a:\n    Image|expand: '%Workstations%'\ncondition: a`, 'Image|expand'],
  ])('%s: %s', async (code, detection, at, logsource = PROCESS) => {
    const text = `title: another\nid: r-0\nlogsource: { product: linux }\ndetection: { s: { process.name: b }, condition: s }\n---\n${rule(detection, logsource)}`
    const problems = await problemsOf(text)
    const found = problems.find((problem) => problem.code === code)
    expect(problems.map((problem) => problem.code)).toContain(code)
    expect(found).toMatchObject({ severity: 'warning', rule: 'r-1' })
    expect(pointedAt(text, found!).startsWith(at)).toBe(true)
  })

  test.each([
    [
      'a field given twice that one value can satisfy',
      `a:\n    Image|startswith: 'C:\\'\n    Image|endswith: .exe\ncondition: a`,
    ],
    [
      'a field with several values',
      `a:\n    process.args: x\n    process.args|startswith: y\ncondition: a`,
      'product: linux\n    service: auditd',
    ],
    ['case that only one side tells apart', `a:\n    Image: CMD\n    Image|cased: cmd\ncondition: a`],
    ['a number and its other spelling', `a:\n    ProcessId: 5\n    ProcessId|contains: '05'\ncondition: a`],
    [
      'a filter that takes away a part',
      `${SELECT}filter:\n    Image|startswith: 'C:\\Windows\\'\ncondition: selection and not filter`,
    ],
    ['a wildcard between backslashes', `a:\n    Image: 'C:\\Users\\\\*\\a.exe'\ncondition: a`],
    [
      'the share of an unnamed host',
      `a:\n    ShareName: '\\\\\\\\\\*\\IPC$'\ncondition: a`,
      'product: windows\n    service: security',
    ],
    ['anchors where they belong', `a:\n    Image|re: '^a.*(b|c$)|^d$'\ncondition: a`],
    ['repeats after sets and dots', `a:\n    Image|re: 'cmd.*[ab]*exe'\ncondition: a`],
    [
      'filters named beside quantifiers',
      `selection_a:\n    Image: x\nfilter:\n    User: y\ncondition: 1 of selection_* and not filter`,
    ],
    ['a field of Sysmon', `a:\n    OriginalFileName: x\n    IntegrityLevel: High\ncondition: a`],
    ['the event id of the log source', `a:\n    EventID: 4688\ncondition: a`],
    ['two ways, one of them odd', `a:\n    - Image: x\n    - User: y\nb:\n    Image: x\ncondition: a and b`],
  ])('nothing is said of %s', async (_name, detection, logsource = PROCESS) => {
    expect(await problemsOf(rule(detection, logsource))).toEqual([])
  })

  test.each([
    ['bad_condition', `a:\n    Image: x\ncondition: a and b`, 'b'],
    ['bad_condition', `a:\n    Image: x\ncondition: 'a and ('`, `'`],
    ['unknown_modifier', `a:\n    Image|contain: x\ncondition: a`, 'contain'],
    ['bad_value', `a:\n    Image|cidr: 10.0.0.1/8\ncondition: a`, '10.0.0.1/8'],
    ['bad_regex', `a:\n    Image|re:\n        - fine\n        - '(?=x)'\ncondition: a`, `'(?=x)'`],
    ['unknown_placeholder', `a:\n    Image|expand: '%nobody%'\ncondition: a`, `'%nobody%'`],
    ['bad_modifier', `a:\n    Image|re|startswith: x\ncondition: a`, 'x'],
    ['bad_detection', `a: []\ncondition: a`, 'a'],
  ])('the error %s of %j stands at its place and names its rule', async (code, detection, at) => {
    const text = `title: first\nid: r-0\nlogsource: { product: linux }\ndetection: { s: { process.name: b }, condition: s }\n---\n# why\n${rule(detection)}`
    const [problem] = await problemsOf(text)
    expect(problem).toMatchObject({ code, severity: 'error', rule: 'r-1' })
    expect(pointedAt(text, problem!).startsWith(at)).toBe(true)
  })

  const HEAD = 'title: Many\nid: r-2\n'
  test.each([
    ['bad_rule', `${rule('a:\n    Image: x\ncondition: a')}level: highest\n`, 'level', 'r-1'],
    ['bad_rule', `id: r-1\nlogsource: { product: linux }\n`, 'id', 'r-1'],
    ['bad_logsource', `title: T\nid: r-1\nlogsource:\n    definition: x\n`, 'logsource', 'r-1'],
    ['bad_detection', `title: T\nid: r-1\nlogsource: { product: linux }\n`, 'title', 'r-1'],
    ['bad_action', `action: forget\ntitle: T\n`, 'action', undefined],
    ['bad_yaml', `title: T\nid: [r-1\n`, '', undefined],
    ['duplicate_key', `title: T\nid: r-1\nid: r-2\n`, 'id: r-2', undefined],
    ['bad_correlation', `${HEAD}correlation:\n    type: count\n    rules: [r-0]\n`, 'type', 'r-2'],
    [
      'bad_correlation',
      `${HEAD}correlation:\n    type: temporal\n    rules: [r-0]\n    timespan: soon\n`,
      'timespan',
      'r-2',
    ],
    [
      'unknown_reference',
      `${HEAD}correlation:\n    type: temporal\n    rules: [r-9]\n    timespan: 5m\n`,
      'rules',
      'r-2',
    ],
    [
      'reference_cycle',
      `${HEAD}correlation:\n    type: temporal\n    rules: [r-2]\n    timespan: 5m\n`,
      'rules',
      'r-2',
    ],
    [
      'bad_filter',
      `title: F\nlogsource: { product: linux }\nfilter:\n    a: { b: c }\n    condition: not a\n`,
      'filter',
      undefined,
    ],
    [
      'duplicate_id',
      `title: T\nid: r-0\nlogsource: { product: linux }\ndetection: { a: { b: c }, condition: a }\n`,
      'title',
      'r-0',
    ],
  ])('the error %s, after another document, at %j', async (code, second, at, id) => {
    const text = `title: first\nid: r-0\nlogsource: { product: linux }\ndetection: { s: { process.name: b }, condition: s }\n---\n${second}`
    const problems = await problemsOf(text)
    const problem = problems.find(({ severity }) => severity === 'error')
    expect([problem?.code, problem?.rule]).toEqual([code, id])
    expect(problem!.line).toBeGreaterThan(5)
    expect(pointedAt(text, problem!).startsWith(at)).toBe(true)
  })
})

describe('a rule that can never fire says why', () => {
  const never = async (text: string, more: { path: string; text: string }[] = []) => {
    const { rules } = await loadRules([{ path: 'mine/a.yml', text }, ...more, ...TABLES])
    return rules.map(({ id, neverFires }) => [id, neverFires?.code])
  }

  test.each([
    ['unrouted_logsource', rule('a:\n    x: y\ncondition: a', 'product: toaster')],
    ['field_not_produced', rule('a:\n    Imagee: x\n    User: y\ncondition: a')],
    ['contradiction', rule('a:\n    Image: x\nb:\n    Image: y\ncondition: a and b')],
    ['contradicts_logsource', rule('a:\n    Channel: System\ncondition: a', 'product: windows\n    service: security')],
    ['empty_placeholder', rule(`a:\n    Image|expand: '%Workstations%'\n    User: y\ncondition: a`)],
    [undefined, rule('a:\n    Imagee: x\nb:\n    User: y\ncondition: a or b')],
    [undefined, rule('a:\n    User: y\nfilter:\n    Imagee: x\ncondition: a and not filter')],
  ])('%s', async (code, text) => expect(await never(text)).toEqual([['r-1', code]]))

  test('because a filter document takes all away', async () => {
    const filter = `title: Never our scanner\nlogsource: { product: windows }\nfilter:\n    rules: [r-1]\n    ours:\n        User|startswith: scan\n    condition: not ours\n`
    const text = rule('a:\n    User: scanner\ncondition: a')
    expect(await never(text, [{ path: 'mine/f.yml', text: filter }])).toEqual([['r-1', 'shadowed_by_filter']])
    expect(await problemsOf(text, [{ path: 'mine/f.yml', text: filter }])).toMatchObject([
      { code: 'shadowed_by_filter', path: 'mine/a.yml', rule: 'r-1', line: 6 },
    ])
  })

  test('because what it counts never fires', async () => {
    const text = `${rule('a:\n    Imagee: x\ncondition: a')}---\ntitle: Many\nid: r-2\ncorrelation:\n    type: event_count\n    rules: [r-1]\n    timespan: 5m\n    condition: { gte: 3 }\n`
    expect(await never(text)).toEqual([
      ['r-1', 'field_not_produced'],
      ['r-2', 'part_never_fires'],
    ])
  })
})

test('the rules shipped raise no doubt, and can all fire', async () => {
  const { rules, problems } = await loadRules(
    findYaml(join(ROOT, 'rules'))
      .filter((path) => !path.startsWith('sigmahq/'))
      .map(shipped),
  )
  expect(problems.map(({ path, code, message }) => `${path}: ${code}: ${message}`)).toEqual([])
  expect(rules.flatMap(({ path, neverFires }) => (neverFires ? [path, neverFires] : []))).toEqual([])
})

describe('what follows from a test', () => {
  const text = fc.string({ unit: fc.constantFrom('a', 'B', 'b', '1', '.', '*', '?'), maxLength: 6 })
  const pattern = fc.tuple(text, fc.boolean()).map(([raw, cased]) => finish(textValue(parseText(raw), cased), false))
  const number = fc.constantFrom('1', '11').map((value) => finish({ kind: 'number', text: value }, false))
  const subject = fc.oneof(
    fc.string({ unit: fc.constantFrom('a', 'A', 'b', 'B', '1', '.'), maxLength: 6 }),
    fc.constantFrom(1, 11, '01'),
  )

  // oxlint-disable-next-line vitest/expect-expect -- inside the property
  test('implied tests hold, excluded tests do not', () => {
    const any = fc.oneof(pattern, number)
    fc.assert(
      fc.property(any, any, fc.array(subject, { minLength: 1, maxLength: 30 }), (a, b, subjects) => {
        if (a.about !== 'value' || b.about !== 'value') return
        for (const value of subjects) {
          const [left, right] = [a.holds(new Subject(value)), b.holds(new Subject(value))]
          if (implies(a, b) && left) expect(right).toBe(true)
          if (excludes(a, b)) expect(left && right).toBe(false)
        }
      }),
      { numRuns: 3000 },
    )
  })
})

describe.skipIf(!hasCorpus)(`SigmaHQ${hasCorpus ? '' : ' (skipped: the optional SigmaHQ data is absent)'}`, () => {
  const counts = new Map<string, number>()

  beforeAll(async () => {
    const pipelines = readdirSync(join(ROOT, 'rules/pipelines')).map((name) => shipped(`pipelines/${name}`))
    const { problems } = await loadRules([...sigmaHqRules(), ...pipelines, shipped('logsources.yml')])
    for (const { code } of problems) counts.set(code, (counts.get(code) ?? 0) + 1)
  })

  /** Looked at one by one; more than these, and something new is said of rules that stood for years. */
  test.each([
    ['contradictory_selection', 0],
    ['contradictory_condition', 0],
    ['filter_covers_selection', 0],
    ['contradicts_logsource', 0],
    ['condition_tautology', 0],
    ['filter_in_quantifier', 0],
    ['matches_nothing', 0],
    ['wildcard_in_regex', 0],
    ['escaped_wildcard', 0],
    ['ignored_timeframe', 0],
    ['duplicate_value', 0],
    ['unreachable_filter', 20],
    ['unreachable_selection', 2],
    ['useless_selection', 3],
    ['matches_any_value', 12],
    ['field_not_produced', 30],
    ['redundant_value', 140],
  ])('%s is rare', (code, most) => expect(counts.get(code) ?? 0).toBeLessThanOrEqual(most))

  /** Of the System element, and what collectors added. */
  const BESIDE =
    /^(?:Task|Provider.*|Keywords|EventID|Computer|Channel|@timestamp|Level|Version|Opcode|Execution_.*|EventRecordID|TimeCreated|Security_UserID|[a-z_].*|Process(?:ID|Id)|EventTypeOrignal|Type|TimeGenerated|TenantId|SourceSystem|ManagementGroupName|EventOriginId|EventLevel.*|EventData|_.*)$/

  test('the templates of Windows have every field that real events carry', () => {
    const unknown = new Set<string>()
    for (const line of windowsEvents()) {
      const event = flatEvent(line) as unknown as Record<string, string>
      const template = EVENT_DATA[String(event['Channel']).toLowerCase()]?.[String(event['EventID'])]?.split(' ')
      if (template === undefined) continue
      for (const name of Object.keys(event)) {
        if (!template.includes(name) && !BESIDE.test(name))
          unknown.add(`${event['Channel']} ${event['EventID']} ${name}`)
      }
    }
    expect([...unknown]).toEqual([])
  })
})
