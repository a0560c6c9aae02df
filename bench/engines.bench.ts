import { execFile } from 'node:child_process'
import { strict as assert } from 'node:assert'
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { loadavg, tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { Client } from '@elastic/elasticsearch'
import { eventOperation } from '../store/elasticsearch/documents.ts'
import { openElasticsearch } from '../store/elasticsearch/elasticsearch.ts'
import { startOwnElasticsearch } from '../test/elasticsearch/server.ts'
import { median } from './fresh-process.ts'
import { cpuSeconds } from './ingest/receivers.ts'
import { record, table } from './record.ts'
import { eventBatches } from './store-events.ts'
import type { Answers, Task } from './store-process.ts'

// The same events and the same questions in both engines, so that a user can choose; and what our way into Elasticsearch costs over
// the client's own bulk helper with the documents ready made. A real server on this machine, one node, no replicas.
const EVENTS = Number(process.env['BENCH_EVENTS'] ?? 200_000)
const ROUNDS = Number(process.env['BENCH_ROUNDS'] ?? 9)
const SEED = 7
const BATCH = 1_000
/** As many requests at once as the helper makes by default. */
const HELPER_REQUESTS = 5

const run = promisify(execFile)

async function inProcess<T>(task: Task): Promise<T> {
  const script = join(dirname(fileURLToPath(import.meta.url)), 'store-process.js')
  const { stdout } = await run(process.execPath, [script, JSON.stringify(task)], { maxBuffer: 64 * 1024 ** 2 })
  return JSON.parse(stdout) as T
}

interface Filled {
  eventsPerSecond: number
  cpuUsPerEvent: number
  bytesPerEvent: number
  peakRssMiB: number
  rareWords: number
}

/** The server is a child of one of its launcher's threads. */
function processesOf(pid: number): number[] {
  const children = readdirSync(`/proc/${pid}/task`).flatMap((thread) =>
    readFileSync(`/proc/${pid}/task/${thread}/children`, 'latin1').split(' ').filter(Boolean).map(Number),
  )
  return [pid, ...children.flatMap(processesOf)]
}

function cpuSecondsOf(pid: number): number {
  return processesOf(pid).reduce((sum, each) => sum + cpuSeconds(each), 0)
}

function peakRssMiBOf(pid: number): number {
  const peaks = processesOf(pid).map((each) =>
    Number(/VmHWM:\s+(\d+)/.exec(readFileSync(`/proc/${each}/status`, 'latin1'))?.[1] ?? 0),
  )
  return Math.round(Math.max(...peaks) / 1024)
}

/** Documents into indices that are just like ours. */
async function byHelper(node: string, prefix: string): Promise<number> {
  await (await openElasticsearch({ node, prefix, replicas: 0 })).close()
  const documents: { action: object; text: string }[] = []
  for (const events of eventBatches(EVENTS, BATCH, SEED)) {
    for (const event of events) {
      const [action, text] = eventOperation(prefix, event).lines.split('\n') as [string, string]
      documents.push({ action: JSON.parse(action) as object, text })
    }
  }
  const client = new Client({ node })
  let next = 0
  const at = performance.now()
  const { failed, successful } = await client.helpers.bulk<string>({
    datasource: documents.map(({ text }) => text),
    concurrency: HELPER_REQUESTS,
    onDocument: () => documents[next++]!.action as { create: { _index: string; _id: string } },
  })
  const seconds = (performance.now() - at) / 1_000
  assert.deepEqual([failed, successful], [0, EVENTS])
  await client.close()
  return Math.round(EVENTS / seconds)
}

const folder = mkdtempSync(join(tmpdir(), 'vong-gac-bench-engines-'))
const server = await startOwnElasticsearch()
try {
  const pid = server.pid!
  const embedded = await inProcess<Filled>({ do: 'fill', folder, events: EVENTS })
  await byHelper(server.url, 'warm') // machine code of a server that has just started is not what is compared
  const idle = cpuSecondsOf(pid)
  const elasticsearch = await inProcess<Filled>({ do: 'fill', node: server.url, events: EVENTS })
  const serverCpuUs = Math.round(((cpuSecondsOf(pid) - idle) / EVENTS) * 1e7) / 10
  const helperPerSecond = await byHelper(server.url, 'helper')

  const asking = { do: 'ask' as const, events: EVENTS, rounds: ROUNDS, rareWords: embedded.rareWords }
  const answers = [
    await inProcess<Answers>({ ...asking, folder }),
    await inProcess<Answers>({ ...asking, node: server.url }),
  ]
  const questions = Object.keys(answers[0]!.times).map((name) => {
    const [ours, theirs] = answers.map(({ times }) => median(times[name]!.wallMs))
    return { name, embeddedMs: ours!, elasticsearchMs: theirs!, ratio: Math.round((theirs! / ours!) * 100) / 100 }
  })
  const memory = {
    embeddedMiB: Math.max(embedded.peakRssMiB, answers[0]!.peakRssMiB),
    elasticsearchMiB: peakRssMiBOf(pid),
  }
  const figures = {
    events: EVENTS,
    load: loadavg(),
    embedded,
    elasticsearch,
    serverCpuUs,
    helperPerSecond,
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
    )}\n\nour way in ÷ the client's bulk helper: ${(elasticsearch.eventsPerSecond / helperPerSecond).toFixed(2)} (${helperPerSecond}/s)\n${record(`engines-${EVENTS}`, figures)}\n`,
  )
} finally {
  await server.stop()
  rmSync(folder, { recursive: true, force: true })
}
