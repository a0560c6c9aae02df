import type { EcsEvent } from '../../model/event.ts'
import { classify, integer, lookUp, put, putPeer } from '../fields.ts'
import type { JsonObject, JsonValue } from '../json-record.ts'
import { putRules, readRuleMessage } from '../modsecurity.ts'
import type { RuleMessage } from '../modsecurity.ts'
import type { JsonParser } from '../parser.ts'
import { Refusal } from '../refusal.ts'
import { instant, isoTime, millis, monthOf } from '../time.ts'
import type { Zone } from '../time.ts'
import { parseClf, putRequest } from '../web-access.ts'

// The audit log as JSON: version 2 (`SecAuditLogFormat JSON`: transaction, request, response, audit_data) and version 3 (all
// below transaction, a message is an object). What it kept of the bodies is where an attack by POST can be seen.

/** Characters of a body that are searched; all of it stays in the raw record. */
const BODY_MAX = 32_768
/** The record names no scheme; the server's port does where it is a well-known one. */
const SCHEMES: { readonly [port: string]: string } = { '80': 'http', '443': 'https' }

export default {
  layer: 'json',
  precedence: 44,

  parse(record, event, { zone }) {
    const transaction = part(record['transaction'])
    if (transaction === undefined) return false
    const v3 = 'client_ip' in transaction
    if (!v3 && !('remote_address' in transaction)) return false
    const stamp = text(transaction[v3 ? 'time_stamp' : 'time']) ?? ''
    const ms = v3 ? parseCtime(stamp, zone) : parseStamp(stamp)
    if (ms === undefined) return new Refusal('bad_time', `no such time: ${stamp.slice(0, 60)}`)
    event['@timestamp'] = isoTime(ms)
    event['event.dataset'] = 'modsecurity.auditlog'
    classify(event, { category: ['web'], type: ['access'] })
    if (v3) putVersion3(transaction, event)
    else putVersion2(record, transaction, event)
    const port = event['destination.port']
    if (event['url.original'] !== undefined && event['url.scheme'] === undefined && typeof port === 'number')
      put(event, 'url.scheme', lookUp(SCHEMES, String(port)))
    if (event['rule.id'] !== undefined) event['event.kind'] = 'alert'
    return true
  },
} satisfies JsonParser

function part(value: JsonValue | undefined): JsonObject | undefined {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? value : undefined
}
const text = (value: JsonValue | undefined): string | undefined =>
  typeof value === 'string' ? value : typeof value === 'number' ? String(value) : undefined

function putVersion2(record: JsonObject, transaction: JsonObject, event: EcsEvent): void {
  putPeer(event, 'source', text(transaction['remote_address']) ?? '', text(transaction['remote_port']))
  putPeer(event, 'destination', text(transaction['local_address']) ?? '', text(transaction['local_port']))
  put(event, 'transaction.id', text(transaction['transaction_id']))
  put(event, 'user.name', text(transaction['remote_user']))
  const request = part(record['request'])
  putRequest(event, text(request?.['request_line']) ?? '')
  putHeaders(part(request?.['headers']), event)
  put(event, 'http.request.body.content', bodyOf(request))
  const response = part(record['response'])
  putStatus(response?.['status'], event)
  putAnswer(part(response?.['headers']), event)
  put(event, 'http.response.body.content', bodyOf(response))
  const audit = part(record['audit_data'])
  const messages = Array.isArray(audit?.['messages']) ? audit['messages'] : []
  putRules(
    event,
    messages
      .filter((message) => typeof message === 'string')
      .slice(0, 64)
      .map(readRuleMessage),
  )
  put(event, 'modsec.audit.server', text(audit?.['server']))
  if (part(audit?.['action'])?.['intercepted'] === true) event['event.action'] = 'blocked'
}

