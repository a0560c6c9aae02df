import { expect, test } from 'vitest'
import { eventOf, loadLine } from './line.ts'

const line = await loadLine()

test.each<[string, string, object]>([
  [
    'enforcement of SELinux switched off',
    'type=MAC_STATUS msg=audit(1778556600.123:911): enforcing=0 old_enforcing=1 auid=1001 ses=3',
    {
      'event.action': 'changed-selinux-enforcement',
      'event.category': ['configuration'],
      'event.type': ['change'],
      'user.audit.id': '1001',
    },
  ],
  [
    'an account locked',
    'type=ACCT_LOCK msg=audit(1778556600.123:912): pid=9 uid=0 auid=1001 ses=3 msg=\'op=locked-password id=1002 exe="/usr/bin/passwd" hostname=? addr=? terminal=pts/0 res=success\'',
    {
      'event.action': 'locked-account',
      'event.category': ['iam'],
      'user.target.id': '1002',
      'event.outcome': 'success',
    },
  ],
  [
    'a system call, its registers left alone',
    'type=SYSCALL msg=audit(1778556600.123:901): arch=c000003e syscall=59 success=yes exit=0 a0=7ffd a1=41 ppid=900 pid=901 auid=1001 uid=33 gid=33 euid=0 tty=pts0 ses=3 comm="sh" exe="/usr/bin/dash" key="webshell"',
    {
      '@timestamp': '2026-05-12T03:30:00.123Z',
      'event.dataset': 'auditd.log',
      'auditd.log.record_type': 'SYSCALL',
      'auditd.log.sequence': 901,
      'auditd.log.a1': '41',
      'auditd.log.key': 'webshell',
      'process.pid': 901,
      'process.parent.pid': 900,
      'process.name': 'sh',
      'process.executable': '/usr/bin/dash',
      'user.id': '33',
      'user.audit.id': '1001',
      'user.effective.id': '0',
      'event.outcome': 'success',
      'host.architecture': 'x86_64',
    },
  ],
  [
    'arguments, one of them in hex',
    'node=Web-01 type=EXECVE msg=audit(1778556600.123:902): argc=3 a0="/bin/sh" a1="-c" a2=69643B20756E616D65',
    {
      'host.hostname': 'Web-01',
      'host.name': 'web-01',
      'process.args': ['/bin/sh', '-c', 'id; uname'],
      'process.command_line': '/bin/sh -c id; uname',
      'process.executable': '/bin/sh',
      'auditd.log.a2': 'id; uname',
      'event.category': ['process'],
    },
  ],
  [
    'an argument in pieces',
    'type=EXECVE msg=audit(1.2:3): argc=2 a0="cat" a1_len=6 a1[0]="abc" a1[1]="def"',
    { 'process.args': ['cat', 'abcdef'] },
  ],
  [
    'a title with NULs between the words',
    'type=PROCTITLE msg=audit(1.2:3): proctitle=636174002F6574632F736861646F77',
    { 'process.command_line': 'cat /etc/shadow' },
  ],
  [
    'a path in hex',
    'type=PATH msg=audit(1.2:3): item=0 name=2F746D702F6120622E706870 inode=1 ouid=33',
    { 'file.path': '/tmp/a b.php', 'user.owner.id': '33' },
  ],
  [
    'a log-in that failed, nested',
    `type=USER_LOGIN msg=audit(1778556600.123:903): pid=77 uid=0 auid=4294967295 ses=4294967295 msg='op=login acct="quan tri" exe="/usr/sbin/sshd" hostname=? addr=203.0.113.9 terminal=ssh res=failed'`,
    {
      'event.action': 'logged-in',
      'event.category': ['authentication'],
      'event.outcome': 'failure',
      'user.name': 'quan tri',
      'source.ip': '203.0.113.9',
      'auditd.log.op': 'login',
      'process.executable': '/usr/sbin/sshd',
    },
  ],
  [
    'an account in hex',
    `type=USER_AUTH msg=audit(1.2:3): pid=7 uid=0 auid=1 ses=1 msg='op=PAM:authentication acct=612062 res=success'`,
    { 'user.name': 'a b', 'event.action': 'authenticated', 'event.outcome': 'success' },
  ],
  [
    'an account that another one made',
    `type=ADD_USER msg=audit(1.2:3): pid=7 uid=0 auid=1001 ses=1 msg='op=add-user acct="kho" exe="/usr/sbin/useradd" res=success'\u001dUID="root" AUID="lan"`,
    {
      'event.category': ['iam'],
      'event.type': ['user', 'creation'],
      'user.target.name': 'kho',
      'user.name': 'lan',
      'user.id': '1001',
    },
  ],
  [
    'a command through sudo',
    `type=USER_CMD msg=audit(1.2:3): pid=7 uid=1001 auid=1001 ses=1 msg='cwd="/" cmd=636174202F6574632F736861646F77 terminal=pts/0 res=success'`,
    { 'event.action': 'ran-command', 'process.command_line': 'cat /etc/shadow', 'process.working_directory': '/' },
  ],
  [
    'enriched names',
    'type=SYSCALL msg=audit(1.2:3): pid=7 uid=33\u001dARCH=x86_64 SYSCALL=execve UID="www-data" EUID="root"',
    { 'user.name': 'www-data', 'user.effective.name': 'root', 'auditd.log.SYSCALL': 'execve' },
  ],
  [
    'enriched names that went through rsyslog',
    'type=SYSCALL msg=audit(1.2:3): pid=7 uid=33 key=(null)#035ARCH=x86_64 SYSCALL=execve UID="www-data" EUID="root"',
    { 'user.name': 'www-data', 'auditd.log.SYSCALL': 'execve', 'auditd.log.ARCH': 'x86_64' },
  ],
  [
    'a record inside syslog',
    '<13>May 12 10:00:00 web01 audispd: node=web01 type=SERVICE_STOP msg=audit(1778556600.123:9): pid=1 uid=0 res=success',
    {
      'event.dataset': 'auditd.log',
      'event.action': 'stopped-service',
      'host.hostname': 'web01',
      '@timestamp': '2026-05-12T03:30:00.123Z',
    },
  ],
  [
    'a word of JavaScript where a table is asked',
    'type=constructor msg=audit(1.2:3): arch=constructor',
    { 'host.architecture': 'constructor', 'event.action': 'constructor' },
  ],
  [
    'a type without a name',
    'type=UNKNOWN[1420] msg=audit(1.2:3): x=1',
    { 'event.action': 'unknown[1420]', 'auditd.log.x': '1' },
  ],
  ['a record cut off in a quote', 'type=PATH msg=audit(1.2:3): name="/tmp/x', { 'file.path': '/tmp/x' }],
])('%s', (_, text, fields) => {
  expect(eventOf(line(text))).toMatchObject(fields)
})

test('an audit record from a program that is no audit dispatcher is only text', () => {
  const event = eventOf(line('<13>May 12 10:00:00 web01 myapp: type=USER_LOGIN msg=audit(1.2:3): res=success'))
  expect(event).toMatchObject({ 'event.dataset': 'system.syslog' })
  expect(event).not.toHaveProperty('event.action')
})
