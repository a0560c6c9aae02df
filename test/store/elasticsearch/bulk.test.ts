import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { Client } from '@elastic/elasticsearch'
import { expect, test } from 'vitest'
import { bulk } from '../../../store/elasticsearch/bulk.ts'

test.each([
  ['no answers at all', '{}'],
  ['fewer answers than documents', '{"items":[{"create":{"status":201}}]}'],
])('%s: the batch is not taken for stored', async (_, body) => {
  const server = createServer((req, res) => {
    const headers = { 'content-type': 'application/json', 'x-elastic-product': 'Elasticsearch' }
    req.resume().on('end', () => res.writeHead(200, headers).end(body))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const client = new Client({ node: `http://127.0.0.1:${(server.address() as AddressInfo).port}` })
  const operations = [1, 2].map((seq) => ({
    kind: 'event' as const,
    seq,
    id: `s-${seq}`,
    lines: '{"create":{}}\n{}\n',
  }))
  const options = { requestBytesMax: 1_000, concurrency: 1, timeoutMs: 5_000, retryMs: 0 }
  await expect(bulk(client, operations, options)).rejects.toMatchObject({ code: 'unavailable' })
  await client.close()
  server.close()
})
