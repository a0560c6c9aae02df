import { ByteReader } from './byte-reader.ts'
import type { Turn } from './conversation.ts'
import { withoutTerminator } from './framing.ts'

/*
 * RELP, the reliable event logging protocol (librelp's relp.html). Both sides send frames of one form:
 *   TXNR SP COMMAND SP DATALEN [SP DATA] LF      without data: DATALEN is 0, and LF follows it at once
 * The client numbers its frames from 1; 999,999,999 is followed by 1 again. Each is answered by `rsp` with the same number.
 * Number 0 is the server's, for what asks for no answer.
 */

const LF = 0x0a
const SP = 0x20
const HEAD = /^([1-9]\d{0,8}) ([A-Za-z]{1,32}) (\d{1,9})[ \n]/
/** What may still become a HEAD. */
const HEAD_BEGUN = /^[1-9]\d{0,8}(?: (?:[A-Za-z]{1,32}(?: \d{0,9})?)?)?$/
const HEAD_BYTES_MAX = 9 + 1 + 32 + 1 + 9 + 1

const OK = '200 OK'
const OFFERS = `${OK}\nrelp_version=0\nrelp_software=vong-gac\ncommands=syslog`

/** Tells a client that it is the server who ends this. */
export const RELP_FAREWELL = Buffer.from('0 serverclose 0\n')

interface Head {
  txnr: string
  command: string
  dataBytes: number
  /** Of the head itself, up to the last digit of DATALEN. */
  bytes: number
}

/**
 * What a client says, and the answers. It ends where the client does, after `close`, and where no frame can be made out any
 * more. A frame that is cut off has no answer and is the client's to send again: nothing is kept of it.
 */
export async function* readRelp(chunks: AsyncIterable<Buffer>, frameBytesMax: number): AsyncGenerator<Turn> {
  const bytes = new ByteReader(chunks)
  let open = false
  for (;;) {
    const head = await readHead(bytes)
    if (head === 'ended') return
    if (head === 'malformed') return yield unframed(bytes, frameBytesMax, 'no frame begins like this')
    if (!open && head.command !== 'open') return yield unframed(bytes, frameBytesMax, 'the first frame must be open')
    const data = await readData(bytes, head, frameBytesMax)
    if (data === 'ended') return
    if (data === 'malformed') return yield unframed(bytes, frameBytesMax, 'a frame does not end where it says')
    const { txnr, command } = head
    switch (command) {
      case 'open':
        open = true
        yield { answer: response(txnr, OFFERS) }
        break
      case 'syslog':
        yield { ...messageOf(data, head, frameBytesMax), answer: response(txnr, OK) }
        break
      case 'close':
        return yield { answer: response(txnr, OK) }
      default:
        yield { answer: response(txnr, '500 no such command here') }
    }
  }
}

async function readHead(bytes: ByteReader): Promise<Head | 'ended' | 'malformed'> {
  for (;;) {
    const text = bytes.held.toString('latin1', 0, HEAD_BYTES_MAX)
    const [, txnr, command, dataBytes] = HEAD.exec(text) ?? []
    if (txnr !== undefined && command !== undefined && dataBytes !== undefined) {
      return { txnr, command, dataBytes: Number(dataBytes), bytes: txnr.length + command.length + dataBytes.length + 2 }
    }
    if (text !== '' && !HEAD_BEGUN.test(text)) return 'malformed'
    if (!(await bytes.more())) return 'ended'
  }
}

/** The data, of which no more than the limit is held; behind it, the frame's end. */
async function readData(
  bytes: ByteReader,
  { bytes: headBytes, dataBytes }: Head,
  frameBytesMax: number,
): Promise<Buffer | 'ended' | 'malformed'> {
  await bytes.take(headBytes)
  let next = await bytes.take(1)
  if (next?.[0] === SP) {
    const data = await bytes.take(Math.min(dataBytes, frameBytesMax))
    if (data === null || !(await bytes.skip(dataBytes - data.length))) return 'ended'
    next = await bytes.take(1)
    if (next !== null && next[0] === LF) return data
  } else if (dataBytes === 0) return Buffer.alloc(0)
  return next === null ? 'ended' : 'malformed'
}

function messageOf(data: Buffer, { dataBytes }: Head, frameBytesMax: number): Pick<Turn, 'frame'> {
  if (dataBytes > frameBytesMax) return { frame: { bytes: data, refused: 'oversized' } }
  const message = withoutTerminator(data)
  return message.length === 0 ? {} : { frame: { bytes: message } }
}

function response(txnr: string, text: string): Buffer {
  return Buffer.from(`${txnr} rsp ${text.length} ${text}\n`)
}

function unframed(bytes: ByteReader, frameBytesMax: number, fault: string): Turn {
  return { frame: { bytes: bytes.held.subarray(0, frameBytesMax), refused: 'unframed' }, fault }
}
