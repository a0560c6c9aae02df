import { classify, put, putPeer } from '../fields.ts'
import type { TextParser } from '../parser.ts'
import { Refusal } from '../refusal.ts'
import { isoTime, parseIso } from '../time.ts'

// mongod and mongos up to 4.2 (manual, «Log Messages»): `TIME SEVERITY COMPONENT [CONTEXT] MESSAGE`; severities F, E, W, I, D or D1-D5.
const LINE =
  /^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}(?:Z|[+-]\d{4})) ([FEWI]|D[1-5]?) {1,2}([A-Z_-]{1,16}) {1,12}\[([^\]]{1,128})\] (.*)$/s
const PEER = /^(?:connection accepted from|end connection|received client metadata from) (\S{2,64}):(\d{1,5})(?: |$)/
const LOGIN = /^Successfully authenticated as principal (\S{1,256}) on (\S{1,128})/
const DENIED = /^SASL (\S{1,32}) authentication failed for (\S{1,256}) on (\S{1,128}) from client (\S{2,64}):(\d{1,5})/

export default {
  layer: 'text',
  precedence: 322,

  parse({ text }, event, { zone }) {
    const line = LINE.exec(text)
    if (line === null) return false
    const [, time, severity, component, context, said] = line as unknown as [
      string,
      string,
      string,
      string,
      string,
      string,
    ]
    const ms = parseIso(time, zone)
    if (ms === undefined) return new Refusal('bad_time', `no such time: ${time}, at offset 0`)
    event['@timestamp'] = isoTime(ms)
    event['event.dataset'] = 'mongodb.log'
    classify(event, { category: ['database'], type: [severity === 'E' || severity === 'F' ? 'error' : 'info'] })
    event['log.level'] = severity
    event['mongodb.log.component'] = component
    event['mongodb.log.context'] = context
    put(event, 'message', said)
    const peer = component === 'NETWORK' ? PEER.exec(said) : null
    if (peer !== null) putPeer(event, 'source', peer[1]!, peer[2])
    if (component !== 'ACCESS') return true
    const login = LOGIN.exec(said)
    const denied = login === null ? DENIED.exec(said) : null
    if (login === null && denied === null) return true
    put(event, 'user.name', login?.[1] ?? denied?.[2])
    put(event, 'mongodb.log.database', login?.[2] ?? denied?.[3])
    if (denied !== null) putPeer(event, 'source', denied[4]!, denied[5])
    classify(event, {
      category: ['database', 'authentication'],
      type: ['start'],
      action: 'login',
      outcome: login === null ? 'failure' : 'success',
    })
    return true
  },
} satisfies TextParser
