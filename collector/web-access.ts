import type { EcsEvent } from '../model/event.ts'
import { integer, ipOf, put, putPeer } from './fields.ts'
import { instant, isoTime, monthOf, offsetOf } from './time.ts'

/** One line of the NCSA formats, cut but not judged. */
export interface AccessLine {
  /** What stands before the client: the virtual host, with port; `''` where nothing does. */
  vhost: string
  /** Clients as logged, the first one first: X-Forwarded-For where the server was told to log that. */
  clients: string[]
  user: string
  time: string
  request: string
  status: number
  bytes: string
  referrer: string | undefined
  userAgent: string | undefined
  /** What follows the user agent. */
  rest: string
}

const STATUS = / (\d{3}) (\d{1,15}|-)/y

/**
 * Reads common, combined and vhost-combined lines, of nginx and Apache alike; null for anything else. Hand-cut rather than
 * one expression: the only two anchors an attacker cannot write are `] "` (quotes in user and path are escaped by both
 * servers) and an unescaped quote, and between them the text is looked at once.
 */
export function readAccess(text: string): AccessLine | null {
  const timeEnd = text.indexOf('] "')
  if (timeEnd < 0) return null
  const timeStart = text.lastIndexOf('[', timeEnd)
  if (timeStart < 4 || timeEnd - timeStart > 40 || text[timeStart - 1] !== ' ') return null
  const requestEnd = closingQuote(text, timeEnd + 3)
  if (requestEnd < 0) return null
  STATUS.lastIndex = requestEnd + 1
  const status = STATUS.exec(text)
  if (status === null) return null
  const who = readClients(text.slice(0, timeStart - 1))
  if (who === null) return null
  let at = STATUS.lastIndex
  const quoted: string[] = []
  while (quoted.length < 2 && text[at] === ' ' && text[at + 1] === '"') {
    const end = closingQuote(text, at + 2)
    if (end < 0) break
    quoted.push(text.slice(at + 2, end))
    at = end + 1
  }
  return {
    vhost: who.vhost, // not a spread: that costs more than all the rest of this function
    clients: who.clients,
    user: who.user,
    time: text.slice(timeStart + 1, timeEnd),
    request: text.slice(timeEnd + 3, requestEnd),
    status: Number(status[1]),
    bytes: status[2]!,
    referrer: quoted[0],
    userAgent: quoted[1],
    rest: text.slice(at).trim(),
  }
}

function closingQuote(text: string, start: number): number {
  for (let quote = text.indexOf('"', start); quote >= 0; quote = text.indexOf('"', quote + 1)) {
    let back = quote
    while (back > start && text.charCodeAt(back - 1) === 0x5c) back--
    if ((quote - back) % 2 === 0) return quote
  }
  return -1
}

const WORDS_MAX = 64

/** `[VHOST ]CLIENT[, CLIENT…] IDENT USER`; the user is whatever follows the identity, which is `-` in practice. */
function readClients(text: string): { vhost: string; clients: string[]; user: string } | null {
  // Nearly every line: `CLIENT - USER`.
  const blank = text.indexOf(' ')
  if (text.startsWith(' - ', blank) && text.indexOf(' ', blank + 3) < 0 && !text.includes(',')) {
    return { vhost: '', clients: [text.slice(0, blank)], user: text.slice(blank + 3) }
  }
  const words = text.split(' ', WORDS_MAX).filter((word) => word !== '')
  let ident = words.indexOf('-', 1)
  if (ident < 0) ident = words.length - 2
  if (ident < 1 || ident > words.length - 2) return null
  const before = words.slice(0, ident)
  const vhost = before.length > 1 && !before[0]!.endsWith(',') ? before.shift()! : ''
  const clients = before.map((word) => word.replace(/^"|[",]+$/g, '')).filter((word) => word !== '' && word !== '-')
  return { vhost, clients, user: words.slice(ident + 1).join(' ') }
}

const CLF = /^(\d{1,2})\/([A-Z][a-z]{2})\/(\d{4}):(\d\d):(\d\d):(\d\d) ([+-]\d{4})$/

/** Epoch milliseconds of `25/Oct/2016:14:49:33 +0200`. */
export function parseClf(text: string): number | undefined {
  const match = CLF.exec(text)
  const month = match === null ? undefined : monthOf(match[2]!)
  if (match === null || month === undefined) return undefined
  return instant(
    [Number(match[3]), month, Number(match[1]), Number(match[4]), Number(match[5]), Number(match[6])],
    offsetOf(match[7]!),
  )
}

/** Sets all that an access line says, and gives false where its time is impossible. */
export function putAccess(line: AccessLine, event: EcsEvent): boolean {
  const ms = parseClf(line.time)
  if (ms !== undefined) event['@timestamp'] = isoTime(ms)
  putPeer(event, 'source', line.clients[0] ?? '')
  if (line.user !== '-' && line.user !== '""') put(event, 'user.name', line.user)
  if (line.vhost !== '') putVhost(event, line.vhost)
  putRequest(event, line.request)
  event['http.response.status_code'] = line.status
  put(event, 'http.response.body.bytes', integer(line.bytes))
  if (line.referrer !== '-') put(event, 'http.request.referrer', line.referrer)
  if (line.userAgent !== '-') put(event, 'user_agent.original', line.userAgent)
  event['event.category'] = ['web']
  event['event.type'] = ['access']
  event['event.outcome'] = line.status >= 400 ? 'failure' : 'success'
  return ms !== undefined
}

function putVhost(event: EcsEvent, vhost: string): void {
  const colon = vhost.lastIndexOf(':')
  const port = colon > 0 ? integer(vhost.slice(colon + 1)) : undefined
  const name = port === undefined ? vhost : vhost.slice(0, colon)
  const ip = ipOf(name.replace(/^\[|\]$/g, ''))
  put(event, ip === undefined ? 'destination.domain' : 'destination.ip', ip ?? name)
  if (port !== undefined && port > 0 && port < 65_536) event['destination.port'] = port
  event['url.domain'] ??= name
}

const METHOD = /^[A-Za-z_-]{1,32} /

/** `GET /path?query HTTP/1.1`; anything else is what a scanner sent, and stays in the raw line. */
export function putRequest(event: EcsEvent, request: string): void {
  const method = METHOD.exec(request)
  if (method === null) return
  const http = request.lastIndexOf(' HTTP/')
  const target = http > method[0].length - 1 ? request.slice(method[0].length, http) : request.slice(method[0].length)
  if (http < 0 && !target.startsWith('/')) return
  event['http.request.method'] = method[0].trimEnd()
  if (http > 0) put(event, 'http.version', /^[\d.]{1,5}$/.exec(request.slice(http + 6))?.[0])
  put(event, 'url.original', target)
  let path = target
  const absolute = /^([a-z][a-z0-9+.-]{0,20}):\/\/([^/?#\s]{1,255})/i.exec(target)
  if (absolute !== null) {
    event['url.scheme'] = absolute[1]!.toLowerCase()
    event['url.domain'] = absolute[2]!.replace(/:\d{1,5}$/, '')
    path = target.slice(absolute[0].length)
  }
  const hash = path.indexOf('#')
  if (hash >= 0) {
    put(event, 'url.fragment', path.slice(hash + 1))
    path = path.slice(0, hash)
  }
  const question = path.indexOf('?')
  if (question >= 0) {
    put(event, 'url.query', path.slice(question + 1))
    path = path.slice(0, question)
  }
  put(event, 'url.path', path)
  const extension = /\.([A-Za-z0-9]{1,16})$/.exec(path.slice(-18))
  if (extension !== null) event['url.extension'] = extension[1]!
}
