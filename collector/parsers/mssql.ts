import { classify, put, putPeer } from '../fields.ts'
import type { TextParser } from '../parser.ts'
import { Refusal } from '../refusal.ts'
import { instant, isoTime, type WallClock } from '../time.ts'

// SQL Server's ERRORLOG: `YYYY-MM-DD hh:mm:ss.cc SOURCE      MESSAGE`, the source padded to 12 columns. In the lines of a log-in
// the user name is the client's; the address is read from the last `[CLIENT: `.
const LINE =
  /^(\d{4})-(\d\d)-(\d\d) (\d\d):(\d\d):(\d\d)\.(\d\d) (Server|Logon|Backup|spid\d{1,6}s?|Error|Recovery) {1,12}(.*)$/s
const LOGIN = /^Login (succeeded|failed) for user '/

export default {
  layer: 'text',
  precedence: 340,

  parse({ text }, event, { zone }) {
    const line = LINE.exec(text)
    if (line === null) return false
    const [year, month, day, hour, minute, second, hundredth] = line.slice(1, 8).map(Number) as Required<WallClock>
    const ms = instant([year, month, day, hour, minute, second, hundredth * 10], zone)
    if (ms === undefined) return new Refusal('bad_time', `no such time: ${text.slice(0, 22)}, at offset 0`)
    event['@timestamp'] = isoTime(ms)
    event['event.dataset'] = 'microsoft_sqlserver.log'
    classify(event, { category: ['database'], type: ['info'] })
    event['microsoft_sqlserver.log.origin'] = line[8]!
    const said = line[9]!
    put(event, 'message', said)
    const fault = /^Error: (\d{1,6}), Severity: (\d{1,3}), State: (\d{1,4})/.exec(said)
    if (fault !== null) {
      event['event.type'] = ['error']
      event['event.code'] = fault[1]!
      event['event.severity'] = Number(fault[2])
      event['microsoft_sqlserver.log.state'] = Number(fault[3])
    }
    const login = LOGIN.exec(said)
    if (login === null) return true
    const client = said.lastIndexOf('[CLIENT: ')
    const from = client < 0 ? undefined : /^\[CLIENT: ([0-9A-Fa-f.:%]{2,64})\]/.exec(said.slice(client))?.[1]
    putPeer(event, 'source', from ?? '')
    const start = login[0].length
    // The server's sentence follows the name; the last of its known beginnings ends it.
    const end = Math.max(
      said.lastIndexOf("'. Reason: "),
      said.lastIndexOf("'. Connection made "),
      said.lastIndexOf("'. [CLIENT: "),
    )
    const name = end > start ? said.slice(start, end) : /^([^']{1,256})'/.exec(said.slice(start))?.[1]
    const slash = name?.indexOf('\\') ?? -1
    if (slash > 0) event['user.domain'] = name!.slice(0, slash)
    put(event, 'user.name', name?.slice(slash + 1))
    classify(event, {
      category: ['database', 'authentication'],
      type: ['start'],
      action: 'login',
      outcome: login[1] === 'failed' ? 'failure' : 'success',
    })
    return true
  },
} satisfies TextParser
