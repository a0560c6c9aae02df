import type { Config } from '../../config.ts'
import { productUrl, withLocalTokens } from '../../product/local-access.ts'

/** The product said no; the message is for the person at the terminal. */
export class RefusedError extends Error {}

/**
 * What the API of the running product answers to whoever can write its data folder.
 * @returns null: nothing answers there
 * @throws {RefusedError}
 */
export async function askProduct<T>(
  config: Config,
  path: string,
  more: { method?: string; body?: object } = {},
): Promise<T | null> {
  return withLocalTokens(config, null, async ({ api }) => {
    const url = `${process.env['SOC_URL'] ?? productUrl(config)}/api/v1${path}`
    const { method = 'GET', body } = more
    const answer = await fetch(url, {
      method,
      headers: { authorization: `Bearer ${api}`, ...(body && { 'content-type': 'application/json' }) },
      ...(body && { body: JSON.stringify(body) }),
    }).catch(() => null)
    if (answer === null) return null
    if (answer.ok) return (await answer.json()) as T
    const { title = '', detail = '' } = (await answer.json().catch(() => ({}))) as { title?: string; detail?: string }
    throw new RefusedError(`${method} ${url}: ${answer.status} ${title}${detail === '' ? '' : `: ${detail}`}`)
  })
}

/** The same where only the running product can answer. @throws where it does not run */
export async function askRunning<T>(config: Config, path: string): Promise<T> {
  const answer = await askProduct<T>(config, path)
  if (answer === null) throw new Error(`${productUrl(config)} does not answer: is the product running?`)
  return answer
}
