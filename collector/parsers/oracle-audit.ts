import type { EcsEvent } from '../../model/event.ts'
import { integer, put } from '../fields.ts'
import { putOracle } from '../oracle-audit.ts'
import type { TextParser } from '../parser.ts'
import { Refusal } from '../refusal.ts'
import { instant, isoTime, monthOf, offsetOf } from '../time.ts'

// Oracle's audit trail outside the database (Database Security Guide): files of the operating system (`Wed Oct 21 11:58:08 2020 -04:00`, then
// `NAME :[LENGTH] 'VALUE'` a line), and syslog's `Oracle Audit[…]: LENGTH: "…" NAME:[LENGTH] "VALUE" …` and, unified,
// `Oracle Unified Audit[…]: LENGTH: '…' NAME:"VALUE" …`. A value holds what the client typed; its length in bytes, which the
// database writes before it, is believed as long as a quote stands where it ends.
const STAMP = /^[A-Z][a-z]{2} ([A-Z][a-z]{2}) {1,2}(\d{1,2}) (\d\d):(\d\d):(\d\d) (\d{4})(?: ([+-]\d\d:\d\d))?\n/
const TAG = /^Oracle (?:Unified )?Audit\[(\d{1,10})\]: /
const FIRST = /^(?:LENGTH ?: ?['"]\d{1,9}['"]|ACTION ?:\[\d{1,9}\] ['"])/
const NAME = /[\s]{0,64}([A-Za-z][A-Za-z0-9$_ ]{0,40}?) ?:(?: ?\[(\d{1,9})\])? ?(['"])/y
const FIELDS_MAX = 64

export default {
  layer: 'text',
  precedence: 324,

  parse({ text }, event, { zone }) {
    const stamp = STAMP.exec(text)
    // The tag has a blank, so a syslog header does not see it as one.
    const tag = stamp === null ? TAG.exec(text) : null
    const start = (stamp ?? tag)?.[0].length ?? 0
    if (!FIRST.test(text.slice(start, start + 64))) return false
    const record = readValues(text, start)
    if (record.size < 2) return false
    if (stamp !== null) {
      const wall = [
        Number(stamp[6]),
        monthOf(stamp[1]!) ?? 0,
        Number(stamp[2]),
        Number(stamp[3]),
        Number(stamp[4]),
        Number(stamp[5]),
      ] as const
      const ms = instant([...wall], stamp[7] === undefined ? zone : offsetOf(stamp[7]))
      if (ms === undefined) return new Refusal('bad_time', `no such time: ${stamp[0].trim()}, at offset 0`)
      event['@timestamp'] = isoTime(ms)
    }
    putOracle(record, event)
    put(event, 'process.pid', integer(tag?.[1]) ?? pidOf(event))
    return true
  },
} satisfies TextParser

/** Names and values from `start` on; of a name twice, the last counts. */
function readValues(text: string, start: number): Map<string, string> {
  const record = new Map<string, string>()
  let at = start
  while (at < text.length && record.size < FIELDS_MAX) {
    NAME.lastIndex = at
    const name = NAME.exec(text)
    if (name === null) break
    const open = NAME.lastIndex
    const close = closeOf(text, open, name[3]!, name[2])
    if (close < 0) break
    record.set(name[1]!.toUpperCase(), text.slice(open, close).replace(/\s{0,64}\n\s{0,512}/g, ' '))
    at = close + 1
  }
  return record
}

/** Where the value ends: by its length, else at the first quote that a name, a line or nothing follows. */
function closeOf(text: string, open: number, quote: string, length: string | undefined): number {
  if (length !== undefined) {
    const bytes = Number(length)
    // Characters outside ASCII are several bytes: only then is the text measured.
    const plain = open + bytes
    const end = text[plain] === quote && isAscii(text, open, plain) ? plain : open + charsOf(text, open, bytes)
    if (text[end] === quote && endsValue(text, end)) return end
  }
  for (let end = text.indexOf(quote, open); end >= 0; end = text.indexOf(quote, end + 1)) {
    if (endsValue(text, end)) return end
  }
  return -1
}

/** Behind a closing quote stands the next name, or nothing more. */
function endsValue(text: string, quote: number): boolean {
  const next = text.slice(quote + 1, quote + 64)
  return /^\s*$/.test(next) || /^\s{0,8}[A-Za-z][A-Za-z0-9$_ ]{0,40} ?:(?: ?\[|['"])/.test(next)
}

function isAscii(text: string, start: number, end: number): boolean {
  for (let i = start; i < end; i++) if (text.charCodeAt(i) > 0x7f) return false
  return true
}

/** How many characters from `start` on take so many bytes of UTF-8. */
function charsOf(text: string, start: number, bytes: number): number {
  let left = bytes
  let i = start
  while (left > 0 && i < text.length) {
    const code = text.codePointAt(i)!
    left -= code < 0x80 ? 1 : code < 0x800 ? 2 : code < 0x10000 ? 3 : 4
    i += code > 0xffff ? 2 : 1
  }
  return i - start
}

/** A trail's file is named after the process that wrote it: `ora_12345_1.aud`, `orcl_ora_12345_2020….aud`. */
function pidOf(event: EcsEvent): number | undefined {
  const path = event['log.file.path']
  return typeof path === 'string' ? integer(/(\d{1,10})_\d{1,20}\.aud$/.exec(path)?.[1]) : undefined
}
