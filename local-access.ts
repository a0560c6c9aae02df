import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { TOKEN_SCOPES } from './api/access/policy.ts'
import type { Config } from './config.ts'
import { openLocal } from './store/local/database.ts'
import { addToken, revokeToken } from './store/local/tokens.ts'

const TOKEN_LIFE_MS = 10 * 60_000

/**
 * Whoever can write the data folder may speak for the centre: gives `work` tokens of the running product that end with it.
 * @throws if there is no data folder, because the product never ran here
 */
export async function withLocalTokens<T>(
  config: Config,
  agency: string,
  work: (tokens: { api: string; ingest: string }) => Promise<T>,
): Promise<T> {
  const path = join(config.dataFolder, 'local.db')
  if (!existsSync(path)) throw new Error(`${path} is not there: start the product first, or set SOC_DATA_FOLDER`)
  const local = openLocal(path)
  const now = Date.now()
  const times = { createdAt: new Date(now).toISOString(), expiresAt: new Date(now + TOKEN_LIFE_MS).toISOString() }
  const common = { name: 'soc command line', createdBy: 'command line', ...times }
  const api = addToken(local, { ...common, kind: 'api', agencies: 'all', scopes: TOKEN_SCOPES })
  const ingest = addToken(local, { ...common, kind: 'ingest', agencies: [agency], scopes: [] })
  try {
    return await work({ api: api.text, ingest: ingest.text })
  } finally {
    for (const { token } of [api, ingest]) revokeToken(local, token.id, new Date().toISOString())
    local.close()
  }
}
