import { get } from 'node:http'

// Clients of the stream of changes, in a process of their own, so that what they hold is not counted as the server's. The argument is
// JSON: where, and the header of each. Says how many are connected, then once a second how many changes came in all.
interface Task {
  port: number
  authorizations: string[]
}
const { port, authorizations } = JSON.parse(process.argv[2]!) as Task
const EVENT = Buffer.from('event: change\n')
const counts = authorizations.map(() => 0)
let connected = 0

for (const [i, authorization] of authorizations.entries()) {
  get({ host: '127.0.0.1', port, path: '/api/v1/stream', headers: { authorization }, agent: false }, (answer) => {
    if (answer.statusCode !== 200) throw new Error(`the stream answered ${answer.statusCode}`)
    connected++
    let rest = Buffer.alloc(0)
    answer.on('data', (chunk: Buffer) => {
      const bytes = Buffer.concat([rest, chunk])
      let at = 0
      for (let found = bytes.indexOf(EVENT); found >= 0; found = bytes.indexOf(EVENT, at)) {
        counts[i]!++
        at = found + EVENT.length
      }
      rest = bytes.subarray(Math.max(at, bytes.length - EVENT.length + 1))
    })
  })
}
setInterval(() => process.send?.({ connected, least: Math.min(...counts), most: Math.max(...counts) }), 1_000)
process.on('disconnect', () => process.exit(0))
