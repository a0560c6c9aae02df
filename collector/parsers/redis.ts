import { classify, put } from '../fields.ts'
import type { Context, TextParser } from '../parser.ts'
import { Refusal } from '../refusal.ts'
import { inferYear, instant, isoTime, millis, monthOf, parseEpoch } from '../time.ts'

// Redis, Valkey and Sentinel. Since 3.0 `PID:ROLE TIME LEVEL MESSAGE`, before `[PID] TIME LEVEL MESSAGE`, first without a pid; the year is there
// since 4.0. A signal handler writes `PID:signal-handler (EPOCH) MESSAGE`. Times are the host's own clock.
const LINE =
  /^(?:(\d{1,10}):([XCSM]) |\[(\d{1,10})\] )?(\d{1,2}) ([A-Z][a-z]{2})(?: (\d{4}))? (\d\d):(\d\d):(\d\d)(?:\.(\d{3}))? ([.*#-]) (.*)$/s
const SIGNAL = /^(\d{1,10}):signal-handler \((\d{1,12})\) (.*)$/s
const ROLES: { readonly [letter: string]: string } = { X: 'sentinel', C: 'child', S: 'slave', M: 'master' }
const LEVELS: { readonly [sign: string]: string } = { '.': 'debug', '-': 'verbose', '*': 'notice', '#': 'warning' }

export default {
  layer: 'text',
  precedence: 323,

  parse({ text }, event, context) {
    const line = LINE.exec(text)
    const signal = line === null ? SIGNAL.exec(text) : null
    if (line === null && signal === null) return false
    const ms = line === null ? parseEpoch(Number(signal![2])) : timeOf(line, context)
    if (ms === undefined) return new Refusal('bad_time', `no such time: ${text.slice(0, 40)}`)
    event['@timestamp'] = isoTime(ms)
    event['event.dataset'] = 'redis.log'
    classify(event, { category: ['database'], type: ['info'] })
    const pid = line?.[1] ?? line?.[3] ?? signal?.[1]
    if (pid !== undefined) event['process.pid'] = Number(pid)
    if (line !== null) {
      put(event, 'redis.log.role', ROLES[line[2] ?? ''])
      event['log.level'] = LEVELS[line[11]!]!
    }
    put(event, 'message', line?.[12] ?? signal?.[3])
    return true
  },
} satisfies TextParser

function timeOf(line: RegExpExecArray, { receivedAtMs, zone }: Context): number | undefined {
  const wall = [
    monthOf(line[5]!) ?? 0,
    Number(line[4]),
    Number(line[7]),
    Number(line[8]),
    Number(line[9]),
    millis(line[10]),
  ] as const
  return line[6] === undefined ? inferYear(wall, receivedAtMs, zone) : instant([Number(line[6]), ...wall], zone)
}
