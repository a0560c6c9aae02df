import { inferYear, instant, MAX_MS, type Zone } from './time.ts'

/*
 * Reads the header of a syslog line from its bytes where it has one of the two plain shapes, which nearly all lines have:
 *   <PRI>Mmm dd hh:mm:ss HOST TAG[PID]: MESSAGE                     RFC 3164
 *   <PRI>1 YYYY-MM-DDThh:mm:ss[.fff](Z|±hh:mm) HOST APP PROCID MSGID - MESSAGE   RFC 5424
 * Anything else, however little it differs, is left to `parsers/syslog-rfc3164.ts` and `-rfc5424.ts`, which say what a line
 * means: where this reader reads one, it finds what they find, only without a text, a regular expression or a Date per line.
 */

const SP = 0x20
const MINUS = 0x2d
const COLON = 0x3a
const OPEN = 0x5b
const CLOSE = 0x5d
const DAY_MS = 86_400_000
/** A date without a year keeps the year it was given for at least so long. */
const YEAR_HOLDS_MS = 363 * DAY_MS
/** `<0>Mmm dd hh:mm:ss h t:` */
const LINE_BYTES_MIN = 23
const HOST_BYTES_MAX = 255
const TAG_BYTES_MAX = 128
const PID_BYTES_MAX = 128

const [HOST, WORD, TAG] = [1, 2, 4]
/** What a byte may stand in: a host name, a word of RFC 5424, a tag. ASCII only: other blanks are the parsers' business. */
const KINDS = Uint8Array.from({ length: 256 }, (_, byte) => {
  const char = String.fromCharCode(byte)
  const visible = byte > SP && byte < 0x7f
  return (
    (byte < 0x7f && /[\w.:-]/.test(char) ? HOST : 0) |
    (visible ? WORD : 0) |
    (visible && !/[:[\]%()]/.test(char) ? TAG : 0)
  )
})

/** First letters of UTC, GMT and Z, which some write behind the time. */
const ZONES = new Set([0x55, 0x47, 0x5a])

/** Months by the 24 bits of their three letters. */
const MONTHS = new Map(
  ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'].map((name, i) => [
    (name.charCodeAt(0) << 16) | (name.charCodeAt(1) << 8) | name.charCodeAt(2),
    i + 1,
  ]),
)

/** A reader keeps the parts of the last line it has read, and the time of the last ones, since lines come in bursts. */
export class SyslogLine {
  readonly #zone: Zone

  /** Of RFC 5424; its lines alone have a message id. */
  versioned = false
  priority = 0
  timeMs = 0
  /** Offsets in the bytes. A part that says nothing is `-`, or empty. */
  hostStart = 0
  hostEnd = 0
  tagStart = 0
  tagEnd = 0
  /** The tag without the path before it. */
  programStart = 0
  pidStart = 0
  pidEnd = 0
  idStart = 0
  idEnd = 0
  messageStart = 0

  #monthBits = 0
  #month = 0
  #shortKey = -1
  #shortMs = 0
  #dayKey = -1
  #dayMs = 0

  /** @param zone of times that name none */
  constructor(zone: Zone) {
    this.#zone = zone
  }

  /**
   * Reads the line that stands from `start` to `end`. False: it has another shape, or something is wrong with it.
   * @param receivedAtMs epoch; tells the year of a date without one
   */
  read(bytes: Uint8Array, start: number, end: number, receivedAtMs: number): boolean {
    let at = this.#readPriority(bytes, start, end)
    if (at < 0) return false
    this.versioned = bytes[at] === 0x31
    at = this.versioned ? this.#readIsoTime(bytes, at + 1, end) : this.#readShortTime(bytes, at, end, receivedAtMs)
    if (at < 0) return false
    return this.versioned ? this.#readWords(bytes, at, end) : this.#readTag(bytes, at, end)
  }

