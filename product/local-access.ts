import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { TOKEN_SCOPES } from '../api/access/policy.ts'
import type { Config } from '../config.ts'
import { openLocal, type LocalDatabase } from '../store/local/database.ts'
import { addToken, revokeToken, type Token } from '../store/local/tokens.ts'

const TOKEN_LIFE_MS = 10 * 60_000

/** Base URL of the product that these settings start. */
export function productUrl({ http: { host, port, certificate } }: Config): string {
  return `${certificate === undefined ? 'http' : 'https'}://${host.includes(':') ? `[${host}]` : host}:${port}`
}

/**
 * The local database of the product, which may be running.
 * @throws if there is none, because the product never ran on this data folder
 */
export function openExisting({ dataFolder }: Pick<Config, 'dataFolder'>): LocalDatabase {
  const path = join(dataFolder, 'local.db')
  if (!existsSync(path)) throw new Error(`${path} is not there: start the product first, or set SOC_DATA_FOLDER`)
  return openLocal(path)
}

/**
 * Whoever can write the data folder may speak for the centre: gives `work` a token for the API, and one that ships logs for
 * `agency` where one is named. They end with `work`.
 */
export async function withLocalTokens<T>(
  config: Config,
  agency: string | null,
  work: (tokens: { api: string; ingest: string }) => Promise<T>,
): Promise<T> {
  const local = openExisting(config)
  const now = Date.now()
  const add = (what: Pick<Token, 'kind' | 'agencies' | 'scopes'>): { token: Token; text: string } =>
    addToken(local, {
      ...what,
      name: 'soc command line',
      createdBy: 'command line',
      createdAt: new Date(now).toISOString(),
      expiresAt: new Date(now + TOKEN_LIFE_MS).toISOString(),
    })
  const api = add({ kind: 'api', agencies: 'all', scopes: TOKEN_SCOPES })
  const ingest = agency === null ? null : add({ kind: 'ingest', agencies: [agency], scopes: [] })
  try {
    return await work({ api: api.text, ingest: ingest?.text ?? '' })
  } finally {
    for (const made of [api, ingest]) if (made) revokeToken(local, made.token.id, new Date().toISOString())
    local.close()
  }
}

/** Asks the API of the running product, by the path below `/api/v1`; gives what it answers. */
export type Ask = <T>(method: 'GET' | 'POST' | 'PUT' | 'DELETE', path: string, body?: object) => Promise<T>

/** The product said no; the message is for the person at the terminal. */
export class RefusedError extends Error {}

/**
 * Gives `work` the API of the running product, to which it speaks for the centre.
 * @throws {RefusedError} in the API's own words
 * @throws {Error} where it does not run
 */
export async function withLocalApi<T>(config: Config, work: (ask: Ask) => Promise<T>): Promise<T> {
  const base = process.env['SOC_URL'] ?? productUrl(config)
  return withLocalTokens(config, null, ({ api }) =>
    work(async <A>(method: string, path: string, body?: object) => {
      const headers = { authorization: `Bearer ${api}`, ...(body && { 'content-type': 'application/json' }) }
      const request = { method, headers, ...(body && { body: JSON.stringify(body) }) }
      const answer = await fetch(`${base}/api/v1${path}`, request).catch((cause: unknown) => {
        throw new Error(`${base} does not answer: is the product running?`, { cause })
      })
      const text = await answer.text()
      if (!answer.ok) throw new RefusedError(refusal(answer.status, text))
      return (text === '' ? undefined : JSON.parse(text)) as A
    }),
  )
}

/** What it answers to one question. @throws as `withLocalApi` */
export async function askLocally<T>(config: Config, path: string): Promise<T> {
  return withLocalApi(config, (ask) => ask<T>('GET', path))
}

function refusal(status: number, text: string): string {
  try {
    const { code, title, detail } = JSON.parse(text) as { code: string; title: string; detail?: string }
    return `${code}: ${detail ?? title}`
  } catch {
    return `${status} ${text.slice(0, 300)}`
  }
}
