import type { EcsEvent } from '../../model/event.ts'
import type { Context, HeaderParser, Message } from '../parser.ts'
import { Refusal } from '../refusal.ts'
import { putHost, putPriority, putProgram, readPriority } from '../syslog-header.ts'
import { inferYear, instant, isoTime, millis, monthOf, parseIso } from '../time.ts'

// RFC 3164 §4.1, as it is found: `<PRI>Mmm dd hh:mm:ss HOST TAG[PID]: MESSAGE`. Any part may be missing (FortiGate has no
// time and host), the time may be ISO (rsyslog), carry a year, milliseconds or a zone (Cisco), and stand behind a sequence
// number and the host. What cannot be told apart stays in the message; only an impossible priority or date is refused.
const BSD_TIME =
  /^[*.]?(Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec) {1,2}(\d{1,2})(?: (\d{4}))? (\d\d):(\d\d):(\d\d)(?:\.(\d{1,9}))?(?: (UTC|GMT|Z)(?=[ :]|$))?:? ?/
const ISO_TIME = /^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:[.,]\d{1,9})?(?:Z|[+-]\d\d:?\d\d)?):? /
// Cisco: optional sequence number, optional host, sequence again: `172.16.5.10 6705: Feb 17 …`, `29: *Apr 8 …`.
const SEQUENCE = /^(?:([\w.:-]{1,255}) )?(\d{1,10}): (?=[*.]?[A-Z][a-z]{2} |\d{4}-)/
const HOST = /^[\w.:-]{1,255}$/
const TAG = /^([^\s:[\]]{1,128})(?:\[([^\]\s]{1,128})\])?: ?/
/** BusyBox writes facility and level between host and tag. */
const LEVEL =
  /^(?:kern|user|mail|daemon|auth|authpriv|syslog|cron|local[0-7])\.(?:emerg|alert|crit|err|error|warn|warning|notice|info|debug) (?=\S)/
const TAG_ONLY = /^([A-Za-z_][\w./-]{0,63})(?:\[(\d{1,10})\]:?|:)(?: |$)/

export default {
  layer: 'header',
  precedence: 30,

  claims(text) {
    const first = text.charCodeAt(0)
    if (first === 0x3c) return readPriority(text) !== undefined
    // Without a priority: only a time, a host and a tag in a row are a syslog header, and no application's own line.
    const time = BSD_TIME.exec(text) ?? ISO_TIME.exec(text)
    return time !== null && followedByHostAndTag(text, time[0].length)
  },

  parse(text, event, context) {
    const head = readPriority(text)
    if (head instanceof Refusal) return head
    // §4.3.3: without a priority, 13 (user, notice) is meant.
    putPriority(event, head?.priority ?? 13)
    let at = head?.end ?? 0
    if (text[at] === ' ') at++

    let rest = text.slice(at)
    const sequence = SEQUENCE.exec(rest)
    let host = ''
    if (sequence !== null) {
      host = sequence[1] ?? ''
      event['event.sequence'] = Number(sequence[2])
      at += sequence[0].length
      rest = text.slice(at)
    }
    const read = readTime(rest, context)
    if (read instanceof Refusal) return new Refusal(read.code, `${read.reason}, at offset ${at}`)
    if (read === undefined) return finish(rest, event, '')
    event['@timestamp'] = isoTime(read.ms)
    rest = rest.slice(read.length)
    return finish(rest, event, host === '' ? undefined : host)
  },
} satisfies HeaderParser

function followedByHostAndTag(text: string, start: number): boolean {
  const blank = text.indexOf(' ', start)
  if (blank <= start) return false
  return (
    HOST.test(text.slice(start, Math.min(blank, start + 256))) &&
    TAG.test(text.slice(blank + 1, blank + 300).replace(LEVEL, ''))
  )
}

function readTime(text: string, context: Context): { ms: number; length: number } | Refusal | undefined {
  const bsd = BSD_TIME.exec(text)
  if (bsd !== null) {
    const month = monthOf(bsd[1]!)!
    const [day, hour, minute, second] = [Number(bsd[2]), Number(bsd[4]), Number(bsd[5]), Number(bsd[6])] as const
    const zone = bsd[8] === undefined ? context.zone : UTC
    const ms =
      bsd[3] === undefined
        ? inferYear([month, day, hour, minute, second, millis(bsd[7])], context.receivedAtMs, zone)
        : instant([Number(bsd[3]), month, day, hour, minute, second, millis(bsd[7])], zone)
    if (ms === undefined) return new Refusal('bad_time', `no such time: ${bsd[0].trim()}`)
    return { ms, length: bsd[0].length }
  }
  const iso = ISO_TIME.exec(text)
  if (iso === null) return undefined
  const ms = parseIso(iso[1]!, context.zone)
  if (ms === undefined) return new Refusal('bad_time', `no such time: ${iso[1]!}`)
  return { ms, length: iso[0].length }
}

const UTC = { offsetMs: () => 0 }

/** @param host the host where it is known already, `''` where none can stand here, undefined where it comes next */
function finish(text: string, event: EcsEvent, host: string | undefined): Message {
  let rest = text
  if (host === undefined) {
    // A word that is itself `TAG:` or `TAG[PID]:` is no host: the sender left the host out.
    const blank = rest.indexOf(' ')
    const word = blank < 0 ? '' : rest.slice(0, blank)
    if (word !== '' && !word.endsWith(':') && HOST.test(word)) {
      putHost(event, word)
      rest = rest.slice(blank + 1)
      if (rest.startsWith(': ')) rest = rest.slice(2) // Cisco ASA: `host : %ASA-…`
      const level = LEVEL.exec(rest)
      if (level !== null) rest = rest.slice(level[0].length)
    }
  } else putHost(event, host)
  // Without a time before it, only an unmistakable tag is one: `devname="FGT" …` is content.
  const tag = (host === '' ? TAG_ONLY : TAG).exec(rest)
  if (tag === null) return { text: rest, program: '' }
  // `%ASA-6-302013:` is Cisco's message code: it stays in the message, where its readers look for it.
  if (tag[1]!.startsWith('%')) return { text: rest, program: '' }
  return { text: rest.slice(tag[0].length), program: putProgram(event, tag[1]!, tag[2] ?? '') }
}
