import type { EcsEvent } from '../../model/event.ts'
import { actionOf, readPairs } from '../audit-record.ts'
import { baseName, classify, integer, put, putPeer } from '../fields.ts'
import type { TextParser } from '../parser.ts'
import { Refusal } from '../refusal.ts'
import { isoTime } from '../time.ts'

// audit-userspace, one record a line: `[node=N ]type=T msg=audit(SECONDS.MILLIS:SERIAL): k=v …`. Records of one event share
// the serial; each becomes an event of its own here, as auditd writes it.
const HEAD =
  /^(?:node=(\S{1,255}) )?(?:audit: )?type=([A-Za-z0-9_]{1,64}|UNKNOWN\[\d{1,6}\])(?: msg=| )audit\((\d{1,12})\.(\d{1,3}):(\d{1,20})\):? ?(.*)$/s
const CLAIM = /^(?:node=\S{1,255} )?(?:audit: )?type=(\S{1,64}) msg=/

/** Elastic's and go-libaudit's names of the user ids. */
const IDS: readonly (readonly [string, string])[] = [
  ['uid', 'user.id'],
  ['auid', 'user.audit.id'],
  ['euid', 'user.effective.id'],
  ['fsuid', 'user.filesystem.id'],
  ['suid', 'user.saved.id'],
  ['gid', 'user.group.id'],
  ['egid', 'user.effective.group.id'],
  ['fsgid', 'user.filesystem.group.id'],
  ['sgid', 'user.saved.group.id'],
  ['ouid', 'user.owner.id'],
  ['ogid', 'user.owner.group.id'],
]

const ARCHITECTURES: { readonly [arch: string]: string } = {
  c000003e: 'x86_64',
  '40000003': 'i386',
  c00000b7: 'aarch64',
  '40000028': 'arm',
}

export default {
  layer: 'text',
  precedence: 15,
  programs: ['', 'audispd', 'audisp-syslog', 'audisp-remote', 'audit', 'auditd', 'kernel'],

  parse({ text }, event) {
    if (!text.startsWith('type=') && !text.startsWith('node=') && !text.startsWith('audit: type=')) return false
    const head = HEAD.exec(text)
    if (head === null) {
      return CLAIM.test(text)
        ? new Refusal('bad_header', 'audit record without msg=audit(TIME:SERIAL), at its start')
        : false
    }
    const type = head[2]!
    const ms = Number(head[3]) * 1_000 + Number(head[4]!.padEnd(3, '0'))
    if (ms > 253_402_300_799_999) return new Refusal('bad_time', `no such time: audit(${head[3]!})`)
    event['event.dataset'] = 'auditd.log'
    event['@timestamp'] = isoTime(ms)
    event['auditd.log.record_type'] = type
    put(event, 'auditd.log.sequence', integer(head[5]) ?? head[5])
    if (head[1] !== undefined) {
      event['auditd.log.node'] = head[1]
      event['host.hostname'] ??= head[1]
      event['host.name'] ??= head[1].toLowerCase()
    }
    event['message'] = text
    const pairs = readPairs(type, head[6]!)
    for (const [key, value] of pairs) put(event, `auditd.log.${key}`, value)
    toEcs(type, pairs, event)
    return true
  },
} satisfies TextParser

