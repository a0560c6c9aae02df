// Fluent's own client. With acknowledgements an event is sent until it is acknowledged. What to send comes as JSON on stdin.
import { createRequire } from 'node:module'
import { text } from 'node:stream/consumers'
import { setTimeout as sleep } from 'node:timers/promises'

const { folder, host, port, eventMode, tag, sharedKey, lines, pauseMs } = JSON.parse(await text(process.stdin))
const { FluentClient } = createRequire(`${folder}/package.json`)('@fluent-org/logger')
const PART = 200

const client = new FluentClient(tag, {
  eventMode,
  milliseconds: true,
  flushInterval: 20,
  ack: { ackTimeout: 20_000 },
  eventRetry: { attempts: 1_000, minDelay: 200, maxDelay: 1_000 },
  socket: { host, port, reconnect: { minDelay: 100, maxDelay: 500 } },
  ...(sharedKey !== undefined && { security: { clientHostname: 'client', sharedKey } }),
})
client.socketOn('error', () => {}) // it connects again by itself
const sent = []
for (let at = 0; at < lines.length; at += PART) {
  for (const message of lines.slice(at, at + PART)) sent.push(client.emit({ message }))
  await sleep(pauseMs)
}
await Promise.all(sent)
await client.shutdown()
