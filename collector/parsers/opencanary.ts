import { keep, putAccount } from '../cloud-audit.ts'
import { part, text } from '../json-parts.ts'
import { classify, put, putPeer } from '../fields.ts'
import { putRecordTime } from '../json-names.ts'
import type { JsonParser } from '../parser.ts'
import { Refusal } from '../refusal.ts'

// OpenCanary (docs.opencanary.org), a honeypot: whatever it logs was not supposed to happen. All of it stays at opencanary.*.

export default {
  layer: 'json',
  precedence: 39,

  parse(record, event, context) {
    const type = record['logtype']
    if (typeof type !== 'number' || typeof record['node_id'] !== 'string' || part(record['logdata']) === undefined)
      return false
    const utc = text(record['utc_time'])
    const times = { utc: utc === undefined ? null : `${utc}Z`, local: record['local_time'] ?? null }
    const refusal = putRecordTime(times, ['utc', 'local'], event, context)
    if (refusal instanceof Refusal) return refusal
    event['event.dataset'] = 'opencanary.log'
    keep(record, event, (name) => `opencanary.${name}`)
    classify(event, { category: ['intrusion_detection', 'network'], type: ['info'], action: String(type) })
    event['event.kind'] = 'alert'
    event['event.code'] = String(type)
    event['observer.name'] = record['node_id']
    const data = part(record['logdata'])
    putAccount(event, text(data?.['USERNAME']))
    put(event, 'user_agent.original', text(data?.['USERAGENT']))
    for (const [side, prefix] of [
      ['source', 'src'],
      ['destination', 'dst'],
    ] as const) {
      const port = record[`${prefix}_port`]
      putPeer(
        event,
        side,
        text(record[`${prefix}_host`]) ?? '',
        typeof port === 'number' || typeof port === 'string' ? port : undefined,
      )
    }
    return true
  },
} satisfies JsonParser