  #readPriority(bytes: Uint8Array, start: number, end: number): number {
    if (end - start < LINE_BYTES_MIN || bytes[start] !== 0x3c) return -1
    let at = start + 1
    let priority = 0
    for (; at < start + 4; at++) {
      const digit = bytes[at]! - 0x30
      if (digit < 0 || digit > 9) break
      priority = priority * 10 + digit
    }
    if (at === start + 1 || bytes[at] !== 0x3e || priority > 191) return -1
    this.priority = priority
    return at + 1
  }

  /** `Mmm dd hh:mm:ss ` */
  #readShortTime(bytes: Uint8Array, at: number, end: number, receivedAtMs: number): number {
    if (at + 16 > end || bytes[at + 3] !== SP || bytes[at + 6] !== SP || bytes[at + 15] !== SP) return -1
    const bits = (bytes[at]! << 16) | (bytes[at + 1]! << 8) | bytes[at + 2]!
    if (bits !== this.#monthBits) {
      const month = MONTHS.get(bits)
      if (month === undefined) return -1
      this.#monthBits = bits
      this.#month = month
    }
    const day = bytes[at + 4] === SP ? digitAt(bytes, at + 5) : pairAt(bytes, at + 4)
    const second = clockAt(bytes, at + 7)
    if (day < 0 || second < 0) return -1
    const key = (this.#month * 32 + day) * 86_400 + second
    const sinceMs = receivedAtMs - this.#shortMs
    if (key !== this.#shortKey || sinceMs < -DAY_MS || sinceMs > YEAR_HOLDS_MS) {
      const clock = [Math.floor(second / 3600), Math.floor(second / 60) % 60, second % 60] as const
      const ms = inferYear([this.#month, day, ...clock, 0], receivedAtMs, this.#zone)
      if (ms === undefined) return -1
      this.#shortKey = key
      this.#shortMs = ms
    }
    this.timeMs = this.#shortMs
    return at + 16
  }

  /** ` YYYY-MM-DDThh:mm:ss[.f](Z|±hh:mm) ` */
  #readIsoTime(bytes: Uint8Array, start: number, end: number): number {
    if (start + 22 > end || bytes[start] !== SP) return -1
    let at = start + 1
    if (bytes[at + 4] !== MINUS || bytes[at + 7] !== MINUS || bytes[at + 10] !== 0x54) return -1
    const [century, rest, month, day] = [
      pairAt(bytes, at),
      pairAt(bytes, at + 2),
      pairAt(bytes, at + 5),
      pairAt(bytes, at + 8),
    ]
    const second = clockAt(bytes, at + 11)
    if (century < 0 || rest < 0 || month < 0 || day < 0 || second < 0) return -1
    const key = ((century * 100 + rest) * 16 + month) * 32 + day
    if (key !== this.#dayKey) {
      const ms = instant([century * 100 + rest, month, day, 0, 0, 0], 0)
      if (ms === undefined) return -1
      this.#dayKey = key
      this.#dayMs = ms
    }
    at += 19
    let milli = 0
    if (bytes[at] === 0x2e) {
      const first = ++at
      for (let weight = 100; at < end && isDigit(bytes[at]!); at++, weight = Math.floor(weight / 10))
        milli += (bytes[at]! - 0x30) * weight
      if (at === first || at > first + 9) return -1
    }
    let offsetMs = 0
    if (bytes[at] === 0x5a) at++
    else {
      const sign = bytes[at] === 0x2b ? 1 : bytes[at] === MINUS ? -1 : 0
      if (sign === 0 || at + 6 > end || bytes[at + 3] !== COLON) return -1
      const [hours, minutes] = [pairAt(bytes, at + 1), pairAt(bytes, at + 4)]
      if (hours < 0 || hours > 23 || minutes < 0 || minutes > 59) return -1
      offsetMs = sign * (hours * 60 + minutes) * 60_000
      at += 6
    }
    if (at >= end || bytes[at] !== SP) return -1
    const ms = this.#dayMs + second * 1000 + milli - offsetMs
    if (ms < 0 || ms > MAX_MS) return -1
    this.timeMs = ms
    return at + 1
  }

  /** `HOST TAG[PID]: MESSAGE` */
  #readTag(bytes: Uint8Array, start: number, end: number): boolean {
    const hostEnd = endOf(HOST, bytes, start, end)
    if (hostEnd === start || hostEnd - start > HOST_BYTES_MAX || bytes[hostEnd] !== SP) return false
    if (bytes[hostEnd - 1] === COLON || ZONES.has(bytes[start]!)) return false
    const tagStart = hostEnd + 1
    const tagEnd = endOf(TAG, bytes, tagStart, end)
    if (tagEnd === tagStart || tagEnd - tagStart > TAG_BYTES_MAX) return false
    if (tagEnd === tagStart + 1 && bytes[tagStart] === MINUS) return false // no program, and then no PID
    let at = tagEnd
    this.pidStart = this.pidEnd = at
    if (bytes[at] === OPEN) {
      this.pidStart = ++at
      while (at < end && bytes[at] !== CLOSE && KINDS[bytes[at]!]! & WORD) at++
      this.pidEnd = at
      if (at === this.pidStart || at - this.pidStart > PID_BYTES_MAX || bytes[at] !== CLOSE) return false
      at++
    }
    if (at >= end || bytes[at] !== COLON) return false
    at++
    this.hostStart = start
    this.hostEnd = hostEnd
    this.tagStart = tagStart
    this.tagEnd = tagEnd
    this.programStart = nameStart(bytes, tagStart, tagEnd)
    this.messageStart = at < end && bytes[at] === SP ? at + 1 : at
    return true
  }

  /** `HOST APP PROCID MSGID - MESSAGE` */
  #readWords(bytes: Uint8Array, start: number, end: number): boolean {
    const hostEnd = endOf(WORD, bytes, start, end)
    if (hostEnd === start || bytes[hostEnd] !== SP) return false
    const tagEnd = endOf(WORD, bytes, hostEnd + 1, end)
    if (tagEnd === hostEnd + 1 || bytes[tagEnd] !== SP) return false
    const pidEnd = endOf(WORD, bytes, tagEnd + 1, end)
    if (pidEnd === tagEnd + 1 || bytes[pidEnd] !== SP) return false
    const idEnd = endOf(WORD, bytes, pidEnd + 1, end)
    if (idEnd === pidEnd + 1 || bytes[idEnd] !== SP) return false
    let at = idEnd + 1
    if (at >= end || bytes[at] !== MINUS) return false
    at++
    if (at < end && bytes[at] !== SP) return false
    while (at < end && bytes[at] === SP) at++
    if (at < end && bytes[at] === 0xef) return false // perhaps a BOM, which is no content
    for (let i = hostEnd + 1; i < tagEnd; i++) if (bytes[i] === 0x28) return false // `sshd(pam_unix)` of old PAM
    this.hostStart = start
    this.hostEnd = hostEnd
    this.tagStart = hostEnd + 1
    this.tagEnd = tagEnd
    this.programStart = nameStart(bytes, hostEnd + 1, tagEnd)
    this.pidStart = tagEnd + 1
    this.pidEnd = pidEnd
    this.idStart = pidEnd + 1
    this.idEnd = idEnd
    this.messageStart = at
    return true
  }
}