function toEcs(type: string, pairs: ReadonlyMap<string, string>, event: EcsEvent): void {
  const get = (key: string): string | undefined => {
    const value = pairs.get(key)
    return value === '?' || value === '(null)' || value === '(none)' ? undefined : value
  }
  putNumber(event, 'process.pid', get('pid'))
  putNumber(event, 'process.parent.pid', get('ppid'))
  const executable = get('exe')
  put(event, 'process.executable', executable)
  put(event, 'process.name', get('comm') ?? (executable === undefined ? undefined : baseName(executable)))
  put(event, 'process.working_directory', get('cwd'))
  for (const [key, field] of IDS) put(event, field, get(key))
  putAccount(type, get, event)
  if (event['user.effective.name'] === undefined) put(event, 'user.effective.name', get('EUID'))
  put(event, 'user.audit.name', get('AUID') === 'unset' ? undefined : get('AUID'))
  put(event, 'user.terminal', get('terminal'))
  putPeer(event, 'source', get('addr') ?? '')
  const arch = get('arch')
  if (arch !== undefined)
    put(event, 'host.architecture', Object.hasOwn(ARCHITECTURES, arch) ? ARCHITECTURES[arch] : arch)
  if (type === 'EXECVE' || type === 'PROCTITLE' || type === 'USER_CMD') commandLine(type, pairs, event)
  if (type === 'PATH') put(event, 'file.path', get('name'))
  const exit = get('exit')
  if (exit !== undefined && /^-?\d{1,10}$/.test(exit)) event['process.exit_code'] = Number(exit)

  const { action, category, types } = actionOf(type)
  const result = get('res') ?? get('success') ?? get('result')
  const outcome = result === undefined ? undefined : /^(?:success|yes|1)$/.test(result) ? 'success' : 'failure'
  if (category === undefined) {
    put(event, 'event.action', action)
    put(event, 'event.outcome', outcome)
  } else classify(event, { category, type: types, action, outcome })
}

const LOGIN = /^(?:CRED_\w{3,4}|USER_(?:AUTH|ACCT|START|END|LOGIN|LOGOUT|ERR))$/
const MANAGEMENT = /^(?:(?:ADD|DEL)_(?:USER|GROUP)|(?:USER|GRP)_(?:MGMT|CHAUTHTOK)|ACCT_(?:LOCK|UNLOCK))$/

/**
 * Whom a record is about. In a log-in record the process is the daemon's, so the user is the one who logged in; in an account
 * record the account is the target of whoever is logged in. Elastic's auditd integration reads them so.
 */
function putAccount(type: string, get: (key: string) => string | undefined, event: EcsEvent): void {
  const account = get('acct')
  const actor = get('AUID') === 'unset' ? undefined : get('AUID')
  if (LOGIN.test(type)) {
    put(event, 'user.id', get('auid'))
    put(event, 'user.name', account ?? actor)
    put(event, 'user.effective.name', account)
    put(event, 'user.effective.id', get('id'))
  } else if (MANAGEMENT.test(type)) {
    const group = type.endsWith('_GROUP') || type.startsWith('GRP_')
    put(event, 'user.id', get('auid'))
    put(event, 'user.effective.id', get('uid'))
    put(event, 'user.name', actor ?? get('UID'))
    put(event, group ? 'group.id' : 'user.target.id', get('id'))
    put(event, group ? 'group.name' : 'user.target.name', get('grp') ?? account)
  } else put(event, 'user.name', account ?? get('user') ?? get('UID'))
}

const ARGS_MAX = 1_000

function commandLine(type: string, pairs: ReadonlyMap<string, string>, event: EcsEvent): void {
  if (type === 'PROCTITLE') return put(event, 'process.command_line', pairs.get('proctitle'))
  if (type === 'USER_CMD') return put(event, 'process.command_line', pairs.get('cmd'))
  const args: string[] = []
  let last = ''
  for (const [key, value] of pairs) {
    // `a1[0]`, `a1[1]` … are the pieces of one long argument (kernel: MAX_EXECVE_AUDIT_LEN).
    const name = /^(a\d{1,6})(?:\[\d{1,6}\])?$/.exec(key)
    if (name === null || args.length >= ARGS_MAX) continue
    if (name[1] === last) args[args.length - 1] += value
    else args.push(value)
    last = name[1]!
  }
  if (args.length === 0) return
  event['process.args'] = args
  event['process.args_count'] = integer(pairs.get('argc')) ?? args.length
  event['process.command_line'] = args.join(' ')
  // The record has no exe=; its first argument is what was asked for.
  if (args[0]!.startsWith('/')) event['process.executable'] ??= args[0]!
  event['process.name'] ??= baseName(args[0]!)
}

function putNumber(event: EcsEvent, field: string, text: string | undefined): void {
  put(event, field, integer(text))
}
