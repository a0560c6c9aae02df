// Keys whose value the kernel writes in hex when it holds a blank, a quote or a control character
// (kernel/audit.c: audit_log_untrustedstring; audit-userspace: auparse/interpret.c).
const ENCODED = new Set([
  'acct',
  'apparmor',
  'cmd',
  'comm',
  'cwd',
  'data',
  'device',
  'dir',
  'exe',
  'file',
  'grp',
  'key',
  'name',
  'new-disk',
  'ocomm',
  'old-disk',
  'path',
  'proctitle',
  'root_dir',
  'sw',
  'vm',
  'watch',
])
/** rsyslog writes control characters as `#` and three octal digits; this one stands before auditd's own interpretation. */
const ESCAPED_DIVIDER = /#035(?=[A-Z][A-Z0-9_]*=)/
const PAIRS_MAX = 1_000
const HEX = /^(?:[0-9A-F]{2})+$/

/**
 * The `key=value` pairs of an audit record's body, in order, with those of a nested `msg='…'` and of enriched records
 * among them; hex is decoded where the key may be encoded, and the first of equal keys wins. Bounded and one pass.
 */
export function readPairs(type: string, body: string): Map<string, string> {
  const pairs = new Map<string, string>()
  readInto(pairs, type, body.replace(ESCAPED_DIVIDER, '\x1d'))
  return pairs
}

function readInto(pairs: Map<string, string>, type: string, body: string): void {
  let at = 0
  let before = ''
  while (at < body.length && pairs.size < PAIRS_MAX) {
    const char = body.charCodeAt(at)
    // 0x1d divides what the kernel said from auditd's own interpretation (log_format=ENRICHED).
    if (char === 0x20 || char === 0x2c || char === 0x1d) {
      at++
      continue
    }
    const equals = keyEnd(body, at)
    if (equals === at || body.charCodeAt(equals) !== 0x3d) {
      before = body.slice(at, equals)
      at = Math.max(equals, at + 1)
      continue
    }
    let key = body.slice(at, equals)
    // The login record of old kernels: `old auid=… new auid=…`.
    if (before === 'old' && type === 'LOGIN') key = `old-${key}`
    if (before !== 'new' || key !== 'ses') before = ''
    at = equals + 1
    const quote = body[at]
    let value: string
    if (quote === '"' || quote === "'" || quote === '{') {
      const close = quote === '{' ? '}' : quote
      // The nested message ends with the line's last quote: its own values may hold quotes.
      const stop = quote === "'" ? body.lastIndexOf(close) : body.indexOf(close, at + 1)
      const until = stop > at ? stop : body.length
      value = body.slice(at + 1, until)
      at = until + 1
      if (quote === "'" && key === 'msg') {
        readInto(pairs, type, value)
        continue
      }
    } else {
      const stop = wordEnd(body, at)
      value = decode(type, key, body.slice(at, stop))
      at = stop
    }
    if (!pairs.has(key) && key.length <= 64) pairs.set(key, value)
  }
}

/** Where the word that starts at `start` meets its `=`, or ends without one. */
function keyEnd(body: string, start: number): number {
  let end = start
  for (; end < body.length; end++) {
    const char = body.charCodeAt(end)
    if (char === 0x20 || char === 0x1d || char === 0x3d) break
  }
  return end
}

function wordEnd(body: string, start: number): number {
  let end = start
  for (; end < body.length; end++) {
    const char = body.charCodeAt(end)
    if (char === 0x20 || char === 0x1d) break
  }
  return end
}

function decode(type: string, key: string, value: string): string {
  // `a0=` of a system call is a register; only EXECVE's arguments are text.
  const encoded = ENCODED.has(key) || (type === 'EXECVE' && /^a\d{1,6}(?:\[\d{1,6}\])?$/.test(key))
  return encoded && HEX.test(value) ? decodeHex(value) : value
}

/** Text of hex digits; the NULs between arguments and the 0x01 between several keys become blanks and commas. */
function decodeHex(hex: string): string {
  return Buffer.from(hex, 'hex').toString('utf8').replace(/\0+$/, '').replaceAll('\0', ' ').replaceAll('\u0001', ',')
}

