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
  {
    stream: 'iis/access',
    fields: ['url.original'],
    reason: 'path and query, as for every other server: rules look for attacks there',
  },
  {
    stream: 'postgresql/log',
    fields: ['event.type', 'event.category'],
    reason: 'ERROR and FATAL are errors in every format, and a log-in is authentication',
  },
  {
    stream: 'mysql_enterprise/audit',
    fields: ['event.category'],
    reason: 'a log-in is authentication, not only a connection',
  },
  {
    stream: 'windows',
    fields: ['process.executable', 'process.name', 'source.port'],
    only: ({ theirs }) => theirs === '-' || theirs === '0',
    reason: 'what Windows writes where there is nothing is absent',
  },
  {
    stream: 'apache/access',
    fields: ['user.name', 'http.request.referrer'],
    only: ({ theirs }) => theirs === '-',
    reason: 'what the log writes where there is nothing is absent',
  },
  {
    stream: 'windows/sysmon_operational',
    fields: ['related.hosts'],
    reason: 'the host itself is related, too',
  },
  {
    stream: 'trendmicro',
    fields: ['event.type'],
    only: ({ theirs }) => theirs === 'access | allowed | connection | denied | info',
    reason: 'no event is allowed and denied at once: a line with a verdict has that verdict alone',
  },
  {
    stream: 'modsecurity',
    fields: ['url.original', 'url.query'],
    reason: 'path and query as the client sent them: rules look for attacks there',
  },
]
