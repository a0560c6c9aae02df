import type { Client } from '@elastic/elasticsearch'
import { StoreError } from '../store.ts'
import type { IndexSettings } from './mappings.ts'
import { META, templates } from './mappings.ts'

const VERSION_MIN = 8

interface Meta {
  product?: string
  layout?: number
}

/**
 * Looks, before anything is written, whether this cluster can be ours, and puts the index templates there.
 * @throws {StoreError} refused: version, missing right, or something of another product under our names
 */
export async function prepareCluster(client: Client, prefix: string, settings: IndexSettings): Promise<void> {
  await checkVersion(client)
  await checkRights(client, prefix)
  await checkOwner(client, prefix)
  for (const [name, template] of templates(prefix, settings)) {
    await client.transport.request({
      method: 'PUT',
      path: `/_index_template/${encodeURIComponent(name)}`,
      body: template,
    })
  }
}

/** Of every node: a cluster in the middle of an upgrade has two. */
async function checkVersion(client: Client): Promise<void> {
  const { nodes } = await client.transport.request<{ nodes: Record<string, { version: string }> }>({
    method: 'GET',
    path: '/_nodes/_all/_none',
    querystring: { filter_path: 'nodes.*.version' },
  })
  for (const { version } of Object.values(nodes)) {
    if (Number(version.split('.')[0]) < VERSION_MIN) {
      throw new StoreError('refused', `the cluster runs Elasticsearch ${version}; ${VERSION_MIN}.0 or later is needed`)
    }
  }
}

async function checkRights(client: Client, prefix: string): Promise<void> {
  const { body, statusCode } = await client.transport.request<{
    has_all_requested?: boolean
    cluster?: Record<string, boolean>
    index?: Record<string, Record<string, boolean>>
  }>(
    {
      method: 'POST',
      path: '/_security/user/_has_privileges',
      body: {
        cluster: ['monitor', 'manage_index_templates'],
        index: [
          {
            names: [`${prefix}-*`],
            privileges: ['create_index', 'index', 'read', 'delete_index', 'view_index_metadata', 'monitor'],
          },
        ],
      },
    },
    { meta: true, ignore: [400, 404, 405, 500] }, // security switched off, or not in this distribution
  )
  if (statusCode !== 200 || body.has_all_requested !== false) return
  const missing = [body.cluster ?? {}, ...Object.values(body.index ?? {})].flatMap((rights) =>
    Object.keys(rights).filter((right) => rights[right] === false),
  )
  throw new StoreError(
    'refused',
    `the user of the store lacks rights on the cluster or on ${prefix}-*: ${missing.join(', ')}`,
  )
}

async function checkOwner(client: Client, prefix: string): Promise<void> {
  const found = await client.transport.request<{
    index_templates: { name: string; index_template: { _meta?: Meta } }[]
  }>({ method: 'GET', path: `/_index_template/${encodeURIComponent(prefix)}-*` }, { ignore: [404] })
  const ours = templates(prefix, { shards: 1, replicas: 0 })
  for (const { name, index_template: template } of found.index_templates ?? []) {
    const { _meta: meta } = template
    if (ours.has(name)) checkMeta('index template', name, meta)
  }
  const path = `/${['events-*', 'alerts', 'dead-letters-*'].map((name) => encodeURIComponent(`${prefix}-${name}`)).join(',')}`
  const ask = <T>(below: string, part: string): Promise<Record<string, T>> =>
    client.transport.request<Record<string, T>>({
      method: 'GET',
      path: `${path}${below}`,
      querystring: { filter_path: part, ignore_unavailable: true, expand_wildcards: 'all' },
    })
  // Two questions, because whole mappings of a year of days are megabytes, and a mapping without `_meta` is not listed.
  const names = Object.keys(await ask('', '*.settings.index.uuid'))
  const metas = await ask<{ mappings: { _meta?: Meta } }>('/_mapping', '*.mappings._meta')
  for (const name of names) {
    const { _meta: meta } = metas[name]?.mappings ?? {}
    checkMeta('index', name, meta)
  }
}

function checkMeta(kind: 'index template' | 'index', name: string, meta: Meta | undefined): void {
  if (meta?.product !== META.product) {
    throw new StoreError('refused', `the ${kind} '${name}' belongs to something else; choose another prefix`)
  }
  const { layout = 0 } = meta
  if (layout > META.layout) {
    throw new StoreError(
      'refused',
      `the ${kind} '${name}' has layout ${layout}; this program knows layouts up to ${META.layout}`,
    )
  }
  // An older template is replaced; in an older index searches would find nothing, and not say so.
  if (kind === 'index' && layout < META.layout) {
    throw new StoreError(
      'refused',
      `the index '${name}' has the old layout ${layout}; choose another prefix or delete it`,
    )
  }
}
