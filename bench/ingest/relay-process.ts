import { fdatasync, openSync, writeSync } from 'node:fs'
import { createServer } from 'node:net'
import { FRAME_BYTES_DEFAULT, FrameDecoder } from '../../collector/framing.ts'
import { loadNormaliser } from '../../collector/normalise.ts'
import { SyslogJson } from '../../collector/syslog-json.ts'
import { SyslogLine } from '../../collector/syslog-line.ts'
import { loadZone } from '../../collector/time.ts'
import { TIME_ZONE, type Fields } from './lines.ts'

// The collector's framing, header reader and JSON writer between a socket and a file, and nothing else: what rsyslog and
// syslog-ng do with the same lines. It has nothing to do while a write lasts, so it waits for it: then neither a thread is
// woken for each nor is anything held back, and the sender's queue holds the rest. What is to be durable is synced by another
// thread, one sync at a time, with all that was written meanwhile in the next.
const { port, output, durable } = JSON.parse(process.argv[2]!) as { port: number; output: string; durable: boolean }
const WRITE_BYTES = 96 * 1024
const ORIGIN = { input: 'syslog-tcp', address: '127.0.0.1' }

const zone = loadZone(TIME_ZONE)
const normalise = await loadNormaliser({ spoolId: 'relay', timeZone: TIME_ZONE, enrich: () => undefined })
const file = openSync(output, 'a')
const json = new SyslogJson()
let syncing = false
let dirty = false

function writeOut(bytes: Uint8Array): void {
  for (let done = 0; done < bytes.length;) done += writeSync(file, bytes, done)
  if (bytes.length > 0) dirty = true
}

function sync(): void {
  if (syncing || !dirty) return
  syncing = true
  dirty = false
  fdatasync(file, (error) => {
    if (error) throw error
    syncing = false
    sync()
  })
}

/** A line that has none of the plain shapes, by way of the parsers. */
function slowly(bytes: Buffer, receivedAtMs: number): Buffer {
  const result = normalise({ seq: 1, receivedAtMs, origin: ORIGIN, bytes })
  if (result.kind === 'dead') throw new Error(`${result.letter.code}: ${result.letter.reason}`)
  const { event } = result
  const text = (field: string): string => {
    const value = event[field]
    return typeof value === 'string' || typeof value === 'number' ? String(value) : ''
  }
  const fields: Fields = {
    timestamp: event['@timestamp'],
    host: text('host.hostname'),
    program: text('process.name'),
    pid: text('process.pid'),
    severity: Number(event['log.syslog.severity.code']),
    facility: Number(event['log.syslog.facility.code']),
    message: text('message'),
  }
  return Buffer.from(`${JSON.stringify(fields)}\n`)
}

createServer((socket) => {
  const decoder = new FrameDecoder(FRAME_BYTES_DEFAULT)
  const line = new SyslogLine(zone)
  let receivedAtMs = 0
  const take = (source: Buffer, start: number, end: number): void => {
    if (line.read(source, start, end, receivedAtMs)) json.write(line, source, end)
    else {
      writeOut(json.take())
      writeOut(slowly(source.subarray(start, end), receivedAtMs))
    }
    if (json.bytes > WRITE_BYTES) writeOut(json.take())
  }
  socket.on('data', (chunk) => {
    receivedAtMs = Date.now()
    decoder.cut(chunk, take)
    writeOut(json.take())
    if (durable) sync()
  })
  socket.on('end', () => {
    for (const { bytes } of decoder.end()) take(bytes, 0, bytes.length)
    writeOut(json.take())
    if (durable) sync()
  })
  socket.on('error', () => undefined)
}).listen(port, '127.0.0.1')
