import { classify, put } from '../fields.ts'
import type { TextParser } from '../parser.ts'
import { Refusal } from '../refusal.ts'
import { inferYear, isoTime, millis } from '../time.ts'

/**
 * klog, which all of Kubernetes writes (k8s.io/klog, «header»): `LMMDD hh:mm:ss.uuuuuu THREAD FILE:LINE] TEXT`. Lines without a program are
 * the ingress controller's: it is the one whose container output is shipped bare, beside its access log.
 */
const LINE = /^([IWEF])(\d\d)(\d\d) (\d\d):(\d\d):(\d\d)\.(\d{6}) {1,8}(\d{1,10}) ([\w./-]{1,128}):(\d{1,7})\] (.*)$/s

export default {
  layer: 'text',
  precedence: 112,

  parse({ text, program }, event, { receivedAtMs, zone }) {
    const line = LINE.exec(text)
    if (line === null) return false
    const [month, day, hour, minute, second] = line.slice(2, 7).map(Number) as [number, number, number, number, number]
    const ms = inferYear([month, day, hour, minute, second, millis(line[7])], receivedAtMs, zone)
    if (ms === undefined) return new Refusal('bad_time', `no such time: ${text.slice(0, 14)}, at offset 1`)
    event['@timestamp'] = isoTime(ms)
    const ingress = program === '' || program.includes('ingress')
    const at = ingress ? 'nginx_ingress_controller.error' : 'kubernetes.log'
    event['event.dataset'] = at
    const failed = line[1] === 'E' || line[1] === 'F'
    classify(event, { category: [ingress ? 'web' : 'process'], type: [failed ? 'error' : 'info'] })
    event['log.level'] = line[1]!
    event[`${at}.thread_id`] = Number(line[8])
    event[`${at}.source.file`] = line[9]!
    event[`${at}.source.line_number`] = Number(line[10])
    put(event, 'message', line[11])
    return true
  },
} satisfies TextParser
