// The bulk helper of Elasticsearch's own client. What to send comes as JSON on stdin.
import { setTimeout as sleep } from 'node:timers/promises'
import { text } from 'node:stream/consumers'
import { Client } from '@elastic/elasticsearch'

const { url, token, tag, lines, pauseMs } = JSON.parse(await text(process.stdin))
const RETRY_MS = 200
const PART = 200
const client = new Client({ node: url, auth: { apiKey: token }, maxRetries: 0 })

for (let at = 0; at < lines.length; at += PART) {
  const datasource = lines.slice(at, at + PART).map((message, i) => ({ id: `${tag}-${at + i}`, message }))
  for (;;) {
    const done = await client.helpers
      .bulk({
        datasource,
        // The identity that makes a record that is sent again the same record.
        onDocument: ({ id, message }) => [{ create: { _index: 'clients', _id: id } }, { message }],
        onDrop: ({ error }) => {
          throw new Error(`dropped: ${JSON.stringify(error)}`)
        },
      })
      .catch((error) => {
        if (error.name !== 'ConnectionError' && error.statusCode !== 503 && error.statusCode !== 429) throw error
        return null
      })
    if (done?.successful === datasource.length) break
    await sleep(RETRY_MS)
  }
  await sleep(pauseMs)
}
