import { Client } from '@elastic/elasticsearch'

/** The tests' own view of the server; plain JSON, for version 8 and 9 alike. */
export const connect = (): Client =>
  new Client({
    node: process.env['ELASTICSEARCH_URL']!,
    headers: { accept: 'application/json', 'content-type': 'application/json' },
  })

/** Deletes all that a store of that prefix has made. */
export async function remove(prefix: string): Promise<void> {
  const client = connect()
  const indices = Object.keys(
    await client.indices.get({ index: `${prefix}-*`, expand_wildcards: 'all', features: ['aliases'] }),
  )
  if (indices.length > 0) await client.indices.delete({ index: indices, ignore_unavailable: true })
  for (const name of ['events', 'alerts', 'dead-letters']) {
    await client.indices.deleteIndexTemplate({ name: `${prefix}-${name}` }, { ignore: [404] })
  }
  await client.close()
}
