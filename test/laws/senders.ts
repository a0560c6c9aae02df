import { randomInt, randomUUID } from 'node:crypto'
import { connect } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'

/** What became of the lines that a sender sent. Every line carries a text that no other line has. */
export interface Sent {
  /** Acknowledged: must be stored. */
  acknowledged: Set<string>
  /** Given to the connection; nobody promised anything. */
  sent: Set<string>
  /** Lines in requests or connections that broke before an answer. */
  inFlight: number
}

/** One line of an attack on sshd, so that there is something to raise; every tenth is a success. */
function line(marker: string, i: number): string {
  const address = `203.0.113.${(i >> 5) % 200}`
  const said = i % 10 === 9 ? 'Accepted password for' : 'Failed password for'
  const now = new Date().toISOString()
  return `<38>1 ${now} motcua-web${i % 3} sshd ${1000 + (i % 60_000)} ${marker} - ${said} nguyễn${i % 7} from ${address} port ${1024 + (i % 60_000)} ssh2`
}

/** Nobody listened: not a byte was sent, so nothing is in flight. Stands for an answer that says «later». */
const REFUSED = new Response(null, { status: 503 })

function refused({ cause }: Error): boolean {
  return (cause as { code?: string } | undefined)?.code === 'ECONNREFUSED'
}

/** Posts batches until stopped. With `keyed`, a broken request is sent again with its Idempotency-Key until it is answered. */
export async function sendHttp(options: {
  url: string
  token: string
  name: string
  keyed: boolean
  stopped: () => boolean
}): Promise<Sent> {
  const { url, token, name, keyed, stopped } = options
  const result: Sent = { acknowledged: new Set(), sent: new Set(), inFlight: 0 }
  for (let batch = 0; !stopped(); batch++) {
    await sleep(randomInt(1, 20)) // a law is held by any rate; what cannot settle in time only takes longer
    const markers = Array.from({ length: randomInt(1, 60) }, (_, i) => `${name}-${batch}-${i}`)
    const body = markers.map((marker, i) => line(marker, batch * 60 + i)).join('\n')
    for (const marker of markers) result.sent.add(marker)
    const key = randomUUID()
    for (;;) {
      const answer = await fetch(`${url}/ingest/${name}`, {
        method: 'POST',
        headers: {
          authorization: `Bearer ${token}`,
          'content-type': 'text/plain; charset=utf-8',
          ...(keyed && { 'idempotency-key': key }),
        },
        body,
      }).catch((error: Error) => (refused(error) ? REFUSED : null))
      if (answer?.status === 200) {
        for (const marker of markers) result.acknowledged.add(marker)
        break
      }
      if (answer !== null && ![429, 503].includes(answer.status))
        throw new Error(`${answer.status}: ${await answer.text()}`)
      if (!keyed && answer === null) {
        result.inFlight += markers.length
        break // nobody knows whether it came through; sent again it might be there twice
      }
      await sleep(100)
      if (stopped() && answer === null) await sleep(400)
    }
  }
  return result
}

/** Sends octet-counted syslog over TCP, connecting anew whenever the connection breaks. */
export async function sendTcp(options: { port: number; name: string; stopped: () => boolean }): Promise<Sent> {
  const { port, name, stopped } = options
  const result: Sent = { acknowledged: new Set(), sent: new Set(), inFlight: 0 }
  let i = 0
  while (!stopped()) {
    const socket = connect(port, '127.0.0.1')
    const open = await new Promise<boolean>((resolve) => {
      socket.once('connect', () => resolve(true))
      socket.once('error', () => resolve(false))
    })
    if (!open) {
      await sleep(100)
      continue
    }
    socket.on('error', () => undefined)
    while (!stopped() && !socket.destroyed && socket.writable) {
      const frames = Array.from({ length: randomInt(1, 40) }, () => {
        const marker = `${name}-${i}`
        result.sent.add(marker)
        const text = Buffer.from(line(marker, i++))
        return Buffer.concat([Buffer.from(`${text.length} `), text])
      })
      socket.write(Buffer.concat(frames))
      await sleep(randomInt(10, 40))
    }
    if (stopped()) {
      await new Promise<void>((resolve) => socket.end(() => resolve()))
    }
  }
  return result
}
