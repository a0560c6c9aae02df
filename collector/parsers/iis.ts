import type { EcsEvent } from '../../model/event.ts'
import { addRelated, integer, ipOf, put, putPeer, putPort } from '../fields.ts'
import type { TextParser } from '../parser.ts'
import { Refusal } from '../refusal.ts'
import { instant, isoTime } from '../time.ts'

// W3C extended log of IIS 7 to 10. A parser keeps nothing from one line to the next, so `#Fields:` is not read: IIS writes
// its fields in one order whatever the choice, blanks inside a value are `+`, and these tell a line's columns apart:
//   DATE TIME [SITE] [COMPUTER] [S-IP] METHOD STEM QUERY PORT USER C-IP [VERSION] AGENT [COOKIE] [REFERER] [HOST]
//   STATUS SUBSTATUS WIN32 [SENT] [RECEIVED] [TIME-TAKEN] [X-FORWARDED-FOR]
// Times are UTC (W3C extended log file format; IIS writes no other unless told so).
const TIME = /^(\d{4})-(\d\d)-(\d\d) (\d\d):(\d\d):(\d\d) /
const WORDS_MAX = 26
const COMMENT =
  /^#(?:Software: Microsoft (?:Internet Information|HTTP)|Fields: date time |Version: 1\.\d$|Date: \d{4}-)/

export default {
  layer: 'text',
  precedence: 305,

  parse({ text, program }, event, { stream }) {
    const hinted = /(?:^|[^a-z])(?:iis|w3svc)(?:$|[^a-z])/.test(stream) || program === 'iis'
    if (text.startsWith('#')) {
      if (!COMMENT.test(text)) return false
      putKind(event, 'access', 'info')
      put(event, 'message', text)
      return true
    }
    const time = TIME.exec(text)
    if (time === null) return false
    const words = text.slice(time[0].length).split(' ', WORDS_MAX)
    const request = hinted || words.length >= 8 ? findRequest(words) : -1
    const error = request < 0 && isHttpErr(words)
    if (request < 0 && !error && !hinted) return false
    const ms = instant(
      [1, 2, 3, 4, 5, 6].map((i) => Number(time[i])) as [number, number, number, number, number, number],
      0,
    )
    if (ms === undefined) return new Refusal('bad_time', `no such time: ${time[0].trim()}, at offset 0`)
    event['@timestamp'] = isoTime(ms)
    if (error) putHttpErr(words, event)
    else if (request >= 0) putAccess(words, request, event)
    else {
      putKind(event, 'access', 'info')
      put(event, 'message', text)
    }
    return true
  },
} satisfies TextParser

function putKind(event: EcsEvent, log: 'access' | 'error', type: string): void {
  event['event.dataset'] = `iis.${log}`
  event['event.category'] = ['web', 'network']
  event['event.type'] = [type]
}

