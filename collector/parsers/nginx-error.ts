import type { EcsEvent } from '../../model/event.ts'
import { ipOf, put, putPeer } from '../fields.ts'
import type { TextParser } from '../parser.ts'
import { Refusal } from '../refusal.ts'
import { instant, isoTime } from '../time.ts'
import { putRequest } from '../web-access.ts'

// ngx_log.c: `YYYY/MM/DD hh:mm:ss [LEVEL] PID#TID: [*CONNECTION ]MESSAGE[, client: …, server: …, request: "…", …]`
const LINE =
  /^(\d{4})\/(\d\d)\/(\d\d) (\d\d):(\d\d):(\d\d) \[(debug|info|notice|warn|error|crit|alert|emerg)\] (\d{1,10})#(\d{1,10}): (?:\*(\d{1,15}) )?(.*)$/s
const CLIENT = /, client: ([0-9A-Fa-f:.]{2,45}|unix:)(?=, server: |$)/

export default {
  layer: 'text',
  precedence: 80,

  parse({ text }, event, { zone }) {
    const first = text.charCodeAt(4)
    if (first !== 0x2f) return false
    const line = LINE.exec(text)
    if (line === null) return false
    const at = [1, 2, 3, 4, 5, 6].map((i) => Number(line[i])) as [number, number, number, number, number, number]
    const ms = instant(at, zone)
    if (ms === undefined) return new Refusal('bad_time', `no such time: ${text.slice(0, 19)}, at offset 0`)
    event['@timestamp'] = isoTime(ms)
    event['event.dataset'] = 'nginx.error'
    event['event.category'] = ['web']
    event['event.type'] = ['error']
    event['log.level'] = line[7]!
    event['process.pid'] = Number(line[8])
    event['process.thread.id'] = Number(line[9])
    if (line[10] !== undefined) event['nginx.error.connection_id'] = Number(line[10])
    event['message'] = line[11]!
    putTail(line[11]!, event)
    return true
  },
} satisfies TextParser

/** The request's circumstances. The path before them is the attacker's text, so they are looked for behind ` failed (`. */
function putTail(message: string, event: EcsEvent): void {
  const failed = message.startsWith('open() ') ? message.indexOf('" failed (') : 0
  const tail = message.slice(Math.max(failed, 0))
  const client = CLIENT.exec(tail)
  if (client === null) return
  putPeer(event, 'source', ipOf(client[1]!) ?? '')
  const words = tail.slice(client.index)
  const server = /, server: ([^,\s]{1,255})/.exec(words.slice(0, 400))
  const host = /, host: "([^"]{1,255})"/.exec(words)
  const request = quoted(words, 'request')
  if (request !== undefined) putRequest(event, request)
  put(event, 'url.domain', host?.[1]?.replace(/:\d{1,5}$/, '') ?? (server?.[1] === '_' ? undefined : server?.[1]))
  put(event, 'http.request.referrer', quoted(words, 'referrer'))
  put(event, 'nginx.error.upstream', quoted(words, 'upstream'))
}

function quoted(words: string, name: string): string | undefined {
  const mark = `, ${name}: "`
  const start = words.indexOf(mark)
  if (start < 0) return undefined
  const from = start + mark.length
  // A quote ends the value only where the next circumstance, or nothing, follows.
  const next = words.indexOf('", ', from)
  const end = next >= 0 ? next : words.endsWith('"') ? words.length - 1 : words.length
  return words.slice(from, end)
}
