import { deviceTime } from '../device-time.ts'
import { addRelated, ipOf, put, putPeer, putPort } from '../fields.ts'
import { judge, observe, passed, putNumber, putSourceUser, putTransport } from '../firewall.ts'
import { flatten } from '../json-record.ts'
import { putPath } from '../network-events.ts'
import type { JsonParser } from '../parser.ts'
import { isoTime, parseIso } from '../time.ts'

// F5 BIG-IP Telemetry Streaming, «Event Listener»: one flat object an event, its module in telemetryEventCategory: LTM requests, ASM (web
// application firewall), AFM (network firewall), APM (access).
const FIELDS: { readonly [name: string]: string } = {
  method: 'http.request.method',
  http_method: 'http.request.method',
  http_referrer: 'http.request.referrer',
  http_user_agent: 'user_agent.original',
  http_version: 'http.version',
  application: 'network.application',
  device_id: 'host.id',
  acl_rule_name: 'rule.name',
  policy_name: 'rule.ruleset',
  attack_type: 'threat.technique.name',
  virus_name: 'threat.indicator.name',
  source_fqdn: 'source.domain',
  dest_fqdn: 'destination.domain',
  source_user_group: 'source.user.group.name',
  session_id: 'f5_bigip.log.session.id',
}
const HOSTS = [
  'route_domain',
  'ip_with_route_domain',
  'unit_hostname',
  'hostname',
  'source_fqdn',
  'dest_fqdn',
  'device_id',
]

export default {
  layer: 'json',
  precedence: 47,

  parse(record, event, context) {
    const module = record['telemetryEventCategory']
    if (typeof module !== 'string') return false
    const get = (...names: string[]): string => {
      for (const name of names) {
        const value = record[name]
        if (typeof value === 'string' && value !== '' && value !== 'N/A') return value
        if (typeof value === 'number') return String(value)
      }
      return ''
    }
    event['event.dataset'] = 'f5_bigip.log'
    observe(event, 'F5', 'BIG-IP', get('hostname', 'unit_hostname'), module === 'AFM' ? 'firewall' : 'waf')
    event['event.category'] = ['network']
    event['event.type'] = ['info']
    const stamp = get('event_timestamp', 'date_time', 'timestamp', 'req_start_time')
    const ms = parseIso(stamp.replaceAll('/', '-'), context.zone) ?? deviceTime(stamp, context)
    if (ms !== undefined) event['@timestamp'] = isoTime(ms)
    for (const [name, field] of Object.entries(FIELDS)) put(event, field, get(name))
    put(event, 'host.name', get('hostname', 'unit_hostname').toLowerCase())
    const [client, server] = [get('ip_client', 'client_ip', 'src_ip'), get('server_ip', 'vip')]
    put(event, 'client.ip', ipOf(client))
    put(event, 'server.ip', ipOf(server))
    // The named ends of a connection; a request's client is one as well.
    putPeer(event, 'source', get('source_ip') || client, get('source_port', 'src_port'))
    putPeer(event, 'destination', get('dest_ip') || server, get('dest_port', 'node_port'))
    putPort(event, 'source.port', get('source_port', 'src_port'))
    put(event, 'source.nat.ip', ipOf(get('translated_source_ip')))
    putPort(event, 'source.nat.port', get('translated_source_port'))
    put(event, 'destination.nat.ip', ipOf(get('translated_dest_ip')))
    putPort(event, 'destination.nat.port', get('translated_dest_port'))
    putTransport(event, get('ip_protocol'))
    put(event, 'network.protocol', get('protocol').toLowerCase() || (get('http_method') === '' ? '' : 'http'))
    if (get('source_user') !== '') putSourceUser(event, get('source_user'))
    put(event, 'user.name', get('source_user', 'username'))
    const uri = get('http_uri', 'uri')
    if (uri !== '') {
      event['url.original'] = uri
      putPath(event, uri)
    }
    put(event, 'url.query', get('query_string'))
    putNumber(event, 'http.response.status_code', get('http_status', 'response_code'))
    putNumber(event, 'network.bytes', get('bytes_out'))
    for (const name of ['x_forwarded_for_header_value', 'bigip_mgmt_ip', 'management_ip_address', 'node']) {
      addRelated(event, 'related.ip', ipOf(get(name)) ?? '')
    }
    for (const name of HOSTS) addRelated(event, 'related.hosts', get(name))
    flatten(record, '', (name, value) => {
      if (FIELDS[name] === undefined && /^\w{1,128}$/.test(name))
        event[`f5_bigip.log.${name.toLowerCase()}`] = Array.isArray(value) ? JSON.stringify(value) : String(value)
    })
    const word = get('action', 'request_status')
    if (word !== '') {
      judge(event, word, passed(word), ['info'])
      event['event.type'] = ['info']
      put(event, 'event.action', get('action'))
    }
    return true
  },
} satisfies JsonParser
