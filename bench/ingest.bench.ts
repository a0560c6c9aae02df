import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { boundTo } from './fresh-process.ts'
import { compare } from './ingest/compare.ts'
import { datagrams } from './ingest/datagrams.ts'
import { writeLines } from './ingest/lines.ts'
import { overload } from './ingest/overload.ts'
import { rawIntake } from './ingest/raw.ts'
import { compileSender } from './ingest/sender.ts'
import { wholeProduct } from './ingest/whole-product.ts'
import { record, table } from './record.ts'

// What intake costs: the same lines to JSON by ours, rsyslog and syslog-ng; raw and durable; the whole product; datagrams, with
// what is lost; memory under more than it can take. BENCH_PARTS names some of the parts, BENCH_LINES the lines of a process.
const EVERY_PART = 'fields,raw,whole,datagrams,overload'
const PARTS = (process.env['BENCH_PARTS'] ?? EVERY_PART).split(',')
const LINES = Number(process.env['BENCH_LINES'] ?? 800_000)
const ROUNDS = Number(process.env['BENCH_ROUNDS'] ?? 3)
const OVERLOAD_SECONDS = Number(process.env['BENCH_OVERLOAD_SECONDS'] ?? 600)
/** What is promised to be received in full, and for how long. */
const [PROMISED_PER_SECOND, PROMISED_SECONDS] = [50_000, 30]
const FLOOD = 3_000_000

const folder = mkdtempSync(join(tmpdir(), 'vong-gac-ingest-'))
const figures: Record<string, unknown> = { boundTo }

function show(title: string, rows: readonly object[]): void {
  const head = Object.keys(rows[0] ?? {})
  const cells = rows.map((row) =>
    Object.values(row).map((value) => (typeof value === 'number' ? value : String(value))),
  )
  process.stdout.write(`\n${title}\n\n${table(head, cells)}\n`)
}

try {
  const sender = compileSender(folder)
  const source = join(folder, 'lines.log')
  writeLines(source, 256)
  if (PARTS.includes('fields')) {
    const compared = await compare({ sender, folder, lines: LINES, rounds: ROUNDS })
    figures['fields'] = compared
    show('Seven fields of each line as JSON', compared.figures)
  }
  if (PARTS.includes('raw')) {
    const raw = await rawIntake({ sender, source, lines: LINES, rounds: ROUNDS })
    figures['raw'] = raw
    show('Raw and durable', raw)
  }
  if (PARTS.includes('whole')) {
    const whole = await wholeProduct(ROUNDS)
    figures['whole'] = whole
    show('The whole product', [whole])
  }
  if (PARTS.includes('datagrams')) {
    const promised = { perSecond: PROMISED_PER_SECOND, count: PROMISED_PER_SECOND * PROMISED_SECONDS }
    const runs = [
      await datagrams({ sender, source, ...promised }),
      await datagrams({ sender, source, perSecond: 0, count: FLOOD }),
    ]
    figures['datagrams'] = runs
    show('Datagrams', runs)
  }
  if (PARTS.includes('overload')) {
    const flood = await overload({ sender, source, seconds: OVERLOAD_SECONDS })
    figures['overload'] = flood
    show('Overload', [flood])
  }
} finally {
  rmSync(folder, { recursive: true, force: true })
}
process.stdout.write(`\n${record(PARTS.join() === EVERY_PART ? 'ingest' : `ingest-${PARTS.join('-')}`, figures)}\n`)
