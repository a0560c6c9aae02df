import { Client } from '@elastic/elasticsearch'
import { generate } from 'selfsigned'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { ElasticsearchOptions } from '../../../store/elasticsearch/elasticsearch.ts'
import { openElasticsearch } from '../../../store/elasticsearch/elasticsearch.ts'
import type { Server } from '../../elasticsearch/server.ts'
import { startOwnElasticsearch } from '../../elasticsearch/server.ts'
import { ALL_TIME, batchOf, sampleEvent } from '../sample.ts'

const PASSWORD = 'mat-khau-thu-nghiem'

/** With TLS and the basic licence's security, on a server of its own: passwords, API keys and rights as they really are. */
describe.skipIf(process.env['ELASTICSEARCH_URL'] === undefined)('elasticsearch with security', () => {
  let server: Server
  let ca: string
  let admin: Client
  let withKey: (privileges: string[], cluster?: string[]) => Promise<ElasticsearchOptions>

  beforeAll(async () => {
    const pem = await generate([{ name: 'commonName', value: 'localhost' }], {
      keySize: 2048,
      extensions: [{ name: 'subjectAltName', altNames: [{ type: 7, ip: '127.0.0.1' }] }],
    })
    ca = pem.cert
    server = await startOwnElasticsearch({
      settings: {
        'xpack.security.enabled': 'true',
        'xpack.security.http.ssl.enabled': 'true',
        'xpack.security.http.ssl.key': 'http.key',
        'xpack.security.http.ssl.certificate': 'http.crt',
      },
      files: { 'http.key': pem.private, 'http.crt': pem.cert },
      secrets: { 'bootstrap.password': PASSWORD },
    })
    admin = new Client({ node: server.url, auth: { username: 'elastic', password: PASSWORD }, tls: { ca } })
    withKey = async (privileges, cluster = ['monitor', 'manage_index_templates']) => {
      const { encoded } = await admin.security.createApiKey({
        name: 'test',
        role_descriptors: { store: { cluster, indices: [{ names: ['soc-*'], privileges }] } },
      })
      return { node: server.url, auth: { apiKey: encoded }, ca, replicas: 0 }
    }
  }, 180_000)
  afterAll(async () => {
    await admin.close()
    await server.stop()
  }, 60_000)

  const RIGHTS = ['create_index', 'index', 'read', 'delete_index', 'view_index_metadata', 'monitor', 'maintenance']

  test('an API key with the documented rights does everything', async () => {
    const store = await openElasticsearch(await withKey(RIGHTS))
    await store.ready()
    await store.append(batchOf(1, 1, { events: [sampleEvent(1)] }))
    await store.refresh()
    expect(await store.searchEvents({ scope: 'all', range: ALL_TIME, terms: [], limit: 9 })).toEqual([sampleEvent(1)])
    expect(await store.counts('all')).toMatchObject({ events: 1 })
    expect(await store.dropBefore('2027-01-01')).toEqual(['2026-03-02'])
    await store.close()
  })

  test.each<[string, () => Promise<ElasticsearchOptions> | ElasticsearchOptions, string]>([
    ['a wrong password', () => ({ node: server.url, auth: { username: 'elastic', password: 'x' }, ca }), '401'],
    ['no credentials', () => ({ node: server.url, ca }), '401'],
    ['a key that may not write', () => withKey(['read', 'view_index_metadata', 'monitor']), 'create_index'],
    ['a key that may not make templates', () => withKey(RIGHTS, ['monitor']), 'manage_index_templates'],
  ])('%s is refused at start, with what is missing', async (_name, options, word) => {
    const error = await openElasticsearch(await options()).catch((thrown: unknown) => thrown)
    expect(error).toMatchObject({ code: 'refused', message: expect.stringContaining(word) as string })
  })

  test('a server that the given authority did not sign is never talked to', async () => {
    const other = await generate([{ name: 'commonName', value: 'other' }], { keySize: 2048 })
    const store = await openElasticsearch({ ...(await withKey(RIGHTS)), ca: other.cert })
    await expect(store.ready()).rejects.toMatchObject({
      code: 'unavailable',
      message: expect.stringMatching(/certificate/i) as string,
    })
    await store.close()
  })
})
