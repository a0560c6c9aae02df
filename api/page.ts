import { createHash, randomBytes } from 'node:crypto'
import { existsSync, readFileSync, readdirSync } from 'node:fs'
import { extname, join } from 'node:path'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { ROOT } from '../model/root.ts'
import type { ApiServer } from './server.ts'

const FOLDER = join(ROOT, 'dist', 'console')

const TYPES: Readonly<Record<string, string>> = {
  '.css': 'text/css; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.woff2': 'font/woff2',
}

/** Files below it bear a hash of what they hold in their names: they are kept for good. */
const ASSETS = join(FOLDER, 'assets')
const CACHING = 'public, max-age=31536000, immutable'

interface PageFile {
  body: Buffer
  /** The same, as gzip packs it; without it where that does not pay. */
  packed?: Buffer
  type: string
  etag: string
}

/** What the console's page names, by address. Read once, so that a request names a key of this map and never a path. */
function readPage(): Map<string, PageFile> {
  const files = new Map<string, PageFile>()
  const found = readdirSync(ASSETS, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile())
  for (const { name, parentPath } of found) {
    const type = TYPES[extname(name)]
    if (type === undefined) continue
    const path = join(parentPath, name)
    const body = readFileSync(path)
    files.set(path.slice(FOLDER.length), {
      body,
      ...(existsSync(`${path}.gz`) && { packed: readFileSync(`${path}.gz`) }),
      type,
      etag: `"${createHash('sha256').update(body).digest('base64url').slice(0, 27)}"`,
    })
  }
  return files
}

/** Serves the console's files, and gives what answers a request for one of its pages. */
export function pageRoutes(app: ApiServer): (request: FastifyRequest, reply: FastifyReply) => boolean {
  for (const [url, { body, packed, type, etag }] of readPage()) {
    app.get(url, { schema: { hide: true } }, (request, reply) => {
      reply.header('cache-control', CACHING).header('etag', etag).header('vary', 'accept-encoding')
      if (request.headers['if-none-match']?.split(',').some((tag) => tag.trim().replace(/^W\//, '') === etag)) {
        return reply.status(304).send()
      }
      if (packed === undefined || !takesGzip(request)) return reply.type(type).send(body)
      return reply.type(type).header('content-encoding', 'gzip').send(packed)
    })
  }

  const index = readFileSync(join(FOLDER, 'index.html'), 'utf8')
  const answer = (reply: FastifyReply): void => {
    // The script that draws a page may add style sheets of its own under this number; nobody else can know it.
    const nonce = randomBytes(16).toString('base64')
    const policy = String(reply.getHeader('content-security-policy'))
    void reply
      .status(200)
      .header('content-security-policy', policy.replace("style-src 'self'", `style-src 'self' 'nonce-${nonce}'`))
      .header('cache-control', 'no-store')
      .type('text/html; charset=utf-8')
      .send(index.replace('%STYLE_NONCE%', nonce))
  }
  app.get('/', { schema: { hide: true } }, (_request, reply) => answer(reply))

  /** Answers a browser that opens an address of the console; false where the request is for something else. */
  return (request, reply) => {
    if (!isPage(request)) return false
    answer(reply)
    return true
  }
}

function takesGzip({ headers }: FastifyRequest): boolean {
  return /\bgzip\b(?!;\s*q=0(?:\.0*)?\s*(?:,|$))/.test(headers['accept-encoding'] ?? '')
}

/** Whether somebody opens a page: their browser asks for HTML at an address that is none of a file nor of the API. */
function isPage({ method, url, headers }: FastifyRequest): boolean {
  const path = url.split('?', 1)[0]!
  return (
    (method === 'GET' || method === 'HEAD') &&
    (headers.accept ?? '').includes('text/html') &&
    /^\/[a-z][\w-]*(?:\/[\w%~:@!$&'()*+,;=-]*)*$/.test(path) &&
    !path.startsWith('/api/')
  )
}
