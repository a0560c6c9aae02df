import { execFile } from 'node:child_process'
import { strict as assert } from 'node:assert'
import { mkdtempSync, rmSync } from 'node:fs'
import { loadavg, tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { Client } from '@elastic/elasticsearch'
import { type Server, startOwnElasticsearch } from '../test/elasticsearch/server.ts'
import { median } from './fresh-process.ts'
import { cpuSecondsOf, peakRssMiBOf } from './process-tree.ts'
import { record, table } from './record.ts'
import type { BulkFigures, BulkTask } from './bulk-process.ts'
import type { Answers, Task } from './store-process.ts'

// The same events and the same questions in both engines, so that a user can choose; and what our way into Elasticsearch costs over
// the client's own bulk helper with the documents ready made. A real server on this machine, one node, no replicas.
const EVENTS = Number(process.env['BENCH_EVENTS'] ?? 200_000)
const ROUNDS = Number(process.env['BENCH_ROUNDS'] ?? 9)
const BULK_ROUNDS = Number(process.env['BENCH_BULK_ROUNDS'] ?? 5)

const run = promisify(execFile)

async function inProcess<T>(script: string, task: Task | BulkTask): Promise<T> {
  const path = join(dirname(fileURLToPath(import.meta.url)), script)
  const { stdout } = await run(process.execPath, [path, JSON.stringify(task)], { maxBuffer: 64 * 1024 ** 2 })
  return JSON.parse(stdout) as T
}

interface Filled {
  eventsPerSecond: number
  cpuUsPerEvent: number
  bytesPerEvent: number
  peakRssMiB: number
  rareWords: number
}

interface BulkRound extends BulkFigures {
  serverCpuUs: number
}

/** Ours and the helper's in turns, each in a process of its own and into an index of its own. */
async function bulkRounds({ url, pid }: Server): Promise<Record<BulkTask['by'], BulkRound[]>> {
  const rounds: Record<BulkTask['by'], BulkRound[]> = { us: [], helper: [] }
  const client = new Client({ node: url })
  for (let i = 0; i <= BULK_ROUNDS; i++) {
    for (const by of ['us', 'helper'] as const) {
      const prefix = `${by}-${i}`
      const before = cpuSecondsOf(pid!)
      const figures = await inProcess<BulkFigures>('bulk-process.js', { node: url, prefix, events: EVENTS, by })
      const serverCpuUs = Math.round(((cpuSecondsOf(pid!) - before) / EVENTS) * 1e7) / 10
      const indices = Object.keys(await client.indices.get({ index: `${prefix}-events-*` }))
      await client.indices.refresh({ index: indices })
      const { count } = await client.count({ index: indices })
      assert.equal(count, EVENTS)
      await client.indices.delete({ index: indices })
      if (i > 0) rounds[by].push({ ...figures, serverCpuUs }) // the machine code of a server that has just started is not what is compared
    }
  }
  await client.close()
  return rounds
}

const folder = mkdtempSync(join(tmpdir(), 'vong-gac-bench-engines-'))
const server = await startOwnElasticsearch()
try {
  const pid = server.pid!
  const bulk = await bulkRounds(server)
  const embedded = await inProcess<Filled>('store-process.js', { do: 'fill', folder, events: EVENTS })
  const idle = cpuSecondsOf(pid)
  const elasticsearch = await inProcess<Filled>('store-process.js', { do: 'fill', node: server.url, events: EVENTS })
  const serverCpuUs = Math.round(((cpuSecondsOf(pid) - idle) / EVENTS) * 1e7) / 10

  const asking = { do: 'ask' as const, events: EVENTS, rounds: ROUNDS, rareWords: embedded.rareWords }
  const answers = [
    await inProcess<Answers>('store-process.js', { ...asking, folder }),
    await inProcess<Answers>('store-process.js', { ...asking, node: server.url }),
  ]
  const questions = Object.keys(answers[0]!.times).map((name) => {
    const [ours, theirs] = answers.map(({ times }) => median(times[name]!.wallMs))
    return { name, embeddedMs: ours!, elasticsearchMs: theirs!, ratio: Math.round((theirs! / ours!) * 100) / 100 }
  })
  const memory = {
    embeddedMiB: Math.max(embedded.peakRssMiB, answers[0]!.peakRssMiB),
    elasticsearchMiB: peakRssMiBOf(pid),
  }
  const perSecond = (by: BulkTask['by']): number => median(bulk[by].map(({ eventsPerSecond }) => eventsPerSecond))
  const figures = {
    events: EVENTS,
    load: loadavg(),
    embedded,
    elasticsearch,
    serverCpuUs,
    bulk,
    memory,
    questions,
  }
  const rows = [
    ['appended, events/s', embedded.eventsPerSecond, elasticsearch.eventsPerSecond],
    ['CPU µs per event', embedded.cpuUsPerEvent, `${elasticsearch.cpuUsPerEvent} + ${serverCpuUs} of the server`],
    ['bytes per event', embedded.bytesPerEvent, elasticsearch.bytesPerEvent],
    ['peak memory, MiB', memory.embeddedMiB, memory.elasticsearchMiB],
    ...questions.map(({ name, embeddedMs, elasticsearchMs }) => [`${name}, ms`, embeddedMs, elasticsearchMs] as const),
  ] as const
  process.stdout.write(
    `${table(
      ['', 'embedded', 'Elasticsearch'],
      rows.map((row) => [...row]),
    )}\n\nour way in ÷ the client's bulk helper: ${(perSecond('us') / perSecond('helper')).toFixed(2)} (${perSecond('us')} and ${perSecond('helper')}/s)\n${record(`engines-${EVENTS}`, figures)}\n`,
  )
} finally {
  await server.stop()
  rmSync(folder, { recursive: true, force: true })
}
