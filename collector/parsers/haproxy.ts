import type { EcsEvent } from '../../model/event.ts'
import { addRelated, classify, integer, ipOf, put, putPeer } from '../fields.ts'
import { putTlsVersion } from '../network-events.ts'
import type { TextParser } from '../parser.ts'
import { instant, isoTime, millis, monthOf } from '../time.ts'
import { putRequest } from '../web-access.ts'

// HAProxy's `httplog`, `httpslog` and `tcplog` (configuration manual, section 8.2), and the connection errors. The client's
// words (captured headers, cookies, request) stand behind all that is read by position.
const HEAD =
  /^(\S{1,64}):(\d{1,5}) \[(\d\d)\/([A-Z][a-z]{2})\/(\d{4}):(\d\d):(\d\d):(\d\d)\.(\d{3})\] ([^\s/]{1,128})(?: ([^\s/]{1,128})\/([^\s/]{1,128}) |\/(\S{1,128}): )/
const HTTP =
  /^(?:([^\s/]{1,255}) )?(-?\d{1,10})\/(-?\d{1,10})\/(-?\d{1,10})\/(-?\d{1,10})\/\+?(-?\d{1,10}) (-1|\d{3}) \+?(\d{1,15}) (\S{1,4096}) (\S{1,4096}) ([\w-]{4}) (\d{1,10})\/(\d{1,10})\/(\d{1,10})\/(\d{1,10})\/\+?(\d{1,10}) (\d{1,10})\/(\d{1,10}) /
const TCP =
  /^(-?\d{1,10})\/(-?\d{1,10})\/\+?(-?\d{1,10}) \+?(\d{1,15}) ([\w-]{2,4}) (\d{1,10})\/(\d{1,10})\/(\d{1,10})\/(\d{1,10})\/\+?(\d{1,10}) (\d{1,10})\/(\d{1,10})/
const CONNECT = /^Connect from (\S{1,64}):(\d{1,5}) to (\S{1,64}):(\d{1,5}) \((\S{1,128})\/(HTTP|TCP)\)/
const SERVER_STATE = /^(?:Backup )?Server (\S{1,128})\/(\S{1,128}) is (UP|DOWN|going DOWN)\b/

export default {
  layer: 'text',
  precedence: 92,

  parse({ text, program }, event, { zone }) {
    const ours = program === 'haproxy'
    if (!ours && program !== '') return false
    const head = HEAD.exec(text)
    if (head === null) {
      if (!ours) return false
      putOther(text, event)
      return true
    }
    const rest = text.slice(head[0].length)
    const http = head[11] === undefined ? null : HTTP.exec(rest)
    const tcp = head[11] === undefined || http !== null ? null : TCP.exec(rest)
    if (!ours && http === null && tcp === null) return false
    const [, client, port, day, month, year, hour, minute, second, fraction, frontend, backend, server, bind] = head
    const ms = instant(
      [Number(year), monthOf(month!) ?? 0, Number(day), Number(hour), Number(minute), Number(second), millis(fraction)],
      zone,
    )
    if (ms !== undefined) event['@timestamp'] = isoTime(ms)
    event['event.dataset'] = 'haproxy.log'
    putPeer(event, 'source', client!.replace(/^\[|\]$/g, ''), port)
    event['source.port'] ??= Number(port)
    event['haproxy.frontend_name'] = frontend!
    put(event, 'haproxy.backend_name', backend)
    put(event, 'haproxy.server_name', server)
    put(event, 'haproxy.bind_name', bind)
    classify(event, { category: ['web'], type: ['access'] })
    if (http !== null) putHttp(http, rest.slice(http[0].length), event)
    else if (tcp !== null) putTcp(tcp, event)
    else {
      put(event, 'message', rest)
      event['event.type'] = ['error']
      event['event.outcome'] = 'failure'
    }
    return true
  },
} satisfies TextParser

const CONNECTIONS = ['active', 'frontend', 'backend', 'server', 'retries']

