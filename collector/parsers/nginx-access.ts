import type { EcsEvent } from '../../model/event.ts'
import { integer, ipOf, put } from '../fields.ts'
import type { TextParser } from '../parser.ts'
import { Refusal } from '../refusal.ts'
import { putAccess, readAccess } from '../web-access.ts'

/**
 * nginx's `combined` and its usual extensions; also what combined lines count as whose server nobody names. The ingress controller of
 * Kubernetes is known by what it adds (ingress-nginx, «Log format»): length and time of the request, upstream names in brackets,
 * addresses, lengths, times and states of the upstreams, and the request's id.
 */
export default {
  layer: 'text',
  precedence: 110,

  parse({ text }, event) {
    const line = readAccess(text)
    if (line === null) return false
    const known = putAccess(line, event)
    const ingress = line.rest === '' ? null : INGRESS.exec(line.rest)
    event['event.dataset'] = ingress === null ? 'nginx.access' : 'nginx_ingress_controller.access'
    if (ingress !== null) putIngress(ingress, event)
    else if (line.clients.length > 1) event['nginx.access.remote_ip_list'] = line.clients.slice(0, 32)
    return known || new Refusal('bad_time', `no such time: ${line.time}`)
  },
} satisfies TextParser

/** One value, or several with commas: a request that was tried at several upstreams. */
const LIST = String.raw`(-|[\w.:[\]]{1,64}(?: ?[,:] [\w.:[\]]{1,64}){0,15})`
const INGRESS = new RegExp(
  String.raw`^(\d{1,12}) ([\d.]{1,16}) \[([^\]]{0,256})\] \[([^\]]{0,256})\] ${LIST} ${LIST} ${LIST} ${LIST} ([0-9a-f]{32}|-)$`,
)

function putIngress(ingress: RegExpExecArray, event: EcsEvent): void {
  const [, length, time, name, alternative, addresses, lengths, times, states, id] = ingress
  const at = 'nginx_ingress_controller.access'
  event['event.type'] = ['info']
  event['http.request.bytes'] = Number(length)
  event['event.duration'] = Math.round(Number(time) * 1e9)
  if (id !== '-') put(event, 'http.request.id', id)
  if (event['source.address'] !== undefined) event[`${at}.remote_ip_list`] = [event['source.address']]
  put(event, `${at}.upstream.name`, name)
  put(event, `${at}.upstream.alternative_name`, alternative)
  const upstreams = listOf(addresses!)
  if (upstreams.length === 0) return
  event[`${at}.upstream_address_list`] = upstreams
  event[`${at}.upstream.response.length_list`] = listOf(lengths!)
  event[`${at}.upstream.response.time_list`] = listOf(times!)
  event[`${at}.upstream.response.status_code_list`] = listOf(states!)
  // The last one answered.
  const last = upstreams.at(-1)!
  const colon = last.lastIndexOf(':')
  put(event, `${at}.upstream.ip`, ipOf(last.slice(0, colon).replace(/^\[|\]$/g, '')))
  put(event, `${at}.upstream.port`, integer(last.slice(colon + 1)))
  put(event, `${at}.upstream.response.status_code`, integer(listOf(states!).at(-1)))
}

const listOf = (text: string): string[] => (text === '-' ? [] : text.split(/ ?[,:] /))
