import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { ROOT } from '../../model/root.ts'
import { runRuleTests } from '../../rule-work/tests.ts'

// Rules as SigmaHQ writes them for any firewall, run through our log sources and pipelines on lines of different makers.
const rule = (id: number, title: string, logsource: string, detection: string): string => `title: ${title}
id: 6f0d2a4e-5b1c-4d3e-9a7f-0c1b2d3e4f${10 + id}
status: test
logsource: ${logsource}
detection:
${detection}
level: medium
`
const RULES = [
  rule(
    1,
    'Remote Desktop Let In',
    '{ category: firewall }',
    `    selection:
        dst_port: 3389
        src_ip|cidr: 203.0.113.0/24
    allow1:
        action: [forward, accept]
    allow2:
        blocked: "false"
    condition: selection and 1 of allow*`,
  ),
  rule(
    2,
    'SMB Refused',
    '{ category: firewall }',
    `    selection:
        dst_ip: 10.30.1.5
        dst_port: 445
        action: deny
        blocked: "true"
    condition: selection`,
  ),
  rule(
    3,
    'FortiGate Policy Added',
    '{ product: fortigate, service: event }',
    `    selection:
        action: Add
        cfgpath: firewall.policy
    condition: selection`,
  ),
  rule(
    4,
    'Cisco Logging Off',
    '{ product: cisco, service: aaa }',
    `    keywords:
        - no logging
    condition: keywords`,
  ),
]

const FORTIGATE = 'date=2026-05-12 time=10:00:00 devname="FGT" devid="FG1"'
const CASES: readonly (readonly [name: string, line: string, titles: string[]])[] = [
  [
    'FortiGate lets in',
    `<189>${FORTIGATE} logid="1" type="traffic" subtype="forward" srcip=203.0.113.9 srcport=51234 dstip=10.30.1.5 dstport=3389 proto=6 action="accept"`,
    ['Remote Desktop Let In'],
  ],
  [
    'ASA lets in',
    '<166>%ASA-6-302013: Built inbound TCP connection 8 for outside:203.0.113.9/51234 (203.0.113.9/51234) to dmz:10.30.1.5/3389 (198.51.100.7/3389)',
    ['Remote Desktop Let In'],
  ],
  [
    'FortiGate keeps out',
    `<189>${FORTIGATE} logid="1" type="traffic" subtype="forward" srcip=203.0.113.9 dstip=10.30.1.5 dstport=3389 proto=6 action="deny"`,
    [],
  ],
  [
    'ASA refuses',
    '<164>%ASA-4-106023: Deny tcp src outside:203.0.113.9/51234 dst dmz:10.30.1.5/445 by access-group "x" [0x0, 0x0]',
    ['SMB Refused'],
  ],
  [
    'FortiGate refuses',
    `<189>${FORTIGATE} logid="1" type="traffic" subtype="forward" srcip=203.0.113.9 dstip=10.30.1.5 dstport=445 proto=6 action="deny"`,
    ['SMB Refused'],
  ],
  [
    'netfilter refuses',
    '<4>May 12 10:00:00 web01 kernel: [UFW BLOCK] IN=eth0 OUT= SRC=203.0.113.9 DST=10.30.1.5 LEN=60 PROTO=TCP SPT=5 DPT=445 SYN',
    ['SMB Refused'],
  ],
  [
    'FortiGate policy',
    `<189>${FORTIGATE} logid="0100044547" type="event" subtype="system" level="information" logdesc="Object attribute configured" user="admin" ui="GUI(10.30.0.8)" action="Add" cfgpath="firewall.policy" cfgobj="9"`,
    ['FortiGate Policy Added'],
  ],
  [
    'IOS command',
    '<189>%PARSER-5-CFGLOG_LOGGEDCMD: User:quantri logged command:no logging host 10.30.0.9',
    ['Cisco Logging Off'],
  ],
]

test('rules for any firewall fire on the lines of each maker', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'firewall-rules-'))
  try {
    cpSync(join(ROOT, 'rules/pipelines'), join(folder, 'pipelines'), { recursive: true })
    cpSync(join(ROOT, 'rules/logsources.yml'), join(folder, 'logsources.yml'))
    mkdirSync(join(folder, 'network'))
    writeFileSync(join(folder, 'network/firewall.yml'), RULES.join('---\n'))
    const cases = CASES.map(([name, line, titles]) => ({ name, lines: [line], expect: titles }))
    writeFileSync(join(folder, 'network/firewall.test.yml'), JSON.stringify({ cases }))
    const results = await runRuleTests(folder)
    expect(results).toHaveLength(CASES.length)
    expect(results.filter(({ passed }) => !passed)).toEqual([])
  } finally {
    rmSync(folder, { recursive: true })
  }
})