function endOf(kind: number, bytes: Uint8Array, start: number, end: number): number {
  let at = start
  while (at < end && KINDS[bytes[at]!]! & kind) at++
  return at
}

/** Where the last part of a path begins. */
function nameStart(bytes: Uint8Array, start: number, end: number): number {
  for (let at = end; at > start; at--) if (bytes[at - 1] === 0x2f || bytes[at - 1] === 0x5c) return at
  return start
}

function isDigit(byte: number): boolean {
  return byte >= 0x30 && byte <= 0x39
}

/** The value of a digit; -1: it is none. */
function digitAt(bytes: Uint8Array, at: number): number {
  const byte = bytes[at]!
  return isDigit(byte) ? byte - 0x30 : -1
}

function pairAt(bytes: Uint8Array, at: number): number {
  const tens = bytes[at]! - 0x30
  const ones = bytes[at + 1]! - 0x30
  return tens >= 0 && tens <= 9 && ones >= 0 && ones <= 9 ? tens * 10 + ones : -1
}

/** Seconds of the day of `hh:mm:ss`; -1: no such time. */
function clockAt(bytes: Uint8Array, at: number): number {
  if (bytes[at + 2] !== COLON || bytes[at + 5] !== COLON) return -1
  const [hour, minute, second] = [pairAt(bytes, at), pairAt(bytes, at + 3), pairAt(bytes, at + 6)]
  if (hour < 0 || hour > 23 || minute < 0 || minute > 59 || second < 0 || second > 59) return -1
  return hour * 3600 + minute * 60 + second
}