function putVersion3(transaction: JsonObject, event: EcsEvent): void {
  putPeer(event, 'source', text(transaction['client_ip']) ?? '', text(transaction['client_port']))
  putPeer(event, 'destination', text(transaction['host_ip']) ?? '', text(transaction['host_port']))
  put(event, 'transaction.id', text(transaction['unique_id']))
  const request = part(transaction['request'])
  const version = text(request?.['http_version'])
  const [method, uri] = [text(request?.['method']), text(request?.['uri'])]
  if (method !== undefined && uri !== undefined) putRequest(event, `${method} ${uri} HTTP/${version ?? '1.1'}`)
  if (version === undefined) delete event['http.version']
  putHeaders(part(request?.['headers']), event)
  put(event, 'http.request.body.content', bodyOf(request))
  const response = part(transaction['response'])
  putStatus(response?.['http_code'], event)
  putAnswer(part(response?.['headers']), event)
  put(event, 'http.response.body.content', bodyOf(response))
  const rules: RuleMessage[] = []
  const messages = Array.isArray(transaction['messages']) ? transaction['messages'] : []
  for (const item of messages.slice(0, 64)) {
    const message = part(item)
    const details = part(message?.['details'])
    if (message === undefined || details === undefined) continue
    const rule: RuleMessage = {
      sentence: text(details['match']) ?? text(message['message']) ?? '',
      tags: Array.isArray(details['tags']) ? details['tags'].filter((tag) => typeof tag === 'string') : [],
    }
    const named = {
      id: details['ruleId'],
      msg: message['message'],
      data: details['data'],
      severity: details['severity'],
      ver: details['ver'],
      file: details['file'],
    }
    for (const [name, value] of Object.entries(named)) {
      const said = text(value)
      if (said !== undefined && said !== '') rule[name as keyof typeof named] = said
    }
    rules.push(rule)
  }
  putRules(event, rules)
  put(event, 'modsec.audit.server', text(part(transaction['producer'])?.['modsecurity']))
}

function putHeaders(headers: JsonObject | undefined, event: EcsEvent): void {
  for (const [name, value] of Object.entries(headers ?? {}).slice(0, 128)) {
    const said = text(value)
    const field = name.toLowerCase()
    if (field === 'user-agent') put(event, 'user_agent.original', said)
    else if (field === 'referer') put(event, 'http.request.referrer', said)
    else if (field === 'content-type') put(event, 'http.request.mime_type', said)
    else if (field === 'content-length') put(event, 'http.request.bytes', integer(said))
    else if (field === 'host') put(event, 'url.domain', said?.replace(/:\d{1,5}$/, ''))
  }
}

function putAnswer(headers: JsonObject | undefined, event: EcsEvent): void {
  for (const [name, value] of Object.entries(headers ?? {}).slice(0, 128)) {
    const field = name.toLowerCase()
    if (field === 'content-type') put(event, 'http.response.mime_type', text(value))
    const length = field === 'content-length' ? integer(text(value)) : undefined
    if (length !== undefined) event['http.response.bytes'] = length
  }
}

/** Version 2 writes a list of pieces, version 3 one text. */
function bodyOf(message: JsonObject | undefined): string | undefined {
  const body = message?.['body']
  const pieces = Array.isArray(body) ? body.filter((piece) => typeof piece === 'string').join('') : text(body)
  return pieces?.slice(0, BODY_MAX)
}

function putStatus(value: JsonValue | undefined, event: EcsEvent): void {
  const status = Number(text(value))
  if (!Number.isInteger(status) || status < 100 || status > 999) return
  event['http.response.status_code'] = status
  event['event.outcome'] = status >= 400 ? 'failure' : 'success'
  if (status === 403) event['event.action'] ??= 'blocked'
}

/** Like an access log's, with a fraction of a second where the server knows one. */
function parseStamp(stamp: string): number | undefined {
  const fraction = /\.(\d{1,9}) /.exec(stamp.slice(0, 48))
  const ms = parseClf(fraction === null ? stamp : stamp.replace(fraction[0], ' '))
  return ms === undefined ? undefined : ms + millis(fraction?.[1])
}

/** `Tue May 12 09:59:58 2026`, in the server's zone. */
function parseCtime(stamp: string, zone: Zone): number | undefined {
  const time = /^[A-Z][a-z]{2} ([A-Z][a-z]{2}) {1,2}(\d{1,2}) (\d\d):(\d\d):(\d\d) (\d{4})$/.exec(stamp)
  if (time === null) return undefined
  const [hour, minute, second] = [Number(time[3]), Number(time[4]), Number(time[5])]
  return instant([Number(time[6]), monthOf(time[1]!) ?? 0, Number(time[2]), hour, minute, second], zone)
}
