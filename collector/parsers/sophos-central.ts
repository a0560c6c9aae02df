import type { EcsEvent } from '../../model/event.ts'
import { addRelated, classify, ipOf, put, putPeer } from '../fields.ts'
import { accountOf } from '../firewall.ts'
import { flatten } from '../json-record.ts'
import type { JsonLeaf } from '../json-record.ts'
import type { JsonParser } from '../parser.ts'
import { isoTime, parseIso } from '../time.ts'

// Sophos Central SIEM API, `GET /siem/v1/alerts` and `/events`: objects with the tenant, the endpoint and when it was; an alert has its
// details below `data`.

export default {
  layer: 'json',
  precedence: 48,

  parse(record, event, { zone }) {
    if (!('customer_id' in record) || !('when' in record) || !('type' in record)) return false
    const alert = 'data' in record
    if (!alert && !('endpoint_id' in record)) return false
    const leaves = new Map<string, string>()
    flatten(record, '', (name, value: JsonLeaf) => {
      const text = Array.isArray(value) ? JSON.stringify(value) : String(value)
      if (/^[\w.]{1,128}$/.test(name) && leaves.size < LEAVES_MAX) leaves.set(name, text)
    })
    const get = (...names: string[]): string =>
      names.map((name) => leaves.get(name) ?? '').find((value) => value !== '') ?? ''
    const kind = alert ? 'alert' : 'event'
    event['event.dataset'] = `sophos_central.${kind}`
    event['event.kind'] = alert ? 'alert' : 'event'
    const ms = parseIso(get('when', 'created_at'), zone)
    if (ms !== undefined) event['@timestamp'] = isoTime(ms)
    classify(event, { category: ['host'], type: ['info'] })
    put(event, 'event.code', get('type'))
    put(event, 'message', get('description', 'name'))
    if (!alert) put(event, 'event.action', get('name'))
    for (const [name, value] of leaves) event[`sophos_central.${kind}.${name}`] = value
    const { name, domain } = accountOf(get('source'))
    put(event, 'user.name', name)
    put(event, 'user.domain', domain)
    put(event, 'user.id', get('user_id'))
    put(event, 'host.name', get('location', 'data.endpoint_name').toLowerCase())
    putThreat(event, get)
    return true
  },
} satisfies JsonParser

const LEAVES_MAX = 512

function putThreat(event: EcsEvent, get: (...names: string[]) => string): void {
  putPeer(event, 'source', get('source_info.ip', 'data.source_info.ip'), get('ips_threat_data.localPort'))
  putPeer(
    event,
    'destination',
    get('ips_threat_data.remoteIp', 'data.ips_threat.remote_ip'),
    get('ips_threat_data.remotePort', 'data.ips_threat.remote_port'),
  )
  for (const name of ['core_remedy_items.ip', 'data.source_info.ip'])
    addRelated(event, 'related.ip', ipOf(get(name)) ?? '')
  put(event, 'process.name', get('amsi_threat_data.processName', 'data.hmpa_exploit.process_name'))
  put(event, 'process.executable', get('ips_threat_data.executablePath', 'data.ips_threat.executable_name'))
  put(event, 'process.parent.executable', get('amsi_threat_data.parentProcessPath'))
  const pid = Number(get('ips_threat_data.executablePid', 'data.hmpa_exploit.process_pid') || Number.NaN)
  if (Number.isSafeInteger(pid)) event['process.pid'] = pid
  put(event, 'process.hash.sha256', get('appSha256', 'data.appSha256'))
  put(event, 'threat.indicator.name', get('threat'))
}
