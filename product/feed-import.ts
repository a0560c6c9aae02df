import { openAsBlob } from 'node:fs'
import type { Config } from '../config.ts'
import { productUrl, withLocalTokens } from './local-access.ts'

/** What the product says of a feed that it has read. */
export interface ImportedFeed {
  name: string
  indicators: number
  fresh: number
  format: string
  refused: Record<string, { count: number; examples: string[] }>
}

/**
 * Has the running product read a file of indicators into a feed: they take effect from a position of its log on.
 * @param options of the route, by their names there
 * @throws {Error} in the API's words; or nobody answers
 */
export function importFeed(
  config: Config,
  { feed, path, ...options }: { feed: string; path: string } & Record<string, string>,
): Promise<ImportedFeed> {
  return withLocalTokens(config, null, async ({ api }) => {
    const base = process.env['SOC_URL'] ?? productUrl(config)
    const url = `${base}/api/v1/indicators/feeds/${encodeURIComponent(feed)}?${new URLSearchParams(options)}`
    const headers = { authorization: `Bearer ${api}`, 'content-type': 'application/octet-stream' }
    const answer = await fetch(url, { method: 'PUT', headers, body: await openAsBlob(path) }).catch(
      (cause: unknown) => {
        throw new Error(`${base} không trả lời, sản phẩm có chạy không · does not answer: is the product running?`, {
          cause,
        })
      },
    )
    if (!answer.ok) throw new Error(`${feed}: ${answer.status} ${await answer.text()}`)
    return (await answer.json()) as ImportedFeed
  })
}