/** Index of the method: what stands before it is the server's own, so at most three words. */
function findRequest(words: readonly string[]): number {
  for (let i = 0; i <= 3 && i + 5 < words.length; i++) {
    if (!/^[A-Za-z_-]{1,32}$/.test(words[i]!) || !/^[/*]/.test(words[i + 1]!)) continue
    if (/^\d{1,5}$/.test(words[i + 3]!) && addressOf(words[i + 5]!) !== undefined) return i
  }
  return -1
}

const addressOf = (word: string): string | undefined => ipOf(word.length > 64 ? '' : word)
const numeric = (word: string | undefined): boolean => word !== undefined && /^\d{1,15}$/.test(word)
const said = (word: string | undefined): string | undefined => (word === '-' ? undefined : word)

function putAccess(words: readonly string[], at: number, event: EcsEvent): void {
  putKind(event, 'access', 'connection')
  for (const word of words.slice(0, at)) {
    if (/^W3SVC\d{1,10}$/.test(word)) event['iis.access.site_name'] = word
    else if (addressOf(word) !== undefined) putPeer(event, 'destination', word, words[at + 3])
    else put(event, 'iis.access.server_name', said(word))
  }
  putPort(event, 'destination.port', words[at + 3])
  const [method, stem, query, , user, client] = words.slice(at)
  event['http.request.method'] = method!
  put(event, 'url.path', stem)
  put(event, 'url.query', said(query))
  put(event, 'url.original', said(query) === undefined ? stem : `${stem!}?${query!}`)
  put(event, 'url.extension', /\.([A-Za-z0-9]{1,16})$/.exec(stem!.slice(-18))?.[1])
  put(event, 'user.name', said(user))
  putPeer(event, 'source', client!)
  let rest = words.slice(at + 6)
  const version = /^HTTP\/([\d.]{1,5})$/.exec(rest[0] ?? '')
  if (version !== null) {
    event['http.version'] = version[1]!
    rest = rest.slice(1)
  }
  // The last column may be X-Forwarded-For, the one that centres add behind a load balancer.
  const last = rest.at(-1) ?? ''
  if (!numeric(last)) {
    const forwarded = ipOf(last.split(',', 1)[0]!.replace(/:\d{1,5}$/, ''))
    if (forwarded !== undefined) {
      event['network.forwarded_ip'] = forwarded
      addRelated(event, 'related.ip', event['source.ip'] as string)
      if (event['destination.ip'] !== undefined) addRelated(event, 'related.ip', event['destination.ip'] as string)
      addRelated(event, 'related.ip', forwarded)
    }
    rest = rest.slice(0, -1)
  }
  const numbers = numbersFrom(rest, version !== null)
  putHeaders(rest.slice(0, numbers), event)
  putNumbers(rest.slice(numbers), event)
}

/**
 * Index of the status. Agent, cookie, referrer and host are the client's words and may be numbers too, so the usual layouts
 * are known by how many columns they have; only for others do the numbers at the end of the line count.
 */
function numbersFrom(rest: readonly string[], version: boolean): number {
  const known = version ? { 10: 4 }[rest.length] : { 5: 1, 6: 2, 7: 3 }[rest.length]
  if (known !== undefined && rest.slice(known).every(numeric)) return known
  let at = rest.length
  while (at > 1 && rest.length - at < 6 && numeric(rest[at - 1])) at--
  return at
}

function putHeaders(headers: readonly string[], event: EcsEvent): void {
  const [agent, ...middle] = headers
  if (agent !== '-') put(event, 'user_agent.original', agent?.replaceAll('+', ' '))
  let [cookie, referrer, host]: (string | undefined)[] = []
  if (middle.length >= 3) [cookie, referrer, host] = middle
  else if (middle.length === 2) {
    if (/^https?:\/\//.test(middle[0]!)) [referrer, host] = middle
    else if (/^https?:\/\//.test(middle[1]!)) [cookie, referrer] = middle
    else [cookie, host] = middle
  } else if (/^(?:https?:\/\/|-$)/.test(middle[0] ?? '')) [referrer] = middle
  else if (/[=;]/.test(middle[0] ?? '')) [cookie] = middle
  else [host] = middle
  put(event, 'iis.access.cookie', said(cookie))
  put(event, 'http.request.referrer', said(referrer))
  const name = said(host)?.replace(/:\d{1,5}$/, '')
  put(event, 'url.domain', name)
  put(event, 'destination.domain', name)
}

function putNumbers(numbers: readonly string[], event: EcsEvent): void {
  const [status, subStatus, win32, ...sizes] = numbers.map(integer)
  if (status !== undefined && status >= 100 && status <= 999) {
    event['http.response.status_code'] = status
    event['event.outcome'] = status >= 400 ? 'failure' : 'success'
  }
  put(event, 'iis.access.sub_status', subStatus)
  put(event, 'iis.access.win32_status', win32)
  const taken = sizes.length === 1 || sizes.length >= 3 ? sizes.at(-1) : undefined
  if (taken !== undefined) event['event.duration'] = taken * 1_000_000
  if (sizes.length >= 2) {
    put(event, 'http.response.body.bytes', sizes[0])
    put(event, 'http.request.body.bytes', sizes[1])
  }
}

/** HTTP.sys's own log: C-IP C-PORT S-IP S-PORT VERSION METHOD URI STATUS … REASON QUEUE. */
function isHttpErr(words: readonly string[]): boolean {
  return (
    words.length >= 10 &&
    [0, 2].every((i) => addressOf(words[i]!) !== undefined) &&
    [1, 3].every((i) => numeric(words[i])) &&
    /^(?:HTTP\/[\d.]{1,5}|-)$/.test(words[4]!)
  )
}

function putHttpErr(words: readonly string[], event: EcsEvent): void {
  putKind(event, 'error', 'connection')
  putPeer(event, 'source', words[0]!, words[1])
  putPeer(event, 'destination', words[2]!, words[3])
  put(event, 'http.version', said(words[4])?.slice(5))
  put(event, 'http.request.method', said(words[5]))
  // Newer systems have the stream id between URI and status.
  const status = words.slice(7, 9).find((word) => /^\d{3}$/.test(word))
  const url = said(words[6])
  put(event, 'url.original', url)
  put(event, 'url.path', url?.split('?', 1)[0])
  if (url?.includes('?') === true) put(event, 'url.query', url.slice(url.indexOf('?') + 1))
  if (status !== undefined) event['http.response.status_code'] = Number(status)
  put(event, 'iis.error.queue_name', said(words.at(-1)))
  put(event, 'iis.error.reason_phrase', said(words.at(-2)))
  event['event.outcome'] = 'failure'
}
