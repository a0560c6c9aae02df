import { putLeaf } from '../json-names.ts'
import { part } from '../json-parts.ts'
import { flatten } from '../json-record.ts'
import type { JsonParser } from '../parser.ts'

/** Gauges of Tomcat's JMX exporter, one object a scrape: kept as they are, since a counter is no event but may tell of one. */
export default {
  layer: 'json',
  precedence: 53,

  parse(record, event) {
    const prometheus = part(record['prometheus'])
    const metrics = part(prometheus?.['metrics'])
    if (prometheus === undefined || metrics === undefined) return false
    const first = Object.keys(metrics).find((name) => name.startsWith('Catalina_'))
    if (first === undefined) return false
    const area = /^Catalina_([A-Za-z]{1,64})_/.exec(first)?.[1] ?? ''
    event['event.dataset'] = `apache_tomcat.${Object.hasOwn(AREAS, area) ? AREAS[area]! : 'metrics'}`
    event['event.kind'] = 'metric'
    event['event.category'] = ['web']
    event['event.type'] = ['info']
    flatten(prometheus, '', (name, value) => putLeaf(event, `apache_tomcat.${name}`, value))
    return true
  },
} satisfies JsonParser

const AREAS: { readonly [bean: string]: string } = {
  WebResourceRoot: 'cache',
  DataSource: 'connection_pool',
  GlobalRequestProcessor: 'request',
  Manager: 'session',
  ThreadPool: 'thread_pool',
}
