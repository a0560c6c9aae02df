import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { runs } from '../../runs.ts'
import { eventOf, loadLine } from './line.ts'

const line = await loadLine()

/** An entry as journalctl 252 writes it, with what every entry has. */
const entry = (fields: object): string =>
  JSON.stringify({
    _BOOT_ID: '4fd2c8a6e3f74dd9a3c9f9c1e6b0a111',
    __CURSOR: 's=e694e2f6;i=1;b=4fd2c8a6;m=f4240;t=64438a8bbc800;x=4a7f0a5b',
    __REALTIME_TIMESTAMP: '1778554798307123',
    __MONOTONIC_TIMESTAMP: '1000000',
    _HOSTNAME: 'MOTCUA-01',
    ...fields,
  })

const SSHD = {
  _MACHINE_ID: '0123456789abcdef0123456789abcdef',
  _SOURCE_REALTIME_TIMESTAMP: '1778554798301000',
  _TRANSPORT: 'syslog',
  PRIORITY: '6',
  SYSLOG_FACILITY: '10',
  SYSLOG_IDENTIFIER: 'sshd',
  SYSLOG_PID: '4242',
  _PID: '4242',
  _UID: '0',
  _GID: '0',
  _COMM: 'sshd',
  _EXE: '/usr/sbin/sshd',
  _CMDLINE: 'sshd: lan [priv]',
  _SYSTEMD_UNIT: 'ssh.service',
  _SYSTEMD_CGROUP: '/system.slice/ssh.service',
  MESSAGE: 'Failed password for lan from 203.0.113.9 port 50022 ssh2',
}
const bytes = (text: string): number[] => [...Buffer.from(text)]

test.each<[name: string, fields: object, expected: object, absent: string[]]>([
  [
    'sshd, read by its own parser',
    SSHD,
    {
      '@timestamp': '2026-05-12T02:59:58.301Z',
      'event.dataset': 'system.auth',
      'event.outcome': 'failure',
      'user.name': 'lan',
      'source.ip': '203.0.113.9',
      'host.hostname': 'MOTCUA-01',
      'host.name': 'motcua-01',
      'host.id': '0123456789abcdef0123456789abcdef',
      'host.boot.id': '4fd2c8a6e3f74dd9a3c9f9c1e6b0a111',
      'log.syslog.priority': 86,
      'log.level': 'informational',
      'process.name': 'sshd',
      'process.pid': 4242,
      'process.executable': '/usr/sbin/sshd',
      'process.command_line': 'sshd: lan [priv]',
      'process.user.id': '0',
      'process.group.id': '0',
      'journald.comm': 'sshd',
      'systemd.unit': 'ssh.service',
      'systemd.cgroup': '/system.slice/ssh.service',
      'systemd.transport': 'syslog',
    },
    ['user.id', 'journald.cursor', 'journald.message', 'journald.pid'],
  ],
  [
    'sudo, its message as bytes',
    {
      SYSLOG_IDENTIFIER: 'sudo',
      PRIORITY: '5',
      MESSAGE: bytes('     lan : TTY=pts/0 ; PWD=/home/lan ; USER=root ; COMMAND=/usr/bin/cat /etc/shadow'),
    },
    { 'event.dataset': 'system.auth', 'user.name': 'lan', 'user.effective.name': 'root', 'process.name': 'sudo' },
    ['log.syslog.priority', 'log.syslog.facility.code'],
  ],
  [
    'a service that writes to its standard output, which is JSON',
    { _COMM: 'motcua', _SYSTEMD_UNIT: 'motcua.service', PRIORITY: '6', MESSAGE: '{"level":"error","user":"lan"}' },
    { 'event.dataset': 'generic.json', 'user.name': 'lan', 'process.name': 'motcua', 'systemd.unit': 'motcua.service' },
    [],
  ],
  [
    'a record of the kernel, taken apart by the journal and put together again',
    {
      _TRANSPORT: 'audit',
      SYSLOG_IDENTIFIER: 'audit',
      _AUDIT_TYPE: '1100',
      _AUDIT_TYPE_NAME: 'USER_AUTH',
      _AUDIT_ID: '77',
      _SOURCE_REALTIME_TIMESTAMP: '1778554798001000',
      MESSAGE:
        'USER_AUTH pid=4242 uid=0 auid=1000 ses=3 msg=\'op=PAM:authentication acct="lan" exe="/usr/sbin/sshd" hostname=203.0.113.9 addr=203.0.113.9 terminal=ssh res=failed\'',
    },
    {
      '@timestamp': '2026-05-12T02:59:58.001Z',
      'event.dataset': 'auditd.log',
      'auditd.log.record_type': 'USER_AUTH',
      'auditd.log.sequence': 77,
      'event.outcome': 'failure',
      'user.name': 'lan',
      'source.ip': '203.0.113.9',
    },
    ['journald.audit_type'],
  ],
  [
    'fields given twice, of programs, and of no use as a name',
    {
      MESSAGE: ['một', bytes('hai')],
      OBJECT_PID: ['1', '2'],
      MESSAGE_ID: 'abc',
      'soc.agency': 'x',
      CODE_LINE: '42',
      EMPTY: '',
    },
    {
      message: 'một\nhai',
      'journald.object_pid': ['1', '2'],
      'journald.message_id': 'abc',
      'log.origin.file.line': 42,
    },
    ['journald.soc.agency', 'journald.empty', 'log.level'],
  ],
  [
    'no message, a value that was too long, a priority that is none',
    { MESSAGE: null, PRIORITY: '9', SYSLOG_FACILITY: '99', SYSLOG_IDENTIFIER: 'systemd-coredump' },
    { 'event.dataset': 'system.syslog', 'process.name': 'systemd-coredump' },
    ['message', 'log.level', 'log.syslog.priority'],
  ],
])('%s', (_name, fields, expected, absent) => {
  const event = eventOf(line(entry(fields)))
  expect(event).toMatchObject(expected)
  for (const field of absent) expect(event).not.toHaveProperty([field])
})

