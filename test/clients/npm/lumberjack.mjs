// A client of Lumberjack that does not wait for acknowledgements. What to send comes as JSON on stdin.
import { createRequire } from 'node:module'
import { text } from 'node:stream/consumers'

const { folder, host, port, lines } = JSON.parse(await text(process.stdin))
const Client = createRequire(`${folder}/package.json`)('lumberjack-client')
const client = new Client({ host, port })
for (const message of lines) client.log({ '@timestamp': new Date(), agent: { type: 'lumberjack-client' }, message })
