import { expect, test } from 'vitest'
import { eventOf, loadLine } from './line.ts'

const line = await loadLine()

// The first three are the examples of RFC 5424 §6.5, then RFC 3164 §5.4; the rest is what devices really send.
test.each<[string, string, object]>([
  [
    'RFC 5424 by the template of rsyslog, with the blank that stood after the TAG',
    '<38>1 2026-11-20T01:02:03.5+07:00 motcua-web01 sshd 77 - -  Accepted password for lan from 192.0.2.7 port 50000 ssh2',
    {
      message: 'Accepted password for lan from 192.0.2.7 port 50000 ssh2',
      'event.action': 'ssh_login',
      'event.outcome': 'success',
    },
  ],
  [
    'RFC 5424 without structured data, with a BOM',
    "<34>1 2003-10-11T22:14:15.003Z mymachine.example.com su - ID47 - \uFEFF'su root' failed for lonvick on /dev/pts/8",
    {
      '@timestamp': '2003-10-11T22:14:15.003Z',
      'host.hostname': 'mymachine.example.com',
      'process.name': 'su',
      'log.syslog.msgid': 'ID47',
      'log.syslog.facility.code': 4,
      'log.syslog.severity.code': 2,
      'log.level': 'critical',
      message: "'su root' failed for lonvick on /dev/pts/8",
      'event.dataset': 'system.auth',
    },
  ],
  [
    'RFC 5424 with microseconds and an offset',
    "<165>1 2003-08-24T05:14:15.000003-07:00 192.0.2.1 myproc 8710 - - %% It's time to make the do-nuts.",
    { '@timestamp': '2003-08-24T12:14:15.000Z', 'process.pid': 8710, message: "%% It's time to make the do-nuts." },
  ],
  [
    'RFC 5424 with two elements of structured data',
    '<165>1 2003-10-11T22:14:15.003Z mymachine.example.com evntslog - ID47 [exampleSDID@32473 iut="3" eventSource="Application"][examplePriority@32473 class="high"] An application event log entry...',
    {
      'log.syslog.structured_data': {
        'exampleSDID@32473': { iut: '3', eventSource: 'Application' },
        'examplePriority@32473': { class: 'high' },
      },
      message: 'An application event log entry...',
    },
  ],
  [
    'structured data with escapes, a repeated name and no message',
    String.raw`<14>1 - - - - - [a@1 x="q\"\]\\z" y="1" y="2"]`,
    {
      '@timestamp': '2026-05-12T03:30:00.000Z',
      'log.syslog.structured_data': { 'a@1': { x: 'q"]\\z', y: ['1', '2'] } },
    },
  ],
  [
    'RFC 3164',
    "<34>Oct 11 22:14:15 mymachine su: 'su root' failed for lonvick on /dev/pts/8",
    { '@timestamp': '2025-10-11T15:14:15.000Z', 'host.hostname': 'mymachine', 'process.name': 'su' },
  ],
  [
    'rsyslog: ISO time in an old header, path in the tag',
    '<30>2026-05-12T09:59:59.123456+07:00 Web-01 /usr/lib/snapd[811]: refresh done',
    {
      '@timestamp': '2026-05-12T02:59:59.123Z',
      'host.hostname': 'Web-01',
      'host.name': 'web-01',
      'process.name': 'snapd',
      'process.pid': 811,
      message: 'refresh done',
      'event.dataset': 'system.syslog',
    },
  ],
  [
    'no priority: user.notice is meant',
    'May 12 10:00:00 kho-luu nhatky: bắt đầu sao lưu',
    { 'log.syslog.priority': 13, 'process.name': 'nhatky', message: 'bắt đầu sao lưu' },
  ],
  [
    'Cisco IOS: sequence number, unsynchronised clock, milliseconds, no host',
    '<189>291: *May 12 09:58:01.250: %SYS-5-CONFIG_I: Configured from console by vty0 (203.0.113.4)',
    {
      '@timestamp': '2026-05-12T02:58:01.250Z',
      'event.sequence': 291,
      message: 'Configured from console by vty0 (203.0.113.4)',
      'event.dataset': 'cisco_ios.log',
      'source.ip': '203.0.113.4',
    },
  ],
  [
    'Cisco with a year and the host before the sequence',
    '<189>192.0.2.254 77: May 12 2026 02:58:01.250 UTC: %LINK-3-UPDOWN: Interface Gi0/1, changed state to down',
    {
      '@timestamp': '2026-05-12T02:58:01.250Z',
      'host.hostname': '192.0.2.254',
      message: 'Interface Gi0/1, changed state to down',
    },
  ],
  [
    'Cisco ASA: a colon after the host',
    '<166>May 12 2026 09:58:01 asa-dc : %ASA-6-302013: Built inbound TCP connection 1 for outside:203.0.113.4/1',
    { 'host.hostname': 'asa-dc', '@timestamp': '2026-05-12T02:58:01.000Z' },
  ],
  [
    'FortiGate: no time, no host',
    '<189>date=2026-05-12 time=09:58:01 devname="FGT-DC" logid="0000000013" type="traffic"',
    {
      message: 'date=2026-05-12 time=09:58:01 devname="FGT-DC" logid="0000000013" type="traffic"',
      'event.dataset': 'fortinet_fortigate.log',
    },
  ],
  [
    'a tag without a host',
    '<13>May 12 10:00:00 backup[12]: done',
    { 'process.name': 'backup', 'process.pid': 12, message: 'done' },
  ],
  ['a priority and nothing that is known', '<13>xin chào', { message: 'xin chào', 'log.syslog.priority': 13 }],
  ['XML is no priority', '<Event>1</Event>', { message: '<Event>1</Event>', 'event.dataset': 'generic.text' }],
  [
    'an application line that starts with a time is no syslog',
    '2026-05-12T10:00:00Z ERROR payment refused',
    { message: '2026-05-12T10:00:00Z ERROR payment refused', 'event.dataset': 'generic.text' },
  ],
  [
    'another program of the auth facility',
    '<86>May 12 10:00:00 h polkitd[5]: Operator of unix-session:1 authenticated',
    { 'event.dataset': 'system.auth', 'process.name': 'polkitd' },
  ],
])('%s', (_, text, fields) => {
  expect(eventOf(line(text))).toMatchObject(fields)
})

test('FortiGate content sets no host and no program', () => {
  const event = eventOf(line('<189>date=2026-05-12 time=09:58:01 devname="FGT-DC"'))
  expect(event).not.toHaveProperty('host.hostname')
  expect(event).not.toHaveProperty('process.name')
})