function putHttp(line: RegExpExecArray, tail: string, event: EcsEvent): void {
  const [, domain, request, queue, connect, response, total, status, bytes, , , state] = line as unknown as string[]
  put(event, 'destination.domain', domain)
  event['haproxy.http.request.time_wait_ms'] = Number(request)
  event['haproxy.total_waiting_time_ms'] = Number(queue)
  event['haproxy.connection_wait_time_ms'] = Number(connect)
  event['haproxy.http.request.time_wait_without_data_ms'] = Number(response)
  putTotals(total!, bytes!, state!, line.slice(12, 17), line.slice(17, 19), event)
  event['http.response.bytes'] = Number(bytes)
  if (status !== '-1') {
    event['http.response.status_code'] = Number(status)
    event['event.outcome'] = Number(status) >= 400 ? 'failure' : 'success'
  } else event['event.outcome'] = 'failure'
  // Captured headers are the client's too; the request is what stands between the first quote after them and the last.
  const start = tail.search(/(?:^|\} )"/)
  const from = start < 0 ? -1 : tail.indexOf('"', start)
  const end = tail.lastIndexOf('"')
  if (from >= 0 && end > from) {
    const raw = tail.slice(from + 1, end)
    put(event, 'haproxy.http.request.raw_request_line', raw)
    putRequest(event, raw)
  }
  const tls = /^ \S{1,64} (\S{1,255})\/([A-Za-z]{3}v[\d.]{1,4})\/([A-Z0-9_-]{1,64})$/.exec(
    tail.slice(end + 1, end + 500),
  )
  if (tls === null) return
  if (tls[1] !== '-') {
    event['tls.client.server_name'] = tls[1]!
    event['url.domain'] ??= tls[1]!
    addRelated(event, 'related.hosts', tls[1]!)
  }
  putTlsVersion(event, tls[2]!)
  event['tls.cipher'] = tls[3]!
}

function putTcp(line: RegExpExecArray, event: EcsEvent): void {
  const [, queue, connect, total, bytes, state] = line as unknown as string[]
  event['event.category'] = ['network']
  event['event.type'] = ['connection']
  event['haproxy.total_waiting_time_ms'] = Number(queue)
  event['haproxy.connection_wait_time_ms'] = Number(connect)
  event['source.bytes'] = Number(bytes)
  putTotals(total!, bytes!, state!, line.slice(6, 11), line.slice(11, 13), event)
  event['event.outcome'] = state!.startsWith('--') ? 'success' : 'failure'
}

function putTotals(
  total: string,
  bytes: string,
  state: string,
  connections: readonly string[],
  queues: readonly string[],
  event: EcsEvent,
): void {
  const ms = integer(total)
  if (ms !== undefined) event['event.duration'] = ms * 1_000_000
  event['haproxy.bytes_read'] = Number(bytes)
  event['haproxy.termination_state'] = state
  for (const [i, name] of CONNECTIONS.entries()) event[`haproxy.connections.${name}`] = Number(connections[i])
  event['haproxy.server_queue'] = Number(queues[0])
  event['haproxy.backend_queue'] = Number(queues[1])
}

function putOther(text: string, event: EcsEvent): void {
  event['event.dataset'] = 'haproxy.log'
  event['event.category'] = ['web']
  put(event, 'message', text)
  const connect = CONNECT.exec(text)
  if (connect !== null) {
    classify(event, { category: ['web', 'network'], type: ['connection'] })
    putPeer(event, 'source', connect[1]!, connect[2])
    putPeer(event, 'destination', connect[3]!, connect[4])
    event['haproxy.frontend_name'] = connect[5]!
    event['haproxy.mode'] = connect[6]!
    put(event, 'haproxy.source', ipOf(connect[1]!))
    return
  }
  const server = SERVER_STATE.exec(text)
  if (server === null) return
  classify(event, {
    category: ['web'],
    type: ['change'],
    action: server[3] === 'UP' ? 'server-up' : 'server-down',
  })
  event['haproxy.backend_name'] = server[1]!
  event['haproxy.server_name'] = server[2]!
}