test('fields in another order say the same', () => {
  const fields = Object.entries(JSON.parse(entry(SSHD)) as object)
  const event = eventOf(line(JSON.stringify(Object.fromEntries(fields.toReversed()))))
  expect({ ...event, 'event.original': '' }).toEqual({ ...eventOf(line(entry(SSHD))), 'event.original': '' })
})

test.each([
  ['a time that is none', entry({ __REALTIME_TIMESTAMP: 'x' }), 'bad_time'],
  ['a time beyond the calendar', entry({ __REALTIME_TIMESTAMP: '999999999999999999' }), 'bad_time'],
  ['JSON that breaks off', entry(SSHD).slice(0, -2), 'bad_json'],
])('refuses %s', (_name, text, code) => {
  expect(line(text)).toMatchObject({ kind: 'dead', letter: { code } })
})

test('other JSON is not its own', () => {
  expect(eventOf(line('{"message":"\\"__REALTIME_TIMESTAMP\\":1"}'))['event.dataset']).toBe('generic.json')
  expect(eventOf(line('{"MESSAGE":"x","PRIORITY":"6"}'))['event.dataset']).toBe('generic.json')
})

test('any fields: an event or a reason', () => {
  const value = fc.oneof(
    fc.string(),
    fc.constant(null),
    fc.array(fc.integer({ min: -1, max: 300 })),
    fc.array(fc.string()),
    fc.object(),
  )
  const name = fc.oneof(
    fc.constantFrom(
      'MESSAGE',
      'PRIORITY',
      '_PID',
      '_TRANSPORT',
      '_AUDIT_ID',
      '_AUDIT_TYPE_NAME',
      '__REALTIME_TIMESTAMP',
      '_HOSTNAME',
      'CODE_LINE',
    ),
    fc.string(),
  )
  fc.assert(
    fc.property(fc.dictionary(name, value), (fields) => {
      const result = line(entry(fields))
      if (result.kind === 'dead') expect(result.letter.code).not.toBe('parser_failed')
      else expect(result.event['soc.agency']).toBe('unregistered')
    }),
    { numRuns: runs(500) },
  )
})
