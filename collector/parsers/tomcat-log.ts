import { classify, put } from '../fields.ts'
import type { TextParser } from '../parser.ts'
import { Refusal } from '../refusal.ts'
import { instant, isoTime, millis, monthOf } from '../time.ts'

// Tomcat's own logs (JULI's OneLineFormatter): `DD-Mon-YYYY hh:mm:ss.mmm LEVEL [thread] class.method TEXT`, and below it the stack trace.
// Containers log their web applications to localhost.*.log, all else goes to catalina.*.log; the class tells which.
const LINE =
  /^(\d\d)-([A-Z][a-z]{2})-(\d{4}) (\d\d):(\d\d):(\d\d)(?:\.(\d{3}))? (SEVERE|WARNING|INFO|CONFIG|FINE|FINER|FINEST) \[([^\]]{1,256})\] ((\S{1,512}) ?([^\n]*))(?:\n(.*))?$/s
const OF_CONTAINER =
  /^org\.apache\.catalina\.core\.(?:ApplicationContext|StandardWrapperValve|StandardContextValve|StandardHostValve)\./

export default {
  layer: 'text',
  precedence: 96,

  parse({ text }, event, { zone, stream }) {
    const line = LINE.exec(text)
    if (line === null) return false
    const wall = [
      Number(line[3]),
      monthOf(line[2]!) ?? 0,
      Number(line[1]),
      Number(line[4]),
      Number(line[5]),
      Number(line[6]),
      millis(line[7]),
    ] as const
    const ms = instant([...wall], zone)
    if (ms === undefined) return new Refusal('bad_time', `no such time: ${text.slice(0, 20)}, at offset 0`)
    event['@timestamp'] = isoTime(ms)
    const level = line[8]!
    const log =
      stream.includes('catalina') || (!stream.includes('localhost') && !OF_CONTAINER.test(line[11]!))
        ? 'catalina'
        : 'localhost'
    event['event.dataset'] = `apache_tomcat.${log}`
    classify(event, { category: ['web'], type: [level === 'SEVERE' ? 'error' : 'info'] })
    event['log.level'] = level.toLowerCase()
    event[`apache_tomcat.${log}.subsystem`] = line[9]!
    event['log.logger'] = line[11]!
    put(event, 'message', line[10])
    put(event, 'error.stack_trace', line[13])
    return true
  },
} satisfies TextParser
