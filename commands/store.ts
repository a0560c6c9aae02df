import { existsSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { loadConfig } from '../config.ts'
import { writeDurable } from '../model/durable-file.ts'
import { openEventStore } from '../pipeline/event-store.ts'
import type { Command } from '../soc.ts'
import { copyStore, differingDays } from '../store/copy.ts'
import { type Store, StoreError } from '../store/store.ts'

const usage = `soc store copy --from embedded --to elasticsearch [--again]    hoặc chiều ngược lại; phải dừng hệ thống · or the other way round; the product must be stopped

Chép những gì kho kia chưa có, rồi đối chiếu từng ngày với kho đầu: 0 giống hệt, 1 khác. Bị ngắt thì chạy tiếp từ chỗ dừng; --again bắt đầu lại từ
đầu, cái đã có giữ nguyên.
Copies what the other store has not, and holds every day against the first: 0 the same, 1 not. What was broken off goes on
where it stood; --again begins at the beginning, and what is there already stays as it is.
`

const ENGINES = ['embedded', 'elasticsearch'] as const
type Engine = (typeof ENGINES)[number]
const isEngine = (text: string | undefined): text is Engine => ENGINES.some((engine) => engine === text)

/** How far a copy has come that has not ended. */
interface Progress {
  from: Engine
  to: Engine
  through: number
}

async function run(argv: string[]): Promise<number | null> {
  const { values, positionals } = parseArgs({
    args: argv,
    allowPositionals: true,
    options: { from: { type: 'string' }, to: { type: 'string' }, again: { type: 'boolean', default: false } },
  })
  const { from, to, again } = values
  if (positionals.join(' ') !== 'copy' || !isEngine(from) || !isEngine(to) || from === to) {
    return null
  }
  const config = loadConfig()
  if (config.store.node === undefined) {
    process.stderr.write('store.node trong soc.yaml chưa có · store.node is not set: which cluster is it?\n')
    return 2
  }
  const note = join(config.dataFolder, 'store-copy.json')
  const progress = again ? null : readProgress(note)
  const after = progress?.from === from && progress.to === to ? progress.through : -1
  const open = async (engine: Engine): Promise<Store> => {
    const store = await openEventStore(config, (problem) => void process.stderr.write(`${String(problem)}\n`), engine)
    await store.ready()
    return store
  }
  const opened: Store[] = []
  try {
    const source = await open(from)
    opened.push(source)
    const target = await open(to)
    opened.push(target)
    const copied = await copyStore(source, target, {
      after,
      classes: config.retention.classes,
      onProgress: (through, last) => {
        writeDurable(note, `${JSON.stringify({ from, to, through } satisfies Progress)}\n`)
        if (process.stderr.isTTY) process.stderr.write(`\r${through} / ${last} …`)
      },
    })
    process.stdout.write(
      `Đã chép · copied: ${copied.events} sự kiện · events, ${copied.alerts} cảnh báo · alerts, ${copied.deadLetters} dead letters\n`,
    )
    for (const { record, reason } of copied.refused) process.stdout.write(`  ✗ ${record}: ${reason}\n`)
    if (copied.moreRefused > 0) process.stdout.write(`  … ${copied.moreRefused} nữa · more\n`)
    const same = await compare(source, target)
    if (same) rmSync(note, { force: true })
    return same && copied.refused.length === 0 ? 0 : 1
  } catch (error) {
    if (!(error instanceof StoreError)) throw error
    const stop = error.message.includes('another process') ? 'dừng sản phẩm trước · stop the product first: ' : ''
    process.stderr.write(`${stop}${error.code}: ${error.message}\n`)
    process.stderr.write('chạy lại lệnh này để tiếp tục · run this again to go on\n')
    return 1
  } finally {
    for (const store of opened) await store.close()
  }
}

async function compare(source: Store, target: Store): Promise<boolean> {
  let all = true
  for await (const { from, to, same } of differingDays(source, target)) {
    all &&= same
    const counts = `${from.events} sự kiện · events, ${from.deadLetters} dead letters`
    process.stdout.write(
      same
        ? `  ${from.day}: ${counts}, giống hệt · the same, SHA-256 ${from.sha256}\n`
        : `  ${from.day}: KHÁC · DIFFERENT: ${counts}; bên kia · there ${to.events}, ${to.deadLetters}\n`,
    )
  }
  if (!all) process.stdout.write('Chạy lại với --again · run it with --again\n')
  return all
}

function readProgress(path: string): Progress | null {
  return existsSync(path) ? (JSON.parse(readFileSync(path, 'utf8')) as Progress) : null
}

export default {
  summary:
    'chép sự kiện, cảnh báo, bản ghi lỗi sang kho kia · copies events, alerts and dead letters into the other engine',
  usage,
  run,
} satisfies Command
