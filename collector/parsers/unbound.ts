import { classify, put, putPeer } from '../fields.ts'
import { putQuestion } from '../network-events.ts'
import type { TextParser } from '../parser.ts'

// Unbound with `log-queries: yes` (unbound.conf(5)): `[PID:THREAD] info: ADDRESS NAME. TYPE CLASS`; with `log-replies`, what was
// answered stands behind. Unbound is the resolver of pfSense and OPNsense.
const FRONT = /^\[\d{1,10}:[0-9a-f]{1,10}\] (\w{1,16}): /
const QUERY =
  /^([0-9A-Fa-f.:]{2,45}) (\S{1,1024}) ([A-Z0-9]{1,16}) ([A-Z0-9]{1,16})(?: ([A-Z]{3,16}) \d{1,10}\.\d{1,10} [01] \d{1,10})?$/

export default {
  layer: 'text',
  precedence: 313,
  programs: ['unbound'],

  parse({ text }, event, { stream }) {
    event['event.dataset'] = /^(?:pfsense|opnsense)/.test(stream) ? 'pfsense.log' : 'unbound.log'
    put(event, 'message', text)
    event['event.provider'] = 'unbound'
    event['network.protocol'] = 'dns'
    const front = FRONT.exec(text)
    put(event, 'log.level', front?.[1])
    const query = QUERY.exec(text.slice(front?.[0].length ?? 0))
    classify(event, { category: ['network'], type: [query === null ? 'info' : 'connection'] })
    if (query === null) return true
    putPeer(event, 'source', query[1]!)
    put(event, 'client.address', event['source.ip'])
    put(event, 'client.ip', event['source.ip'])
    event['dns.type'] = query[5] === undefined ? 'question' : 'answer'
    putQuestion(event, query[2]!, query[3], query[4])
    put(event, 'dns.response_code', query[5])
    return true
  },
} satisfies TextParser
