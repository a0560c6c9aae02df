import type { EcsEvent } from '../../model/event.ts'
import { addRelated, classify, integer, ipOf, put, putPeer } from '../fields.ts'
import { putLeaf, putRecordTime } from '../json-names.ts'
import { flatten } from '../json-record.ts'
import type { JsonObject } from '../json-record.ts'
import { part, filled, word } from '../json-parts.ts'
import type { JsonParser } from '../parser.ts'
import { Refusal } from '../refusal.ts'

// MySQL Enterprise Audit and its open counterparts as JSON (manual, «Audit Log File Formats»): class, event, account, login.
export default {
  layer: 'json',
  precedence: 46,

  parse(record, event, context) {
    if (typeof record['class'] !== 'string' || typeof record['event'] !== 'string') return false
    const ofServer = record['class'] === 'audit' && ('shutdown_data' in record || 'startup_data' in record)
    const account = part(record['account']) ?? (ofServer ? {} : undefined)
    if (account === undefined) return false
    if (!('connection_id' in record)) return false
    // The manual says these times are UTC; the text names no zone.
    const stamp = record['timestamp']
    const time = typeof stamp === 'string' && /\d$/.test(stamp) ? `${stamp}Z` : (stamp ?? null)
    const refusal = putRecordTime({ timestamp: time }, ['timestamp'], event, context)
    if (refusal instanceof Refusal) return refusal
    event['event.dataset'] = 'mysql_enterprise.audit'
    flatten(record, '', (name, value) => putLeaf(event, `mysqlenterprise.audit.${name}`, value))
    const login = part(record['login'])
    const user = filled(account['user']) ?? filled(login?.['user'])
    put(event, 'user.name', filled(login?.['user']) ?? user)
    put(event, 'server.user.name', filled(account['user']))
    put(event, 'client.domain', filled(account['host']))
    put(event, 'client.user.name', filled(login?.['os']))
    const ip = filled(login?.['ip']) ?? ''
    putPeer(event, 'source', ip)
    put(event, 'client.ip', ipOf(ip))
    const connection = part(record['connection_data'])
    const general = part(record['general_data'])
    const status = connection?.['status'] ?? general?.['status']
    classify(event, kindOf(record, filled(general?.['sql_command']) ?? ''))
    event['event.outcome'] = typeof status !== 'number' ? 'unknown' : status === 0 ? 'success' : 'failure'
    putServer(record, event)
    const pid = word(part(connection?.['connection_attributes'])?.['_pid'])
    put(event, 'process.pid', integer(pid))
    putTarget(filled(general?.['sql_command']) ?? '', filled(general?.['query']) ?? '', event)
    for (const name of [filled(account['user']), filled(login?.['os']), event['user.target.name']])
      if (typeof name === 'string') addRelated(event, 'related.user', name)
    addRelated(event, 'related.ip', ipOf(ip) ?? '')
    addRelated(event, 'related.hosts', filled(account['host']) ?? '')
    put(event, 'message', filled(general?.['query']) ?? filled(part(record['table_access_data'])?.['query']))
    return true
  },
} satisfies JsonParser

/** Statements about accounts → the types they add. */
const OF_ACCOUNTS: { readonly [command: string]: readonly string[] } = {
  create_user: ['user', 'creation'],
  drop_user: ['user', 'deletion'],
  delete_user: ['user', 'deletion'],
  grant: [],
  flush_privileges: [],
}

/** A log-in is one for our rules as well: Elastic says only that there is a connection. */
function kindOf(record: JsonObject, command: string): { category: string[]; type: string[]; action: string } {
  const about = Object.hasOwn(OF_ACCOUNTS, command) ? OF_ACCOUNTS[command]! : undefined
  const connects = record['class'] === 'connection'
  const started = record['event'] === 'connect'
  return {
    category: ['database', ...(started ? ['network', 'authentication'] : []), ...(about === undefined ? [] : ['iam'])],
    type: [
      ...(record['class'] === 'audit' ? ['info'] : ['access', 'connection']),
      ...(started ? ['start'] : connects && record['event'] === 'disconnect' ? ['end'] : []),
      ...(about ?? []),
    ],
    action: `mysql-${record['event'] as string}`,
  }
}

function putServer(record: JsonObject, event: EcsEvent): void {
  event['process.name'] = 'mysqld'
  const startup = part(record['startup_data'])
  if (startup === undefined) return
  put(event, 'host.os.full', filled(startup['os_version']))
  put(event, 'service.version', filled(startup['mysql_version']))
  put(event, 'service.id', word(startup['server_id']))
  const args = Array.isArray(startup['args']) ? startup['args'].filter((arg) => typeof arg === 'string') : []
  if (args.length === 0) return
  event['process.args'] = args
  event['process.args_count'] = args.length
  event['process.command_line'] = args.join(' ')
  event['process.executable'] = args[0]!
}

const TARGET =
  /^\s{0,64}(?:CREATE|DROP)\s{1,64}USER(?:\s{1,64}IF\s{1,64}(?:NOT\s{1,64})?EXISTS)?\s{1,64}(?:'([^']{1,128})'|"([^"]{1,128})"|`([^`]{1,128})`|([^\s@;'"`]{1,128}))(?:@(?:'([^']{1,255})'|"([^"]{1,255})"|`([^`]{1,255})`|([^\s;'"`]{1,255})))?/i

/** The first account that a `CREATE USER` or `DROP USER` names. */
function putTarget(command: string, query: string, event: EcsEvent): void {
  if (!/^(?:create|drop|delete)_user$/.test(command)) return
  const found = TARGET.exec(query)
  if (found === null) return
  put(event, 'user.target.name', found[1] ?? found[2] ?? found[3] ?? found[4])
  put(event, 'user.target.domain', found[5] ?? found[6] ?? found[7] ?? found[8])
}
