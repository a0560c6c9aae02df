import type { EcsEvent } from '../model/event.ts'
import { addRelated, classify, ipOf, put, putPeer } from './fields.ts'

// What the records of Oracle's audit trails have in common, whichever way they are written (Database Security Guide, «Audit Record Fields»).

/** One audit record under the names of the operating system trail, upper case: `DATABASE USER`, `RETURNCODE`, `ACTION NUMBER` … */
export type OracleRecord = ReadonlyMap<string, string>

/** Actions that open or close a session (V$AUDIT actions, AUDIT_ACTIONS): LOGON, LOGOFF, LOGOFF BY CLEANUP. */
const LOGON = '100'
const LOGOFFS = new Set(['101', '102'])
const ACCOUNT_ACTIONS: { readonly [number: string]: string } = {
  43: 'user,change',
  51: 'user,creation',
  53: 'user,deletion',
}

/** Sets all fields of a record but its time. */
export function putOracle(record: OracleRecord, event: EcsEvent): void {
  const of = (...names: string[]): string | undefined =>
    names.map((name) => record.get(name)).find((value) => value !== undefined && value !== '')
  event['event.dataset'] = 'oracle.database_audit'
  for (const [name, value] of record) put(event, `oracle.database_audit.${fieldName(name)}`, value)
  const code = of('STATUS', 'RETURNCODE', 'RETCODE')
  const number = of('ACTION NUMBER', 'ACTION') ?? ''
  const logon = number === LOGON || /^'?CONNECT\b/i.test(of('ACTION') ?? '')
  const account = Object.hasOwn(ACCOUNT_ACTIONS, number) ? ACCOUNT_ACTIONS[number] : undefined
  const category = [
    'database',
    ...(logon || LOGOFFS.has(number) ? ['authentication'] : account === undefined ? [] : ['iam']),
  ]
  classify(event, {
    category,
    type: logon ? ['start'] : LOGOFFS.has(number) ? ['end'] : account === undefined ? ['access'] : account.split(','),
    action: 'database_audit',
    // Whatever is written was audited; only a return code other than 0 says that it did not succeed.
    outcome: code === undefined || code === '0' ? 'success' : 'failure',
  })
  put(event, 'event.code', code === undefined || code === '0' ? undefined : `ORA-${code.padStart(5, '0')}`)
  put(
    event,
    'message',
    of('SQLTEXT', 'SQL_TEXT', 'STATEMENT TEXT') ?? (/^\d{1,4}$/.test(of('ACTION') ?? '') ? undefined : of('ACTION')),
  )
  const user = of('DATABASE USER', 'DBUSER', 'DB_USER', 'CURUSER', 'USERID')
  put(event, 'user.name', user)
  put(event, 'server.user.name', user)
  put(event, 'user.roles', of('PRIVILEGE'))
  const person = of('CLIENT USER', 'OS$USERID', 'OS_USER')
  put(event, 'client.user.name', person)
  put(event, 'file.name', of('OBJ$NAME', 'OBJNAME', 'OBJECT_NAME'))
  const host = of('USERHOST')
  put(event, 'server.address', host)
  const client = clientOf(of('CLIENT ADDRESS'), of('COMMENT$TEXT', 'COMMENT_TEXT', 'CLIENT ADDRESS'))
  if (client !== undefined) {
    put(event, 'client.address', client.host)
    put(event, ipOf(client.host) === undefined ? 'client.domain' : 'client.ip', ipOf(client.host) ?? client.host)
    putPeer(event, 'source', client.host, client.port)
  }
  if (user !== undefined) addRelated(event, 'related.user', user)
  if (person !== undefined) addRelated(event, 'related.user', person)
  for (const address of [client?.host, host]) {
    if (address !== undefined) addRelated(event, ipOf(address) === undefined ? 'related.hosts' : 'related.ip', address)
  }
}

/** `(ADDRESS=(PROTOCOL=tcp)(HOST=10.0.0.9)(PORT=52224))`, wherever it stands, or an address alone. */
function clientOf(plain: string | undefined, comment: string | undefined): { host: string; port?: string } | undefined {
  const listed = /\(HOST=([^()\s]{1,255})\)(?:\(PORT=(\d{1,5})\))?/.exec((comment ?? '').slice(0, 4_096))
  if (listed !== null) return { host: listed[1]!, ...(listed[2] !== undefined && { port: listed[2] }) }
  return plain === undefined || /[()\s]/.test(plain) ? undefined : { host: plain }
}

function fieldName(name: string): string {
  const lower = name.toLowerCase().replace(/[^a-z0-9]+/g, '_')
  return RENAMED[lower] ?? lower
}

/** Elastic's names where they differ from the record's. */
const RENAMED: { readonly [name: string]: string } = {
  sessionid: 'session_id',
  client_terminal: 'client.terminal',
  dbid: 'database.id',
  entryid: 'entry.id',
}
