import { classify, put, putPeer } from '../fields.ts'
import type { TextParser } from '../parser.ts'
import { isoTime, parseEpoch, parseIso } from '../time.ts'

// `level=info msg="…" src_ip=…` of no known maker. A line is that only if it is nothing but pairs, four or more: a sentence
// with an `=` in it is a sentence.
const PAIRS_MIN = 4
const PAIRS_MAX = 128
const NAME = /^[A-Za-z_][\w.-]{0,63}$/

export default {
  layer: 'text',
  precedence: 900,
  programs: [''],

  parse({ text }, event, { zone }) {
    const pairs = readStrict(text)
    if (pairs === undefined || pairs.size < PAIRS_MIN) return false
    const get = (...names: string[]): string =>
      names.map((name) => pairs.get(name) ?? '').find((value) => value !== '') ?? ''
    event['event.dataset'] = 'generic.logfmt'
    event['message'] = get('msg', 'message') || text
    const time = get('time', 'ts', 'timestamp', '@timestamp')
    const ms = parseIso(time, zone) ?? (/^\d{10,19}$/.test(time) ? parseEpoch(Number(time)) : undefined)
    if (ms !== undefined) event['@timestamp'] = isoTime(ms)
    put(event, 'log.level', get('level', 'lvl', 'severity').toLowerCase())
    putPeer(
      event,
      'source',
      get('src_ip', 'srcip', 'src', 'source_ip', 'client_ip', 'remote_ip'),
      get('src_port', 'srcport', 'spt'),
    )
    putPeer(event, 'destination', get('dst_ip', 'dstip', 'dst', 'dest_ip'), get('dst_port', 'dstport', 'dpt'))
    put(event, 'user.name', get('user', 'username', 'user_name'))
    put(event, 'event.action', get('action'))
    if (event['source.ip'] !== undefined && event['destination.ip'] !== undefined) {
      classify(event, { category: ['network'], type: ['info'], action: get('action') })
    }
    for (const [name, value] of pairs) put(event, `logfmt.${name}`, value)
    return true
  },
} satisfies TextParser

/** All pairs of a line that has nothing else; undefined at the first word that is none. */
function readStrict(text: string): Map<string, string> | undefined {
  const pairs = new Map<string, string>()
  let at = 0
  while (at < text.length) {
    if (pairs.size >= PAIRS_MAX) return undefined
    const equals = text.indexOf('=', at)
    if (equals < 0 || equals - at > 64) return undefined
    const name = text.slice(at, equals)
    if (!NAME.test(name)) return undefined
    let end = equals + 1
    let value: string
    if (text[end] === '"') {
      const open = ++end
      while (end < text.length && text[end] !== '"') end += text[end] === '\\' ? 2 : 1
      if (end >= text.length) return undefined
      value = text.slice(open, end).replace(/\\(["\\])/g, '$1')
      end++
      if (end < text.length && text[end] !== ' ') return undefined
    } else {
      const blank = text.indexOf(' ', end)
      const stop = blank < 0 ? text.length : blank
      value = text.slice(end, stop)
      if (value.includes('"')) return undefined
      end = stop
    }
    pairs.set(name, value)
    at = end
    while (text[at] === ' ') at++
  }
  return pairs
}
