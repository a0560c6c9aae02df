import { once } from 'node:events'
import { request as requestHttp, type IncomingHttpHeaders } from 'node:http'
import { request as requestHttps } from 'node:https'
import { connect, type Socket } from 'node:net'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { TOKEN_SCOPES } from '../../api/access/policy.ts'
import type { EcsEvent } from '../../model/event.ts'
import type { DeadLetter, SpoolRecord } from '../../model/record.ts'
import { readCheckpoint } from '../../store/local/checkpoint.ts'
import { openLocal } from '../../store/local/database.ts'
import { addToken } from '../../store/local/tokens.ts'
import { readSpool } from '../read-spool.ts'

const SETTLE_MS_MAX = 90_000
const ANSWER_MS_MAX = 90_000

export interface Answer {
  status: number
  headers: IncomingHttpHeaders
  text: string
}

/** One request with nothing added: what `headers` leave out is not sent, a wrong `Host` is sent as it is. */
export function ask(
  url: string,
  options: { method?: string; headers?: Record<string, string>; body?: Buffer | string; ca?: string } = {},
): Promise<Answer> {
  const { method = 'GET', headers = {}, body = '', ca } = options
  const length = body.length > 0 && { 'content-length': String(Buffer.byteLength(body)) }
  const request = url.startsWith('https:') ? requestHttps : requestHttp
  return new Promise((resolve, reject) => {
    const asked = request(url, {
      method,
      agent: false,
      timeout: ANSWER_MS_MAX,
      headers: { ...length, ...headers },
      ...(ca !== undefined && { ca, checkServerIdentity: () => undefined }),
    })
    asked.on('response', (response) => {
      let text = ''
      response.setEncoding('utf8').on('data', (chunk: string) => (text += chunk))
      response.on('end', () => resolve({ status: response.statusCode!, headers: response.headers, text }))
    })
    asked.on('timeout', () => asked.destroy(new Error(`no answer from ${url}`)))
    asked.on('error', reject)
    asked.end(body)
  })
}

export async function open(port: number): Promise<Socket> {
  const socket = connect(port, '127.0.0.1')
  await once(socket, 'connect')
  socket.on('error', () => undefined) // being thrown out is part of the game
  return socket
}

/** Writes `bytes` on a connection of its own and gives all that comes back until either side ends it. */
export async function converse(port: number, bytes: Buffer | string, waitMsMax = 5_000): Promise<string> {
  const socket = await open(port)
  let said = ''
  socket.setEncoding('latin1').on('data', (chunk: string) => (said += chunk))
  socket.write(bytes)
  await Promise.race([once(socket, 'close'), sleep(waitMsMax)])
  socket.destroy()
  return said
}

/** Writes `bytes` on a connection of its own, and ends it in order. */
export async function send(port: number, bytes: Buffer | string): Promise<void> {
  const socket = await open(port)
  socket.resume().end(bytes)
  await once(socket, 'close')
}

/** Tokens of a running product, made as whoever can write its data folder may make them. */
export function mintTokens(dataFolder: string, agency: string): { api: string; ingest: string } {
  const local = openLocal(join(dataFolder, 'local.db'))
  const common = { name: 'test', createdBy: 'test', createdAt: new Date().toISOString() }
  const api = addToken(local, { ...common, kind: 'api', agencies: 'all', scopes: TOKEN_SCOPES })
  const ingest = addToken(local, { ...common, kind: 'ingest', agencies: [agency], scopes: [] })
  local.close()
  return { api: api.text, ingest: ingest.text }
}

/** Every record of the spool, once all of them are stored and counted. */
export async function settledSpool(dataFolder: string, msMax = SETTLE_MS_MAX): Promise<SpoolRecord[]> {
  const local = openLocal(join(dataFolder, 'local.db'))
  const deadline = Date.now() + msMax
  try {
    for (;;) {
      const spool = await readSpool(dataFolder)
      const last = spool.at(-1)?.seq ?? 0
      const { seq } = readCheckpoint(local)
      if (seq >= last) return spool
      if (Date.now() > deadline) throw new Error(`stuck at ${seq} of ${last}`)
      await sleep(100)
    }
  } finally {
    local.close()
  }
}

export interface SourceRow {
  source: string
  agency: string
  events: number
  deadLetters: number
  repeats: number
  dropped: number
}

/** What the API says of everything there is, page by page. */
export async function everything(
  url: string,
  token: string,
): Promise<{ sources: SourceRow[]; events: EcsEvent[]; deadLetters: DeadLetter[] }> {
  const list = async <T>(path: string): Promise<T[]> => {
    const items: T[] = []
    for (let next: string | undefined = ''; next !== undefined;) {
      const cursor: string = next === '' ? '' : `&cursor=${encodeURIComponent(next)}`
      const answer = await ask(`${url}/api/v1/${path}${cursor}`, { headers: { authorization: `Bearer ${token}` } })
      if (answer.status !== 200) throw new Error(`${path}: ${answer.status} ${answer.text}`)
      const page = JSON.parse(answer.text) as { items: T[]; next?: string }
      items.push(...page.items)
      next = page.next
    }
    return items
  }
  return {
    sources: await list('sources?limit=200'),
    events: await list('events/search?limit=200&from=0001-01-01T00:00:00.000Z&to=9999-12-31T00:00:00.000Z'),
    deadLetters: await list('dead-letters?limit=200'),
  }
}

/** The bytes that an event keeps of its record. */
export function originalOf(event: EcsEvent): Buffer {
  return Buffer.from(event['event.original'], event['soc.original_encoding'] === 'base64' ? 'base64' : 'utf8')
}
