import type { Difference } from './agreement.ts'

export interface KeptDifference {
  /** Package, or package/stream. */
  stream: string
  fields: readonly string[]
  /** Which of the differences of those fields; all without it. */
  only?: (difference: Difference) => boolean
  reason: string
}

/** Where we say something else than Elastic's pipelines and mean it. They count as not agreeing all the same. */
export const KEPT: readonly KeptDifference[] = [
  {
    stream: 'cisco_asa',
    fields: ['event.action', 'event.type'],
    only: ({ ours }) => ours === 'flow-creation' || ours === 'connection | start',
    reason: 'a built connection is the start of one, not «info» of a rule',
  },
  {
    stream: 'panw',
    fields: ['related.ip', 'source.ip'],
    only: ({ theirs }) => theirs.split(' | ').includes('0.0.0.0'),
    reason: '0.0.0.0 is how the device says that there is no address',
  },
  {
    stream: 'snort',
    fields: ['event.category'],
    reason: 'an alert of an intrusion detection system is of that category',
  },
  {
    stream: 'barracuda',
    fields: ['http.version', 'network.protocol', 'host.ip'],
    reason:
      'http.version is a number without HTTP/, TLS 1.2 is tls.version, and the Host header is no address of the host',
  },
  {
    stream: 'cisco_ios',
    fields: ['event.category', 'event.type'],
    reason: 'a change of configuration, a login and a logout are more than «info» of a network',
  },
]