/** Record type → action, category, types; the actions are the words of Elastic's auditd integrations. */
const ACTIONS: { readonly [type: string]: readonly [string, string?, string?] } = {
  ACCT_LOCK: ['locked-account', 'iam', 'user,change'],
  ACCT_UNLOCK: ['unlocked-account', 'iam', 'user,change'],
  ADD_GROUP: ['added-group-account-to', 'iam', 'group,creation'],
  ADD_USER: ['added-user-account', 'iam', 'user,creation'],
  ANOM_ABEND: ['crashed-program', 'process', 'end'],
  ANOM_ACCESS_FS: ['tried-to-access-filesystem', 'file', 'access'],
  ANOM_EXEC: ['attempted-execution-of-forbidden-program', 'process', 'denied'],
  ANOM_LINK: ['used-suspicious-link', 'file', 'access'],
  ANOM_LOGIN_FAILURES: ['failed-log-in-too-many-times-to', 'authentication', 'info'],
  ANOM_LOGIN_LOCATION: ['attempted-log-in-from-unusual-place-to', 'authentication', 'info'],
  ANOM_LOGIN_SESSIONS: ['opened-too-many-sessions-to', 'authentication', 'info'],
  ANOM_LOGIN_TIME: ['attempted-log-in-during-unusual-hour-to', 'authentication', 'info'],
  ANOM_MK_EXEC: ['made-executable', 'file', 'change'],
  ANOM_PROMISCUOUS: ['changed-promiscuous-mode-on-device', 'network', 'info'],
  ANOM_RBAC_FAIL: ['failed-access-control-check', 'process', 'denied'],
  APPARMOR: ['violated-apparmor-policy'],
  APPARMOR_DENIED: ['violated-apparmor-policy', 'process', 'denied'],
  AVC: ['violated-selinux-policy'],
  CHGRP_ID: ['changed-group', 'iam', 'group,change'],
  CHUSER_ID: ['changed-user-id', 'iam', 'user,change'],
  CONFIG_CHANGE: ['changed-audit-configuration', 'process,configuration', 'change'],
  CRED_ACQ: ['acquired-credentials', 'authentication', 'info'],
  CRED_DISP: ['disposed-credentials', 'authentication', 'info'],
  CRED_REFR: ['refreshed-credentials', 'authentication', 'info'],
  CRYPTO_KEY_USER: ['negotiated-crypto-key', 'process', 'info'],
  CRYPTO_LOGIN: ['crypto-officer-logged-in', 'authentication', 'start'],
  CRYPTO_LOGOUT: ['crypto-officer-logged-out', 'authentication', 'end'],
  CRYPTO_SESSION: ['started-crypto-session', 'process', 'info'],
  DAC_CHECK: ['access-permission', 'process', 'info'],
  DAEMON_ABORT: ['aborted-auditd-startup', 'process', 'stop'],
  DAEMON_ACCEPT: ['remote-audit-connected', 'network', 'connection,start'],
  DAEMON_CLOSE: ['remote-audit-disconnected', 'network', 'connection,end'],
  DAEMON_CONFIG: ['changed-audit-configuration', 'configuration', 'change'],
  DAEMON_END: ['shutdown-audit', 'process', 'stop'],
  DAEMON_RECONFIG: ['changed-audit-configuration', 'configuration', 'change'],
  DAEMON_RESUME: ['resumed-audit-logging', 'process', 'change'],
  DAEMON_ROTATE: ['rotated-audit-logs', 'process', 'change'],
  DAEMON_START: ['started-audit', 'process', 'start'],
  DEL_GROUP: ['deleted-group-account-from', 'iam', 'group,deletion'],
  DEL_USER: ['deleted-user-account', 'iam', 'user,deletion'],
  DEV_ALLOC: ['allocated-device', 'host', 'change'],
  DEV_DEALLOC: ['deallocated-device', 'host', 'change'],
  EXECVE: ['execve', 'process', 'start'],
  FEATURE_CHANGE: ['changed-audit-feature', 'configuration', 'change'],
  FS_RELABEL: ['relabeled-filesystem', 'file', 'change'],
  GRP_CHAUTHTOK: ['changed-group-password', 'iam', 'group,change'],
  GRP_MGMT: ['modified-group-account', 'iam', 'group,change'],
  KERNEL: ['initialized-audit-subsystem', 'process', 'info'],
  KERN_MODULE: ['loaded-kernel-module', 'driver', 'start'],
  LABEL_LEVEL_CHANGE: ['modified-level-of', 'configuration', 'change'],
  LABEL_OVERRIDE: ['overrode-label-of', 'configuration', 'change'],
  LOGIN: ['changed-login-id-to', 'authentication', 'start'],
  MAC_CONFIG_CHANGE: ['changed-selinux-boolean', 'configuration', 'change'],
  MAC_POLICY_LOAD: ['loaded-selinux-policy', 'configuration', 'access'],
  MAC_STATUS: ['changed-selinux-enforcement', 'configuration', 'change'],
  NETFILTER_CFG: ['loaded-firewall-rule-to', 'configuration', 'change'],
  PROCTITLE: ['proctitle', 'process', 'info'],
  ROLE_ASSIGN: ['assigned-user-role-to', 'iam', 'user,change'],
  ROLE_MODIFY: ['modified-role', 'iam', 'change'],
  ROLE_REMOVE: ['removed-user-role-from', 'iam', 'user,change'],
  SECCOMP: ['violated-seccomp-policy', 'process', 'denied'],
  SELINUX_ERR: ['caused-mac-policy-error'],
  SERVICE_START: ['started-service', 'process', 'start'],
  SERVICE_STOP: ['stopped-service', 'process', 'stop'],
  SOFTWARE_UPDATE: ['package-updated', 'package', 'info'],
  SYSCALL: ['syscall', 'process', 'info'],
  SYSTEM_BOOT: ['booted-system', 'host', 'start'],
  SYSTEM_RUNLEVEL: ['changed-to-runlevel', 'host', 'change'],
  SYSTEM_SHUTDOWN: ['shutdown-system', 'host', 'end'],
  TEST: ['sent-test', 'process', 'info'],
  TTY: ['typed'],
  USER_ACCT: ['was-authorized', 'authentication', 'info'],
  USER_AUTH: ['authenticated', 'authentication', 'info'],
  USER_AVC: ['access-permission', 'process', 'denied'],
  USER_CHAUTHTOK: ['changed-password', 'iam', 'user,change'],
  USER_CMD: ['ran-command', 'process', 'start'],
  USER_END: ['ended-session', 'session', 'end'],
  USER_ERR: ['caused-mac-policy-error', 'authentication', 'info'],
  USER_LOGIN: ['logged-in', 'authentication', 'start'],
  USER_LOGOUT: ['logged-out', 'authentication', 'end'],
  USER_MAC_CONFIG_CHANGE: ['changed-mac-configuration', 'configuration', 'change'],
  USER_MAC_POLICY_LOAD: ['loaded-mac-policy', 'configuration', 'access'],
  USER_MGMT: ['modified-user-account', 'iam', 'user,change'],
  USER_ROLE_CHANGE: ['changed-role-to'],
  USER_SELINUX_ERR: ['caused-mac-policy-error'],
  USER_START: ['started-session', 'session', 'start'],
  USER_TTY: ['typed'],
  USYS_CONFIG: ['changed-configuration', 'configuration', 'change'],
  VIRT_CONTROL: ['issued-vm-control', 'host', 'info'],
  VIRT_CREATE: ['created-vm-image', 'host', 'creation'],
  VIRT_DESTROY: ['deleted-vm-image', 'host', 'deletion'],
  VIRT_MACHINE_ID: ['assigned-vm-id', 'host', 'creation'],
  VIRT_RESOURCE: ['assigned-vm-resource', 'host', 'info'],
}

/** What a record type means; an unknown one is its own action. */
export function actionOf(type: string): { action: string; category: string[] | undefined; types: string[] } {
  const row = Object.hasOwn(ACTIONS, type) ? ACTIONS[type]! : ([type.toLowerCase()] as const)
  return { action: row[0], category: row[1]?.split(','), types: row[2]?.split(',') ?? ['info'] }
}
