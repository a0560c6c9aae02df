import type { EcsEvent } from '../../model/event.ts'
import { textOf } from '../base64-text.ts'
import { ipOf, put } from '../fields.ts'
import { putLeaf } from '../json-names.ts'
import { flatten, parseRecord, type JsonLeaf, type JsonObject, type JsonValue } from '../json-record.ts'
import type { HeaderParser } from '../parser.ts'
import { Refusal } from '../refusal.ts'
import { putHost } from '../syslog-header.ts'
import { isoTime, parseNanos } from '../time.ts'

/** Names of OpenTelemetry's semantic conventions (1.x, and what they replaced) that ECS calls otherwise. */
const ECS_NAMES: Readonly<Record<string, string>> = {
  'client.address': 'source.address',
  'client.port': 'source.port',
  'cloud.platform': 'cloud.service.name',
  'code.column.number': 'log.origin.file.column',
  'code.file.path': 'log.origin.file.name',
  'code.filepath': 'log.origin.file.name',
  'code.function': 'log.origin.function',
  'code.function.name': 'log.origin.function',
  'code.line.number': 'log.origin.file.line',
  'code.lineno': 'log.origin.file.line',
  'container.image.tags': 'container.image.tag',
  'deployment.environment': 'service.environment',
  'deployment.environment.name': 'service.environment',
  'enduser.id': 'user.id',
  'exception.message': 'error.message',
  'exception.stacktrace': 'error.stack_trace',
  'exception.type': 'error.type',
  'faas.instance': 'faas.id',
  'host.arch': 'host.architecture',
  'http.client_ip': 'source.address',
  'http.method': 'http.request.method',
  'http.request.body.size': 'http.request.body.bytes',
  'http.response.body.size': 'http.response.body.bytes',
  'http.status_code': 'http.response.status_code',
  'http.target': 'url.original',
  'http.url': 'url.full',
  'http.user_agent': 'user_agent.original',
  'k8s.cluster.name': 'orchestrator.cluster.name',
  'k8s.container.name': 'kubernetes.container.name',
  'k8s.daemonset.name': 'kubernetes.daemonset.name',
  'k8s.deployment.name': 'kubernetes.deployment.name',
  'k8s.namespace.name': 'kubernetes.namespace',
  'k8s.node.name': 'kubernetes.node.name',
  'k8s.pod.name': 'kubernetes.pod.name',
  'k8s.pod.uid': 'kubernetes.pod.uid',
  'k8s.statefulset.name': 'kubernetes.statefulset.name',
  'log.record.uid': 'event.id',
  'network.protocol.name': 'network.protocol',
  'os.build_id': 'host.os.kernel',
  'os.description': 'host.os.full',
  'os.name': 'host.os.name',
  'os.type': 'host.os.type',
  'os.version': 'host.os.version',
  'process.command_args': 'process.args',
  'process.executable.name': 'process.name',
  'process.executable.path': 'process.executable',
  'process.owner': 'process.user.name',
  'process.parent_pid': 'process.parent.pid',
  'service.instance.id': 'service.node.name',
  'syslog.facility.code': 'log.syslog.facility.code',
  'syslog.msg.id': 'log.syslog.msgid',
  'syslog.procid': 'log.syslog.procid',
  'syslog.severity.code': 'log.syslog.severity.code',
  'thread.id': 'process.thread.id',
  'thread.name': 'process.thread.name',
}

/** SeverityNumber, logs data model: four to each word, rising. */
const LEVELS = ['trace', 'debug', 'info', 'warn', 'error', 'fatal'] as const

/**
 * A record of OTLP (its form: `collector/otlp.ts`): what OpenTelemetry knows of it, and then its body, which goes to the
 * parser whose line, or JSON, it is.
 */
export default {
  layer: 'header',
  precedence: 6,
  envelope: 'generic.otlp',

  claims: (text) => text.startsWith('{"otlp":{'),

  parse(text, event) {
    const whole = parseRecord(text)
    if (whole instanceof Refusal) return whole
    const record = objectIn(whole, 'otlp')
    const atMs = parseNanos(record['timeUnixNano']) ?? parseNanos(record['observedTimeUnixNano'])
    if (atMs !== undefined) event['@timestamp'] = isoTime(atMs)
    const scope = objectIn(record, 'scope')
    const resource = objectIn(record, 'resource')
    const attributes = objectIn(record, 'attributes')
    // The nearer to the record, the later, hence the stronger.
    flatten(resource, '', (name, value) => putNamed(event, name, value))
    put(event, 'log.logger', textOf(scope['name']))
    put(event, 'otel.scope.version', textOf(scope['version']))
    flatten(objectIn(scope, 'attributes'), 'otel.scope', (name, value) => putLeaf(event, name, value))
    flatten(attributes, '', (name, value) => putNamed(event, name, value))
    putSeverity(event, record)
    put(event, 'event.action', textOf(record['eventName']) ?? textOf(attributes['event.name']))
    put(event, 'trace.id', textOf(record['traceId']))
    put(event, 'span.id', textOf(record['spanId']))
    const { droppedAttributesCount: dropped } = record
    if (typeof dropped === 'number') event['otel.dropped_attributes_count'] = dropped
    return { text: lineOf(record['body']), program: programOf(attributes, resource) }
  },
} satisfies HeaderParser

function objectIn(record: JsonObject, name: string): JsonObject {
  const value = record[name]
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? value : {}
}

function putNamed(event: EcsEvent, name: string, value: JsonLeaf): void {
  if (name === 'host.name' && typeof value === 'string') return putHost(event, value)
  if (name === 'event.name') return
  const ecsName = Object.hasOwn(ECS_NAMES, name) ? ECS_NAMES[name]! : name
  putLeaf(event, ecsName, value)
  if (ecsName === 'source.address' || ecsName === 'destination.address') {
    const ip = typeof value === 'string' ? ipOf(value) : undefined
    if (ip !== undefined) event[ecsName.replace('address', 'ip')] = ip
  }
}

/** `log.level` is the level as the program calls it, or else OpenTelemetry's word for the number. */
function putSeverity(event: EcsEvent, { severityNumber: number, severityText }: JsonObject): void {
  put(event, 'log.level', textOf(severityText)?.toLowerCase())
  if (typeof number !== 'number' || number < 1 || number > 24) return
  event['event.severity'] = number
  event['log.level'] ??= LEVELS[(number - 1) >> 2]!
}

function lineOf(body: JsonValue | undefined): string {
  if (body === undefined || body === null) return ''
  return textOf(body) ?? JSON.stringify(body)
}

/** Who said it, as a syslog header would name it. */
function programOf(attributes: JsonObject, resource: JsonObject): string {
  for (const holder of [attributes, resource]) {
    for (const name of ['appname', 'process.executable.name', 'service.name']) {
      const value = holder[name]
      if (typeof value === 'string' && value !== '') return value.toLowerCase()
    }
  }
  return ''
}
