import { createHash } from 'node:crypto'
import { readFileSync, readdirSync } from 'node:fs'
import { extname, join } from 'node:path'
import { ROOT } from '../model/root.ts'
import type { ApiServer } from './server.ts'

const TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.svg': 'image/svg+xml',
}

interface PageFile {
  body: Buffer
  type: string
  etag: string
}

/** Where the console's files lie, below which address they are served, and which of them. */
const FOLDERS = [
  { folder: join(ROOT, 'console'), below: '/console/', wanted: /\.(html|css|svg)$/ },
  { folder: join(ROOT, 'dist', 'console'), below: '/console/', wanted: /\.js$/ },
  // The search language, which page and server read alike.
  {
    folder: join(ROOT, 'dist', 'store', 'query'),
    below: '/store/query/',
    wanted: /^(parse|complete|stages|lexer|query|pattern|address)\.js$/,
  },
  // The words that page and server share: levels, states, verdicts.
  { folder: join(ROOT, 'dist', 'model'), below: '/model/', wanted: /^(alert|incident)\.js$/ },
]

/** The console's files by address. Read once, so that a request names a key of this map and never a path. */
function readPage(): Map<string, PageFile> {
  const files = new Map<string, PageFile>()
  for (const { folder, below, wanted } of FOLDERS) {
    for (const name of readdirSync(folder).filter((name) => wanted.test(name))) {
      const body = readFileSync(join(folder, name))
      const etag = `"${createHash('sha256').update(body).digest('base64url').slice(0, 27)}"`
      files.set(name === 'index.html' ? '/' : below + name, { body, type: TYPES[extname(name)]!, etag })
    }
  }
  return files
}

export function pageRoutes(app: ApiServer): void {
  for (const [url, { body, type, etag }] of readPage()) {
    app.get(url, { schema: { hide: true } }, (request, reply) => {
      // Asked again each time, answered with 304: after an upgrade nobody runs yesterday's script.
      reply.header('cache-control', 'no-cache').header('etag', etag)
      if (request.headers['if-none-match']?.split(',').some((tag) => tag.trim().replace(/^W\//, '') === etag)) {
        return reply.status(304).send()
      }
      return reply.type(type).send(body)
    })
  }
}
