import type { EcsEvent } from '../../model/event.ts'
import { classify, ipOf, put, putPeer } from '../fields.ts'
import type { JsonParser } from '../parser.ts'
import { Refusal } from '../refusal.ts'
import { isoTime, parseIso } from '../time.ts'
import { putUser } from '../windows-process.ts'
import { channelOf, eventIdOf, readWindows } from '../windows-record.ts'

// SQL Server Audit in a Windows event log (33205, Security or Application): lines of `name:value`; statement and additional information
// are what the client sent and may have lines of their own, so a name counts only where the server writes it: in this order.
const NAMES = (
  'audit_schema_version event_time sequence_number action_id succeeded is_column_permission session_id server_principal_id ' +
  'database_principal_id target_server_principal_id target_database_principal_id object_id user_defined_event_id transaction_id ' +
  'class_type duration_milliseconds response_rows affected_rows client_ip permission_bitmask sequence_group_id ' +
  'session_server_principal_name server_principal_name server_principal_sid database_principal_name target_server_principal_name ' +
  'target_server_principal_sid target_database_principal_name server_instance_name database_name schema_name object_name statement ' +
  'additional_information user_defined_information application_name connection_id data_sensitivity_information host_name'
).split(' ')
const UTC = { offsetMs: () => 0 }

/** action_id (sys.dm_audit_actions) → action, category beside `database`, types. */
const ACTIONS: { readonly [id: string]: readonly [action: string, category: string, type: string] } = {
  AL: ['alter', 'configuration', 'change'],
  APRL: ['add-member', 'iam', 'group,change'],
  AUSC: ['audit-session-changed', 'configuration', 'change'],
  AUSF: ['audit-shutdown-on-failure', 'configuration', 'change'],
  BA: ['backup', '', 'access'],
  CNAU: ['audit-changed', 'configuration', 'change'],
  CR: ['create', 'configuration', 'creation'],
  D: ['deny', 'iam', 'change'],
  DL: ['delete', '', 'deletion'],
  DPRL: ['drop-member', 'iam', 'group,change'],
  DR: ['drop', 'configuration', 'deletion'],
  EX: ['execute', '', 'access'],
  G: ['grant', 'iam', 'change'],
  IN: ['insert', '', 'creation'],
  LGDA: ['login-disabled', 'iam', 'user,change'],
  LGEA: ['login-enabled', 'iam', 'user,change'],
  LGIF: ['login-failed', 'authentication', 'start'],
  LGIS: ['login-succeeded', 'session', 'info,start'],
  LGO: ['logout', 'session', 'end'],
  PWC: ['change-password', 'iam', 'user,change'],
  PWR: ['reset-password', 'iam', 'user,change'],
  R: ['revoke', 'iam', 'change'],
  RS: ['restore', '', 'change'],
  SL: ['select', '', 'access'],
  SVCN: ['server-continued', 'process', 'start'],
  SVPD: ['server-paused', 'process', 'change'],
  SVSD: ['server-shutdown', 'process', 'end'],
  SVSR: ['server-started', 'process', 'start'],
  UP: ['update', '', 'change'],
}

export default {
  layer: 'json',
  precedence: 9,

  parse(record, event, context) {
    if (eventIdOf(record) !== '33205' || channelOf(record) === undefined) return false
    const windows = readWindows(record, event, context)
    if (windows instanceof Refusal) return windows
    const text = windows.data['param1'] ?? windows.data['Message'] ?? ''
    const start = text.indexOf('audit_schema_version:')
    // 33205 is the audit's, also where a shipper has left its text out.
    putAudit(start < 0 ? new Map() : readFields(text.slice(start)), event)
    return true
  },
} satisfies JsonParser

function readFields(text: string): Map<string, string> {
  const fields = new Map<string, string>()
  let at = 0
  let open: [name: string, start: number] | undefined
  for (const name of NAMES) {
    const mark = open === undefined ? `${name}:` : `\n${name}:`
    // What follows the statement is looked for from the end: its lines are the client's.
    const found = LATE.has(name) ? text.lastIndexOf(mark) : text.indexOf(mark, at)
    if (found < at) continue
    if (open !== undefined) fields.set(open[0], text.slice(open[1], found).trim())
    at = found + mark.length
    open = [name, at]
  }
  if (open !== undefined)
    fields.set(
      open[0],
      text
        .slice(open[1])
        .replace(/\n\.\s*$/, '')
        .trim(),
    )
  return fields
}

const LATE = new Set(NAMES.slice(NAMES.indexOf('statement') + 1))

function putAudit(fields: ReadonlyMap<string, string>, event: EcsEvent): void {
  event['event.dataset'] = 'microsoft_sqlserver.audit'
  const ms = parseIso((fields.get('event_time') ?? '').slice(0, 29), UTC)
  if (ms !== undefined) event['@timestamp'] = isoTime(ms)
  for (const [name, value] of fields) put(event, `sqlserver.audit.${name}`, value)
  const id = fields.get('action_id') ?? ''
  const row = Object.hasOwn(ACTIONS, id) ? ACTIONS[id]! : (['', '', 'info'] as const)
  const succeeded = fields.get('succeeded')
  classify(event, {
    category: row[1] === '' ? ['database'] : ['database', row[1]],
    type: row[2].split(','),
    action: row[0] === '' ? id.toLowerCase() : row[0],
    outcome: succeeded === 'true' ? 'success' : succeeded === 'false' ? 'failure' : undefined,
  })
  putUser(event, fields.get('server_principal_name') || undefined)
  put(event, 'user.id', fields.get('server_principal_sid'))
  put(
    event,
    'user.target.name',
    fields.get('target_server_principal_name') || fields.get('target_database_principal_name'),
  )
  const client = fields.get('client_ip') ?? ''
  if (ipOf(client) !== undefined) putPeer(event, 'source', client)
  put(event, 'message', fields.get('statement'))
  if (typeof event['winlog.process.pid'] === 'number') event['process.pid'] = event['winlog.process.pid']
  if (typeof event['winlog.process.thread.id'] === 'number')
    event['process.thread.id'] = event['winlog.process.thread.id']
}
