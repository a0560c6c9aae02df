import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { TOKEN_SCOPES } from './api/access/policy.ts'
import type { Config } from './config.ts'
import { openLocal, type LocalDatabase } from './store/local/database.ts'
import { addToken, revokeToken, type Token } from './store/local/tokens.ts'

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
