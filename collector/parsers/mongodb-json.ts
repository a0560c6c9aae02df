import type { EcsEvent } from '../../model/event.ts'
import { classify, integer, put, putPeer } from '../fields.ts'
import { putLeaf } from '../json-names.ts'
import { flatten } from '../json-record.ts'
import type { JsonObject, JsonValue } from '../json-record.ts'
import { part, filled } from '../json-parts.ts'
import type { Context, JsonParser } from '../parser.ts'
import { Refusal } from '../refusal.ts'
import { isoTime, parseIso } from '../time.ts'

// mongod and mongos since 4.4 (manual, «Structured Logging»: t, s, c, id, ctx, msg, attr) and the audit log («System Event Audit
// Messages»: atype, ts, local, remote, users, roles, param, result), both one object a line.
export default {
  layer: 'json',
  precedence: 54,

  parse(record, event, context) {
    const log = typeof record['c'] === 'string' && typeof record['msg'] === 'string' && part(record['t']) !== undefined
    const audit = typeof record['atype'] === 'string' && part(record['ts']) !== undefined && 'result' in record
    if (!log && !audit) return false
    const refusal = putDate(log ? record['t'] : record['ts'], event, context)
    if (refusal !== undefined) return refusal
    event['event.dataset'] = log ? 'mongodb.log' : 'mongodb.audit'
    if (log) putLog(record, event)
    else putAudit(record, event)
    return true
  },
} satisfies JsonParser

function putDate(value: JsonValue | undefined, event: EcsEvent, { zone }: Context): Refusal | undefined {
  const date = part(value)?.['$date']
  const ms = typeof date === 'string' ? parseIso(date, zone) : undefined
  if (ms === undefined) return new Refusal('bad_time', `no such time: ${JSON.stringify(value).slice(0, 60)}`)
  event['@timestamp'] = isoTime(ms)
  return undefined
}

function putLog(record: JsonObject, event: EcsEvent): void {
  const severity = filled(record['s']) ?? 'I'
  classify(event, { category: ['database'], type: [severity === 'E' || severity === 'F' ? 'error' : 'info'] })
  event['log.level'] = severity
  put(event, 'mongodb.log.component', filled(record['c']))
  put(event, 'mongodb.log.context', filled(record['ctx']))
  if (typeof record['id'] === 'number') event['mongodb.log.id'] = record['id']
  put(event, 'message', filled(record['msg']))
  const attr = part(record['attr'])
  if (attr === undefined) return
  flatten(attr, '', (name, value) => putLeaf(event, `mongodb.log.attr.${name}`, value))
  putAddress(filled(attr['remote']) ?? filled(attr['client']), event)
  if (record['c'] !== 'ACCESS') return
  const outcome = /^(?:Successfully authenticated|Authentication succeeded)/.test(record['msg'] as string)
    ? 'success'
    : (record['msg'] as string).startsWith('Authentication failed')
      ? 'failure'
      : undefined
  if (outcome === undefined) return
  put(event, 'user.name', filled(attr['principalName']) ?? filled(attr['user']) ?? filled(part(attr['user'])?.['user']))
  classify(event, { category: ['database', 'authentication'], type: ['start'], action: 'login', outcome })
}

/** Audited action → category and type where it is more than access to data. */
const AUDITED: { readonly [action: string]: readonly [string, string] } = {
  authenticate: ['authentication', 'start'],
  logout: ['authentication', 'end'],
  createUser: ['iam', 'user,creation'],
  updateUser: ['iam', 'user,change'],
  dropUser: ['iam', 'user,deletion'],
  grantRolesToUser: ['iam', 'user,change'],
  revokeRolesFromUser: ['iam', 'user,change'],
  createRole: ['iam', 'creation'],
  updateRole: ['iam', 'change'],
  dropRole: ['iam', 'deletion'],
  shutdown: ['process', 'end'],
}

function putAudit(record: JsonObject, event: EcsEvent): void {
  const action = record['atype'] as string
  const row = Object.hasOwn(AUDITED, action) ? AUDITED[action]! : (['', 'access'] as const)
  const result = record['result']
  classify(event, {
    category: row[0] === '' ? ['database'] : ['database', row[0]],
    type: row[1].split(','),
    action,
    outcome: typeof result === 'number' ? (result === 0 ? 'success' : 'failure') : undefined,
  })
  flatten(record, '', (name, value) => putLeaf(event, `mongodb.audit.${name}`, value))
  const remote = part(record['remote'])
  putPeer(event, 'source', filled(remote?.['ip']) ?? '', numberOf(remote?.['port']))
  const local = part(record['local'])
  putPeer(event, 'destination', filled(local?.['ip']) ?? '', numberOf(local?.['port']))
  const param = part(record['param'])
  const users = Array.isArray(record['users']) ? record['users'].map((user) => filled(part(user)?.['user'])) : []
  const named = filled(param?.['user'])
  const actor = users.find((user) => user !== undefined)
  put(event, 'user.name', action === 'authenticate' ? (named ?? actor) : actor)
  if (action !== 'authenticate' && row[0] === 'iam') put(event, 'user.target.name', named)
}

function putAddress(address: string | undefined, event: EcsEvent): void {
  if (address === undefined) return
  const colon = address.lastIndexOf(':')
  const port = integer(address.slice(colon + 1))
  if (colon > 0 && port !== undefined) putPeer(event, 'source', address.slice(0, colon).replace(/^\[|\]$/g, ''), port)
}

const numberOf = (value: JsonValue | undefined): number | undefined => (typeof value === 'number' ? value : undefined)
