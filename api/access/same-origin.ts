import type { FastifyRequest } from 'fastify'

/**
 * Whether a browser says that its own page sent this request: `Sec-Fetch-Site` (Fetch Metadata), else `Origin` (RFC 6454)
 * against the request's host. `'unknown'`: neither header, so no browser of this decade.
 */
export function originOf(request: FastifyRequest, secure: boolean): 'same' | 'foreign' | 'unknown' {
  const site = request.headers['sec-fetch-site']
  if (site !== undefined) return site === 'same-origin' ? 'same' : 'foreign'
  const { origin } = request.headers
  if (origin === undefined) return 'unknown'
  if (!URL.canParse(origin)) return 'foreign' // «null», of sandboxes
  const { host, protocol } = new URL(origin)
  return host === request.host && (!secure || protocol === 'https:') ? 'same' : 'foreign'
}
