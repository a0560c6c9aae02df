import { classify, integer, put, putPeer } from '../fields.ts'
import { putQuestion } from '../network-events.ts'
import type { TextParser } from '../parser.ts'

// CoreDNS (coredns.io/plugins/log): `[INFO] IP:PORT - ID "TYPE CLASS NAME PROTO SIZE DO BUFSIZE" RCODE FLAGS RSIZE DURATION[ "OPCODE"]`, and
// plugin/errors: `[ERROR] plugin/errors: RCODE NAME TYPE: ERROR`.
const LEVEL = /^(?:\d{4}-\d\d-\d\dT[\d:.]{8,20}Z? )?\[(INFO|ERROR|WARNING|DEBUG)\] /
const QUERY =
  /^(\S{2,64}):(\d{1,5}) - (\d{1,5}) "([A-Z0-9-]{1,16}) ([A-Z0-9]{1,16}) (\S{1,1024}) (udp|tcp|https|grpc) (\d{1,8}) (true|false) (\d{1,8})" ([A-Z]{1,16}|-) (\S{1,64}) (\d{1,8}) ([\d.]{1,20})s(?: "(\d{1,2})")?/
const FAILED = /^plugin\/errors: (\d{1,5}) (\S{1,1024}) ([A-Z0-9-]{1,16}): (.*)$/s
const PLUGIN = /^(plugin\/[a-z0-9_]{1,32}): /

export default {
  layer: 'text',
  precedence: 310,
  programs: ['coredns', ''],

  parse({ text, program }, event, { stream }) {
    const level = LEVEL.exec(text)
    const rest = level === null ? text : text.slice(level[0].length)
    const query = level === null ? null : QUERY.exec(rest)
    const plugin = level === null ? null : PLUGIN.exec(rest)
    if (query === null && plugin === null && program !== 'coredns' && !stream.includes('coredns')) return false
    event['event.dataset'] = 'coredns.log'
    classify(event, { category: ['network'], type: ['protocol'] })
    event['network.protocol'] = 'dns'
    put(event, 'message', rest)
    put(event, 'log.level', level?.[1]?.toLowerCase())
    put(event, 'log.logger', plugin?.[1])
    if (query !== null) {
      putPeer(event, 'source', query[1]!.replace(/^\[|\]$/g, ''), query[2])
      event['dns.id'] = query[3]!
      event['dns.type'] = 'answer'
      putQuestion(event, query[6]!, query[4], query[5])
      event['network.transport'] = query[7] === 'udp' ? 'udp' : 'tcp'
      event['network.iana_number'] = query[7] === 'udp' ? '17' : '6'
      put(event, 'dns.op_code', query[15])
      event['source.bytes'] = Number(query[8])
      event['coredns.log.dnssec_ok'] = query[9] === 'true'
      event['coredns.log.buffer_size'] = Number(query[10])
      const flags = query[12]!.split(',').filter((flag) => /^(?:aa|tc|rd|ra|ad|cd)$/.test(flag))
      if (flags.length > 0) event['dns.header_flags'] = flags.map((flag) => flag.toUpperCase())
      event['destination.bytes'] = Number(query[13])
      event['network.bytes'] = Number(query[8]) + Number(query[13])
      event['event.duration'] = Math.round(Number(query[14]) * 1e9)
      if (query[11] === '-') return true
      event['dns.response_code'] = query[11]!
      event['event.outcome'] = query[11] === 'NOERROR' ? 'success' : 'failure'
      return true
    }
    const failed = FAILED.exec(rest)
    if (failed === null || integer(failed[1]) === undefined) return true
    event['dns.response_code'] = failed[1]!
    putQuestion(event, failed[2]!, failed[3])
    put(event, 'coredns.log.error.message', failed[4])
    event['event.outcome'] = 'failure'
    return true
  },
} satisfies TextParser
