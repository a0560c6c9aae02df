// OpenTelemetry's own exporter for logs, in batches, each sent until it is acknowledged. What to send comes as JSON on stdin.
import { createRequire } from 'node:module'
import { text } from 'node:stream/consumers'
import { setTimeout as sleep } from 'node:timers/promises'

const { folder, kind, url, token, lines, pauseMs } = JSON.parse(await text(process.stdin))
const load = createRequire(`${folder}/package.json`)
const { LoggerProvider } = load('@opentelemetry/sdk-logs')
const { resourceFromAttributes } = load('@opentelemetry/resources')
const { OTLPLogExporter } = load(`@opentelemetry/exporter-logs-otlp-${kind}`)
const BATCH = 200
const RETRY_MS = 500

const exporter = new OTLPLogExporter({ url, headers: { authorization: `Bearer ${token}` }, compression: 'gzip' })
let batch = []
const provider = new LoggerProvider({
  resource: resourceFromAttributes({ 'service.name': 'clients' }),
  processors: [{ onEmit: (record) => void batch.push(record), forceFlush: async () => {}, shutdown: async () => {} }],
})
const logger = provider.getLogger('vong-gac')

for (let at = 0; at < lines.length; at += BATCH) {
  batch = []
  for (const [i, body] of lines.slice(at, at + BATCH).entries()) {
    // The identity that semantic conventions give a record: what is sent again is stored once.
    const attributes = { 'log.record.uid': `${url}-${process.pid}-${at + i}`, list: [1, 'a', { b: true }] }
    logger.emit({ severityNumber: 9, severityText: 'INFO', body, attributes })
  }
  for (;;) {
    const { code } = await new Promise((resolve) => exporter.export(batch, resolve))
    if (code === 0) break
    await sleep(RETRY_MS)
  }
  await sleep(pauseMs)
}
await exporter.shutdown()
