import { createServer, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { Client } from '@elastic/elasticsearch'
import { expect, test } from 'vitest'
import { bulk, Gate, type Refusal } from '../../../store/elasticsearch/bulk.ts'
import type { Operation } from '../../../store/elasticsearch/documents.ts'

const lines = (seq: number): string => `{"create":{"_id":"s-${seq}"}}\n{"message":"đăng nhập 🔒 ${seq}"}\n`
const operation = (seq: number): Operation => ({ kind: 'event', seq, id: `s-${seq}`, lines: Buffer.from(lines(seq)) })
const OPTIONS = { requestBytesMax: 1_000, requestsMax: 1, timeoutMs: 5_000, retryMs: 10_000 }

/** A server that is no Elasticsearch but answers as it is told; the bodies that it got. */
async function sent(
  operations: readonly Operation[],
  answer: (body: string, nth: number) => { status?: number; body: string },
  options = OPTIONS,
): Promise<{ bodies: string[]; refused: Refusal[] }> {
  const bodies: string[] = []
  const reply = (res: ServerResponse, body: string): void => {
    const { status = 200, body: text } = answer(body, bodies.push(body))
    res.writeHead(status, { 'content-type': 'application/json', 'x-elastic-product': 'Elasticsearch' }).end(text)
  }
  const server = createServer((req, res) => {
    const chunks: Buffer[] = []
    req.on('data', (chunk: Buffer) => chunks.push(chunk)).on('end', () => reply(res, Buffer.concat(chunks).toString()))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const client = new Client({ node: `http://127.0.0.1:${(server.address() as AddressInfo).port}` })
  try {
    return {
      refused: await bulk({ client, options, gate: new Gate(options.requestsMax), spare: [] }, operations),
      bodies,
    }
  } finally {
    await client.close()
    server.close()
  }
}

const items = (statuses: readonly number[]): string =>
  JSON.stringify({
    items: statuses.map((status) => ({
      create: { status, ...(status >= 400 && { error: { type: 'x', reason: `no ${status}` } }) },
    })),
  })
const idsIn = (body: string): number[] => [...body.matchAll(/"s-(\d+)"/g)].map(([, seq]) => Number(seq))

test.each([
  ['no answers at all', '{}'],
  ['fewer answers than documents', '{"items":[{"create":{"status":201}}]}'],
])('%s: the batch is not taken for stored', async (_, body) => {
  await expect(sent([1, 2].map(operation), () => ({ body }), { ...OPTIONS, retryMs: 0 })).rejects.toMatchObject({
    code: 'unavailable',
  })
})

test('every document is sent once, whole, in requests no larger than allowed', async () => {
  const seqs = Array.from({ length: 100 }, (_, i) => i + 1)
  const { bodies, refused } = await sent(seqs.map(operation), (body) => ({ body: items(idsIn(body).map(() => 201)) }), {
    ...OPTIONS,
    requestsMax: 4,
  })
  expect(refused).toEqual([])
  expect(bodies.length).toBeGreaterThan(5)
  for (const body of bodies) expect(Buffer.byteLength(body)).toBeLessThanOrEqual(OPTIONS.requestBytesMax)
  const texts = bodies.flatMap((body) => body.split(/(?<=\n)(?=\{"create)/))
  expect(texts.toSorted()).toEqual(seqs.map(lines).toSorted())
})

test('only what the cluster is too busy for is sent again, and what it refuses is told by its own name', async () => {
  const { bodies, refused } = await sent([1, 2, 3, 4].map(operation), (_, nth) => ({
    body: nth === 1 ? items([201, 429, 400, 503]) : nth === 2 ? items([409, 429]) : items([201]),
  }))
  expect(bodies.slice(1)).toEqual([lines(2) + lines(4), lines(4)])
  expect(refused).toEqual([{ target: { kind: 'event', seq: 3, id: 's-3' }, reason: 'no 400' }])
})

test('a document that a whole request fails for is found by halving', async () => {
  const { bodies, refused } = await sent([1, 2, 3, 4, 5].map(operation), (body) =>
    body.includes('s-4')
      ? { status: 413, body: '{"error":{"type":"too_large","reason":"413"}}' }
      : { body: items(idsIn(body).map(() => 201)) },
  )
  expect(refused.map(({ target }) => target.seq)).toEqual([4])
  expect(bodies.filter((body) => !body.includes('s-4'))).toEqual([lines(1) + lines(2), lines(3), lines(5)])
})

test('requests under way at once are halved where the cluster is too busy, and become more again', async () => {
  const gate = new Gate(8)
  let inside = 0
  const crowd = async (): Promise<number> => {
    let most = 0
    const one = async (): Promise<void> => {
      await gate.enter()
      most = Math.max(most, ++inside)
      await sleep(1)
      inside--
      gate.leave()
    }
    await Promise.all(Array.from({ length: 40 }, one))
    return most
  }
  expect(await crowd()).toBe(8)
  gate.tooBusy()
  expect(await crowd()).toBe(4)
  for (let i = 0; i < 5; i++) gate.tooBusy()
  expect(await crowd(), 'it never stands still').toBe(1)
  for (let i = 0; i < 3; i++) gate.taken()
  expect(await crowd()).toBe(2)
  for (let i = 0; i < 100; i++) gate.taken()
  expect(await crowd()).toBe(8)
})

test('no more requests are under way than may be, of several batches together, and memory that is used again holds only what is new', async () => {
  let [inside, most] = [0, 0]
  const bodies: string[] = []
  const server = createServer((req, res) => {
    most = Math.max(most, ++inside)
    const chunks: Buffer[] = []
    req
      .on('data', (chunk: Buffer) => chunks.push(chunk))
      .on('end', () => {
        const body = Buffer.concat(chunks).toString()
        bodies.push(body)
        const answer = (): void => {
          inside--
          res.writeHead(200, { 'content-type': 'application/json', 'x-elastic-product': 'Elasticsearch' })
          res.end(items(idsIn(body).map(() => 201)))
        }
        // Slowly at first, so that as many as may be come together on a machine that is busy, too.
        setTimeout(answer, most < 3 ? 500 : 2)
      })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const client = new Client({ node: `http://127.0.0.1:${(server.address() as AddressInfo).port}` })
  const cluster = { client, options: OPTIONS, gate: new Gate(3), spare: [] as Buffer[] }
  const batches = [0, 1, 2, 3].map((n) => Array.from({ length: 100 }, (_, i) => operation(n * 100 + i + 1)))
  try {
    expect(await Promise.all(batches.map((batch) => bulk(cluster, batch)))).toEqual([[], [], [], []])
  } finally {
    await client.close()
    server.close()
  }
  expect(most).toBe(3)
  const texts = bodies.flatMap((body) => body.split(/(?<=\n)(?=\{"create)/))
  expect(texts.toSorted()).toEqual(
    batches
      .flat()
      .map(({ seq }) => lines(seq))
      .toSorted(),
  )
  expect(cluster.spare.length).toBeLessThan(bodies.length)
})
