import { createInterface } from 'node:readline'
import { startCollector } from '../../collector/collector.ts'
import { Spool } from '../../collector/spool/spool.ts'
import type { CollectorTask, CollectorTold } from './collector.ts'

// The collector alone, as the product runs it: inputs and spool, without what follows. A line on stdin is answered with what
// it has counted; the end of stdin ends it. Nobody reads this spool: as a pipeline that keeps up would, it lets go of
// what is durable.
const { folder, inputs, freeBytesMin } = JSON.parse(process.argv[2]!) as CollectorTask
const RELEASE_MS = 1_000

const quiet = (): void => undefined
const error = (fields: object, message: string): void =>
  void process.stderr.write(`${message} ${JSON.stringify(fields)}\n`)
const spool = await Spool.open(folder, freeBytesMin === undefined ? {} : { freeBytesMin })
const collector = await startCollector({
  spool,
  inputs: { 'http-ndjson': false, 'syslog-tcp': false, 'syslog-udp': false, ...inputs },
  authenticate: () => null,
  log: { info: quiet, warn: quiet, error },
  stateFolder: `${folder}-state`,
  agencyOf: () => undefined,
  quotas: {},
})

function tell(): void {
  const { sources, inputs: counted } = collector.counters()
  const told: CollectorTold = {
    durable: spool.durableSeq,
    refusing: spool.state().reason ?? '',
    bytes: sources.reduce((sum, { bytes }) => sum + bytes, 0),
    dropped: sources.reduce((sum, { dropped }) => sum + dropped, 0),
    kernelDrops: counted.reduce((sum, { kernelDrops }) => sum + kernelDrops, 0),
    residentBytes: process.memoryUsage.rss(),
  }
  process.stdout.write(`${JSON.stringify(told)}\n`)
}

tell()
createInterface({ input: process.stdin })
  .on('line', tell)
  .on('close', () => {
    void collector
      .close()
      .then(() => spool.close())
      .then(() => process.exit(0))
  })
setInterval(() => void spool.releaseThrough(spool.durableSeq), RELEASE_MS).unref()
