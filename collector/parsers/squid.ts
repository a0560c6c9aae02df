import type { EcsEvent } from '../../model/event.ts'
import { classify, integer, put, putPeer } from '../fields.ts'
import { putUrl } from '../network-events.ts'
import type { TextParser } from '../parser.ts'
import { Refusal } from '../refusal.ts'
import { isoTime } from '../time.ts'
import { putAccess, readAccess } from '../web-access.ts'

// Squid's `squid` format (wiki.squid-cache.org, «access.log») and `combined`, which ends in RESULT:HIERARCHY. Squid encodes
// blanks in URLs; a user name with one is read from the end of the line.
const NATIVE =
  /^(\d{9,11})\.(\d{3}) +(-?\d{1,10}) (\S{1,255}) ([A-Z][A-Z_]{2,63})\/(\d{3}) (\d{1,15}) ([!-~]{1,64}) (\S+) (.*)$/s
const TAIL = /^(.*) ([A-Z][A-Z_]{2,63})\/(\S{1,255}) (\S{1,255})$/s
const COMBINED = /^([A-Z][A-Z_]{2,63}):([A-Z][A-Z_]{2,63})$/

export default {
  layer: 'text',
  precedence: 98,

  parse({ text, program }, event) {
    const ours = program === 'squid' || program === '(squid-1)' || program === '(squid)'
    const native = text.charCodeAt(10) === 0x2e ? NATIVE.exec(text) : null
    if (native !== null) return putNative(native, event)
    if (text.endsWith('"') || !/[A-Z]$/.test(text)) return ours ? putOther(text, event) : false
    const space = text.lastIndexOf(' ')
    const result = COMBINED.exec(text.slice(space + 1, space + 200))
    const line = result === null ? null : readAccess(text)
    if (result === null || line === null) return ours ? putOther(text, event) : false
    const known = putAccess(line, event)
    putTarget(line.request.split(' ')[1] ?? '', event)
    putResult(result[1]!, result[2], event)
    return known || new Refusal('bad_time', `no such time: ${line.time}`)
  },
} satisfies TextParser

function putNative(line: RegExpExecArray, event: EcsEvent): true {
  const [, seconds, milli, elapsed, client, result, status, bytes, method, url, rest] = line as unknown as string[]
  event['@timestamp'] = isoTime(Number(seconds) * 1_000 + Number(milli))
  classify(event, { category: ['web', 'network'], type: ['access'] })
  putPeer(event, 'source', client!)
  put(event, 'http.request.method', method === '-' ? undefined : method)
  if (Number(status) > 0) event['http.response.status_code'] = Number(status)
  put(event, 'http.response.bytes', integer(bytes))
  const duration = integer(elapsed)
  if (duration !== undefined) event['event.duration'] = duration * 1_000_000
  putTarget(url!, event)
  const tail = TAIL.exec(rest!.slice(-1_000))
  if (tail !== null) {
    put(event, 'user.name', tail[1] === '-' ? undefined : tail[1])
    putPeer(event, 'destination', tail[3]!.replace(/^\[|\]$/g, ''))
    put(event, 'http.response.mime_type', tail[4] === '-' ? undefined : tail[4])
  }
  putResult(result!, tail?.[2], event)
  return true
}

function putTarget(url: string, event: EcsEvent): void {
  if (url === '' || url === '-') return
  putUrl(event, url)
  if (typeof event['url.domain'] === 'string') event['destination.domain'] ??= event['url.domain']
}

function putResult(result: string, hierarchy: string | undefined, event: EcsEvent): void {
  event['event.dataset'] = 'squid.access'
  event['event.action'] = result
  event['squid.access.result'] = result
  put(event, 'squid.access.hierarchy', hierarchy)
  const denied = result.includes('DENIED')
  if (denied) event['event.type'] = ['access', 'denied']
  const status = event['http.response.status_code']
  event['event.outcome'] = denied || (typeof status === 'number' && status >= 400) ? 'failure' : 'success'
}

/** cache.log and whatever else the proxy says. */
function putOther(text: string, event: EcsEvent): true {
  event['event.dataset'] = 'squid.log'
  put(event, 'message', text)
  return true
}
