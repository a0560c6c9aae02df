import { randomInt } from 'node:crypto'
import { once } from 'node:events'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { decodeMulti, encode } from '@msgpack/msgpack'
import { expect, onTestFinished, test } from 'vitest'
import { freePort, startProductProcess } from '../../bench/product-process.ts'
import { openLocal } from '../../store/local/database.ts'
import { listSources } from '../../store/local/sources.ts'
import { protobuf, requestOf, text } from '../collector/inputs/otlp-request.ts'
import { mintTokens } from '../product/wire.ts'
import { readSpool } from '../read-spool.ts'

const KILLS = 2
const AGENCY = 'hp-so-yt'
const RETRY_MS = 50

interface Sender {
  acknowledged: number
  /** Batches that were sent more than once. */
  again: number
}

/** Sends batch after batch, each until it is answered, until `end`. */
async function sendAll(send: (from: number, count: number) => Promise<boolean>, end: AbortSignal): Promise<Sender> {
  const sender: Sender = { acknowledged: 0, again: 0 }
  while (!end.aborted) {
    const count = randomInt(1, 100)
    let tries = 0
    while (!(await send(sender.acknowledged, count).catch(() => false))) {
      tries++
      await sleep(RETRY_MS)
    }
    if (tries > 0) sender.again++
    sender.acknowledged += count
    await sleep(randomInt(1, 10))
  }
  return sender
}

test('OTLP with a uid, and chunks of Forward, sent until they are acknowledged: each record is stored exactly once, whatever is killed', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'vong-gac-chunks-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  const config = join(folder, 'soc.yaml')
  const [otlpPort, forwardPort] = [await freePort(), await freePort()]
  const inputs = { 'otlp-http': { port: otlpPort }, forward: { port: forwardPort } }
  writeFileSync(config, JSON.stringify({ inputs })) // YAML holds JSON
  let product = await startProductProcess({ SOC_CONFIG: config })
  const { dataFolder, environment } = product
  const { ingest } = mintTokens(dataFolder, AGENCY)
  const end = new AbortController()

  const otlp = async (from: number, count: number): Promise<boolean> => {
    const records = Array.from({ length: count }, (_, i) => ({
      body: { stringValue: `otlp ${from + i}` },
      attributes: [text('log.record.uid', `u${from + i}`)],
    }))
    const headers = { authorization: `Bearer ${ingest}`, 'content-type': 'application/x-protobuf' }
    const body = new Uint8Array(protobuf(requestOf(records)))
    const answer = await fetch(`http://127.0.0.1:${otlpPort}/v1/logs`, { method: 'POST', headers, body })
    return answer.status === 200
  }
  const forward = async (from: number, count: number): Promise<boolean> => {
    const socket = connect(forwardPort, '127.0.0.1')
    try {
      await once(socket, 'connect')
      const entries = Array.from({ length: count }, (_, i) => [1_778_554_798, { message: `forward ${from + i}` }])
      socket.write(encode(['app', entries, { chunk: `c${from}` }]))
      const closed = once(socket, 'close').then(() => [])
      const [bytes] = (await Promise.race([once(socket, 'data'), closed])) as [Buffer?]
      return bytes !== undefined && ([...decodeMulti(bytes)][0] as { ack: string }).ack === `c${from}`
    } finally {
      socket.destroy()
    }
  }
  const senders = Promise.all([sendAll(otlp, end.signal), sendAll(forward, end.signal)])
  try {
    for (let kill = 0; kill < KILLS; kill++) {
      await sleep(randomInt(300, 1_500))
      await product.kill()
      product = await startProductProcess(environment)
    }
    await sleep(500)
    end.abort()
    const sent = await senders
    const counts = (): Record<string, object> => {
      const local = openLocal(join(dataFolder, 'local.db'))
      const rows = listSources(local, { scope: 'all', limit: 100 }).filter(({ source }) =>
        /^(otlp|forward)/.test(source),
      )
      local.close()
      return Object.fromEntries(rows.map(({ source, events, deadLetters }) => [source, { events, deadLetters }]))
    }
    const spool = await readSpool(dataFolder)
    for (const [input, { acknowledged, again }] of [['otlp-http', sent[0]] as const, ['forward', sent[1]] as const]) {
      const ids = spool.filter(({ origin }) => origin.input === input).map(({ senderId }) => senderId)
      expect(acknowledged, 'something was sent').toBeGreaterThan(0)
      expect(new Set(ids).size, 'nothing acknowledged is lost, and each record keeps its name').toBe(acknowledged)
      expect(ids.length - acknowledged, 'only what was sent again').toBeLessThanOrEqual(100 * again)
    }
    await expect.poll(counts, { timeout: 60_000, interval: 200 }).toEqual({
      'otlp-http/127.0.0.1': { events: sent[0].acknowledged, deadLetters: 0 },
      'forward/127.0.0.1/app': { events: sent[1].acknowledged, deadLetters: 0 },
    })
    expect(await product.stop(), product.output()).toBe(0)
  } finally {
    end.abort()
    await product.kill()
  }
})
