import { writeFileSync } from 'node:fs'
import { crc32 } from 'node:zlib'

/** The lines of a file that is sent over and over. */
export const LINES_IN_FILE = 10_000
export const TIME_ZONE = 'Asia/Ho_Chi_Minh'
const OFFSET_MS = 7 * 3_600_000
const DAY_MS = 86_400_000
const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec']
const USERS = ['nguyenvana', 'tranthib', 'lehoangc', 'root', 'backup', 'phamd']

/** What a receiver makes of a line. */
export interface Fields {
  timestamp: string
  host: string
  program: string
  pid: string
  severity: number
  facility: number
  message: string
}

/** Made-up RFC 3164 lines of yesterday, fifty of a second: sshd, nginx with its quotes, and Vietnamese. */
function line(i: number, bytes: number): { text: string; fields: Fields } {
  const yesterday = Math.floor(Date.now() / DAY_MS) * DAY_MS - DAY_MS
  const time = new Date(yesterday + OFFSET_MS + Math.floor(i / 50) * 1_000)
  const stamp = `${MONTHS[time.getUTCMonth()]!} ${String(time.getUTCDate()).padStart(2)} ${time.toISOString().slice(11, 19)}`
  const host = `may-chu-${i % 20}`
  const timestamp = new Date(time.getTime() - OFFSET_MS).toISOString()
  const [priority, program, pid, words] =
    i % 5 === 0
      ? [190, 'nginx', '', `10.20.${i % 200}.9 - - "GET /thu-tuc/${i % 5000}?trang=${i % 40} HTTP/1.1" 200 ${500 + i}`]
      : i % 50 === 1
        ? [30, 'motcua', `${i}`, `Tiếp nhận hồ sơ số ${i} của công dân`]
        : [
            38,
            'sshd',
            `${1000 + i}`,
            `Failed password for ${USERS[i % 6]!} from 203.0.113.${i % 250} port ${1024 + i} ssh2`,
          ]
  const head = `<${priority}>${stamp} ${host} ${program}${pid === '' ? '' : `[${pid}]`}: `
  let message = words
  for (let n = i; Buffer.byteLength(head + message) < bytes - 8; n += 7) message += ` ${n.toString(36)}`
  message += '.'.repeat(Math.max(0, bytes - Buffer.byteLength(head + message)))
  return {
    text: head + message,
    fields: { timestamp, host, program, pid, severity: priority & 7, facility: priority >> 3, message },
  }
}

/** A sum over lines that does not depend on their order: what several connections bring is mixed in no certain way. */
export class Digest {
  lines = 0
  sum = 0

  add(fields: Fields): void {
    const { timestamp, host, program, pid, severity, facility, message } = fields
    const told = [Date.parse(timestamp), host, program, pid === '-' ? '' : pid, severity, facility, message]
    this.lines++
    this.sum = (this.sum + crc32(JSON.stringify(told))) % 2 ** 32
  }
}

/** Writes the file, and gives what reading it once must come to. */
export function writeLines(path: string, bytes: number): Digest {
  const digest = new Digest()
  const texts = Array.from({ length: LINES_IN_FILE }, (_, i) => {
    const { text, fields } = line(i, bytes)
    digest.add(fields)
    return `${text}\n`
  })
  writeFileSync(path, texts.join(''))
  return digest
}
