import type { EcsEvent } from '../model/event.ts'
import { addRelated, ipOf, put } from './fields.ts'

/** The header names the member by its name in the grid or by its address. */
export function putMember(event: EcsEvent): void {
  const name = event['host.hostname']
  if (typeof name !== 'string') return
  const ip = ipOf(name)
  put(event, ip === undefined ? 'host.domain' : 'host.ip', ip ?? name)
  if (ip === undefined) {
    addRelated(event, 'related.hosts', name)
    return
  }
  delete event['host.hostname']
  delete event['host.name']
}
