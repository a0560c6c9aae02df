import { createServer, type Server } from 'node:http'
import { connect, type AddressInfo, type Socket } from 'node:net'
import { join } from 'node:path'
import { onTestFinished } from 'vitest'
import { startCollector, type Collector } from '../../../collector/collector.ts'
import type { Spool, SpoolOptions } from '../../../collector/spool/spool.ts'
import type { QuotaOptions } from '../../../collector/quota.ts'
import type { Origin, SpoolRecord } from '../../../model/record.ts'
import { freshFolder, openSpool, readAll } from '../spool/folders.ts'

const OFF = { 'syslog-udp': false, 'syslog-tcp': false, 'syslog-tls': false, 'http-ndjson': false }
export const TOKEN = 'thu-nghiem-1'
/** Of another agency. */
export const OTHER_TOKEN = 'thu-nghiem-2'
const AGENCIES = new Map([
  [TOKEN, 'so-y-te'],
  [OTHER_TOKEN, 'so-xay-dung'],
])

export interface Running {
  folder: string
  spool: Spool
  collector: Collector
  /** What was logged, in order. */
  logged: { level: string; message: string }[]
  port: number
  records: () => Promise<SpoolRecord[]>
  /** Waits until so many records are durable, and gives them all as text, with the reason where one was refused. */
  stored: (count: number) => Promise<string[]>
}

/** A collector with only the named inputs, on any free port, stopped after the test. */
export async function run(
  inputs: Record<string, unknown>,
  options: {
    spool?: SpoolOptions
    folder?: string
    quotas?: QuotaOptions
    agencyOf?: (origin: Origin) => string | undefined
  } = {},
): Promise<Running> {
  const folder = options.folder ?? freshFolder()
  const spool = await openSpool(folder, options.spool)
  const logged: { level: string; message: string }[] = []
  const note = (level: string) => (_fields: object, message: string) => void logged.push({ level, message })
  const collector = await startCollector({
    stateFolder: join(folder, 'inputs'),
    agencyOf: options.agencyOf ?? (({ agency }) => agency),
    quotas: options.quotas ?? {},
    spool,
    inputs: { ...OFF, ...inputs },
    authenticate: (token) => {
      const agency = AGENCIES.get(token)
      return agency === undefined ? null : { agency }
    },
    log: { info: note('info'), warn: note('warn'), error: note('error') },
  })
  onTestFinished(() => collector.close())
  const records = (): Promise<SpoolRecord[]> => readAll(folder, spool.durableSeq)
  return {
    folder,
    spool,
    collector,
    logged,
    port: collector.listening[0]?.port ?? 0,
    records,
    async stored(count) {
      await durable(spool, count)
      return (await records()).map(({ bytes, refused }) => {
        const text = Buffer.from(bytes).toString('latin1')
        return refused === undefined ? text : `${refused}: ${text}`
      })
    },
  }
}

/** Resolves when the spool holds `count` records; the test's own time limit is the only clock. */
function durable(spool: Spool, count: number): Promise<void> {
  if (spool.durableSeq >= count) return Promise.resolve()
  return new Promise((resolve) => {
    const stop = spool.onDurable((seq) => {
      if (seq < count) return
      stop()
      resolve()
    })
  })
}

/** The HTTP server that carries the collector; what the collector does not take is answered 404. */
export async function serve(collector: Collector): Promise<{ server: Server; url: string; port: number }> {
  const server = createServer((req, res) => {
    if (!collector.handleHttp(req, res)) res.writeHead(404).end('not the collector')
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => {
    server.closeAllConnections()
    server.close()
  })
  const { port } = server.address() as AddressInfo
  return { server, port, url: `http://127.0.0.1:${port}` }
}

export function dial(port: number): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = connect(port, '127.0.0.1', () => resolve(socket))
    socket.once('error', reject)
    onTestFinished(() => void socket.destroy())
  })
}
