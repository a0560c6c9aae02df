import { classify, put, putPeer } from '../fields.ts'
import { putLeaf, putRecordTime } from '../json-names.ts'
import { flatten } from '../json-record.ts'
import type { JsonObject, JsonValue } from '../json-record.ts'
import type { JsonParser } from '../parser.ts'
import { Refusal } from '../refusal.ts'

// MySQL Enterprise Audit and its open counterparts as JSON (manual, «Audit Log File Formats»): class, event, account, login.
export default {
  layer: 'json',
  precedence: 46,

  parse(record, event, context) {
    const account = part(record['account'])
    if (typeof record['class'] !== 'string' || typeof record['event'] !== 'string' || account === undefined)
      return false
    if (!('connection_id' in record)) return false
    // The manual says these times are UTC; the text names no zone.
    const stamp = record['timestamp']
    const time = typeof stamp === 'string' && /\d$/.test(stamp) ? `${stamp}Z` : (stamp ?? null)
    const refusal = putRecordTime({ timestamp: time }, ['timestamp'], event, context)
    if (refusal instanceof Refusal) return refusal
    event['event.dataset'] = 'mysql_enterprise.audit'
    flatten(record, '', (name, value) => putLeaf(event, `mysqlenterprise.audit.${name}`, value))
    const login = part(record['login'])
    put(event, 'user.name', text(login?.['user']) ?? text(account['user']))
    const ip = text(login?.['ip']) ?? ''
    putPeer(event, 'source', ip)
    const connection = part(record['connection_data'])
    const general = part(record['general_data'])
    const status = connection?.['status'] ?? general?.['status']
    const outcome = typeof status !== 'number' ? undefined : status === 0 ? 'success' : 'failure'
    const connects = record['class'] === 'connection' && record['event'] === 'connect'
    classify(event, {
      category: connects ? ['database', 'authentication'] : ['database'],
      type: connects ? ['start'] : ['access'],
      action: connects ? 'login' : `mysql-${record['event']}`,
      outcome,
    })
    put(event, 'message', text(general?.['query']) ?? text(part(record['table_access_data'])?.['query']))
    return true
  },
} satisfies JsonParser

function part(value: JsonValue | undefined): JsonObject | undefined {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? value : undefined
}
const text = (value: JsonValue | undefined): string | undefined =>
  typeof value === 'string' && value !== '' ? value : undefined
