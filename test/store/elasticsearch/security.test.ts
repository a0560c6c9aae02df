import { pbkdf2Sync, randomBytes } from 'node:crypto'
import { generate } from 'selfsigned'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { ElasticsearchOptions } from '../../../store/elasticsearch/elasticsearch.ts'
import { openElasticsearch } from '../../../store/elasticsearch/elasticsearch.ts'
import type { Server } from '../../elasticsearch/server.ts'
import { startOwnElasticsearch } from '../../elasticsearch/server.ts'
import { ALL_TIME, batchOf, dropBefore, sampleEvent } from '../sample.ts'

const PASSWORD = 'mat-khau-thu-nghiem'
const RIGHTS = ['create_index', 'index', 'read', 'delete_index', 'view_index_metadata', 'monitor', 'maintenance']

/** What each user may do, in the form of `roles.yml`. */
const ROLES: Record<string, { cluster: string[]; privileges: string[] }> = {
  store: { cluster: ['monitor', 'manage_index_templates'], privileges: RIGHTS },
  reader: { cluster: ['monitor', 'manage_index_templates'], privileges: ['read', 'view_index_metadata', 'monitor'] },
  untemplated: { cluster: ['monitor'], privileges: RIGHTS },
}

/** A line of the `users` file of the file realm. */
function userLine(name: string): string {
  const salt = randomBytes(32)
  const hash = pbkdf2Sync(PASSWORD, salt, 10_000, 32, 'sha512')
  return `${name}:{PBKDF2}10000$${salt.toString('base64')}$${hash.toString('base64')}\n`
}

/**
 * TLS, passwords and rights as they really are, on a server of its own. Users and roles are in files: the test server lacks the
 * modules with which Elasticsearch makes the index where API keys would be.
 */
describe.skipIf(process.env['ELASTICSEARCH_CAN_START'] === undefined)('elasticsearch with security', () => {
  let server: Server
  let ca: string
  const as = (username: string, password = PASSWORD): ElasticsearchOptions => ({
    node: server.url,
    auth: { username, password },
    ca,
    replicas: 0,
  })

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
      files: {
        'http.key': pem.private,
        'http.crt': pem.cert,
        'roles.yml': Object.entries(ROLES)
          .map(
            ([name, { cluster, privileges }]) =>
              `${name}: ${JSON.stringify({ cluster, indices: [{ names: ['soc-*'], privileges }] })}\n`,
          )
          .join(''),
        users: Object.keys(ROLES).map(userLine).join(''),
        users_roles: Object.keys(ROLES)
          .map((name) => `${name}:${name}\n`)
          .join(''),
      },
    })
  })
  afterAll(() => server.stop(), 60_000)

  test('a user with the documented rights can do everything', async () => {
    const store = await openElasticsearch(as('store'))
    await store.ready()
    await store.append(batchOf(1, 1, { events: [sampleEvent(1)] }))
    await store.refresh()
    expect(await store.searchEvents({ scope: 'all', range: ALL_TIME, limit: 9 })).toEqual([sampleEvent(1)])
    expect(await store.counts('all')).toMatchObject({ events: 1 })
    expect(await dropBefore(store, '2027-01-01')).toMatchObject([{ day: '2026-03-02' }])
    await store.close()
  })

  test.each<[string, () => ElasticsearchOptions, string]>([
    ['a wrong password', () => as('store', 'x'), '401'],
    ['no credentials', () => ({ node: server.url, ca }), '401'],
    ['an API key that is none', () => ({ node: server.url, ca, auth: { apiKey: 'bm86c3VjaA==' } }), '401'],
    ['a user who may not write', () => as('reader'), 'create_index'],
    ['a user who may not make templates', () => as('untemplated'), 'manage_index_templates'],
  ])('%s is refused at start, with what is missing', async (_name, options, word) => {
    const error = await openElasticsearch(options()).catch((thrown: unknown) => thrown)
    expect(error).toMatchObject({ code: 'refused', message: expect.stringContaining(word) as string })
  })

  test('a server that the given authority did not sign is never talked to', async () => {
    const other = await generate([{ name: 'commonName', value: 'other' }], { keySize: 2048 })
    const store = await openElasticsearch({ ...as('store'), ca: other.cert })
    await expect(store.ready()).rejects.toMatchObject({
      code: 'unavailable',
      message: expect.stringMatching(/certificate/i) as string,
    })
    await store.close()
  })
})
