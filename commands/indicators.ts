import { parseArgs } from 'node:util'
import { type Config, loadConfig } from '../config.ts'
import { importFeed } from '../product/feed-import.ts'
import { type Ask, withLocalApi } from '../product/local-access.ts'
import type { Command } from '../soc.ts'

const usage = `soc indicators import FILE --feed NAME [--format csv|stix|misp] [--level LEVEL] [--confidence 0-100]
                      [--tlp clear|green|amber|amber+strict|red] [--valid-days N] [--add] [--hunt [--days N]]
    đọc tệp địa chỉ, tên miền, liên kết hay mã băm vào một nguồn tin: thay cái đang có, hoặc thêm vào với --add; với --hunt thì sau đó tìm cái mới
    trong các sự kiện đã lưu
    reads a file of addresses, names, links or hashes into a feed: in its place, or with --add to what is there; with --hunt
    it then looks through the stored events for what is new
soc indicators list
soc indicators find VALUE            các nguồn tin nói gì về một giá trị · what the feeds say of an address, name, link or hash
soc indicators remove NAME
soc indicators hunt NAME [--days N] [--all] [--look]
    tìm trong các sự kiện đã lưu những gì lần nhập cuối mang tới, hoặc cả nguồn với --all; tìm thấy thì sinh cảnh báo, trừ khi chỉ xem với --look
    looks through the stored events for what the last import brought, or with --all for the whole feed; what it finds raises
    alerts, unless with --look it only looks
`

interface Feed {
  name: string
  indicators: number
  fresh: number
  importedAt: string
  importedBy: string
}

interface Hunt {
  id: string
  state: string
  indicators: number
  events: number
  hits: number
}

const HUNT_ASKED_EVERY_MS = 500
const DAY_MS = 86_400_000

async function run(argv: string[]): Promise<number | null> {
  const { values, positionals } = parseArgs({
    args: argv,
    allowPositionals: true,
    options: {
      feed: { type: 'string' },
      format: { type: 'string' },
      level: { type: 'string' },
      confidence: { type: 'string' },
      tlp: { type: 'string' },
      'valid-days': { type: 'string' },
      add: { type: 'boolean', default: false },
      days: { type: 'string', default: '30' },
      all: { type: 'boolean', default: false },
      hunt: { type: 'boolean', default: false },
      look: { type: 'boolean', default: false },
    },
  })
  const [verb, what = ''] = positionals
  const complete = verb === 'list' ? what === '' : what !== '' && (verb !== 'import' || values.feed !== undefined)
  if (
    !complete ||
    !['import', 'list', 'find', 'remove', 'hunt'].includes(verb!) ||
    !/^[1-9]\d{0,3}$/.test(values.days)
  ) {
    return null
  }
  const config = loadConfig()
  if (verb === 'import') {
    await importFile(config, what, values)
    if (!values.hunt) return 0
  }
  return withLocalApi(config, async (ask) => {
    const days = Number(values.days)
    if (verb === 'import') return hunt(ask, { feed: values.feed!, days, part: 'fresh', raise: true })
    if (verb === 'hunt') {
      return hunt(ask, { feed: what, days, part: values.all ? 'all' : 'fresh', raise: !values.look })
    }
    if (verb === 'remove') {
      await ask('DELETE', `/indicators/feeds/${encodeURIComponent(what)}`)
      return 0
    }
    if (verb === 'find') {
      const { items } = await ask<{ items: object[] }>('GET', `/indicators?value=${encodeURIComponent(what)}`)
      for (const item of items) process.stdout.write(`${JSON.stringify(item)}\n`)
      return items.length > 0 ? 0 : 1
    }
    const { items } = await ask<{ items: Feed[] }>('GET', '/indicators/feeds')
    for (const { name, indicators, fresh, importedAt, importedBy } of items) {
      process.stdout.write(
        `${name.padEnd(24)} ${String(indicators).padStart(9)}  +${fresh}  ${importedAt}  ${importedBy}\n`,
      )
    }
    return 0
  })
}

async function importFile(
  config: Config,
  path: string,
  { feed, add, 'valid-days': validDays, ...values }: Record<string, string | boolean | undefined>,
): Promise<void> {
  const { format, level, confidence, tlp } = values
  const given = { format, level, confidence, tlp, validDays, mode: add === true ? 'add' : undefined }
  const options = Object.fromEntries(
    Object.entries(given).flatMap(([name, value]) => (value === undefined ? [] : [[name, String(value)]])),
  )
  const imported = await importFeed(config, { ...options, feed: String(feed), path })
  process.stdout.write(
    `${imported.name}: ${imported.indicators} dấu hiệu, ${imported.fresh} mới · indicators, new (${imported.format})\n`,
  )
  for (const [code, { count, examples }] of Object.entries(imported.refused)) {
    process.stdout.write(`  bỏ · refused ${code}: ${count}  (${examples.join(', ')})\n`)
  }
}

async function hunt(
  ask: Ask,
  { days, ...asked }: { feed: string; days: number; part: 'all' | 'fresh'; raise: boolean },
): Promise<number> {
  const now = Date.now()
  const [from, to] = [now - days * DAY_MS, now].map((ms) => new Date(ms).toISOString())
  const body = { ...asked, from, to }
  let state = await ask<Hunt>('POST', '/indicators/hunts', body)
  while (state.state === 'running') {
    await new Promise((resolve) => setTimeout(resolve, HUNT_ASKED_EVERY_MS))
    state = await ask<Hunt>('GET', `/indicators/hunts/${state.id}`)
  }
  const { id, indicators, events, hits } = state
  process.stdout.write(
    `${state.state}: ${indicators} dấu hiệu, ${events} sự kiện, ${hits} lần gặp · indicators, events, hits\n`,
  )
  for (let after = -1, more = hits > 0; more;) {
    const page = await ask<{ items: object[]; next?: number }>(
      'GET',
      `/indicators/hunts/${id}/hits${after < 0 ? '' : `?after=${after}`}`,
    )
    for (const hit of page.items) process.stdout.write(`${JSON.stringify(hit)}\n`)
    more = page.next !== undefined
    after = page.next ?? after
  }
  return state.state === 'done' ? 0 : 1
}

export default {
  summary:
    'nguồn tin về chỉ dấu tấn công: nhập, xem, tìm, bỏ, săn · feeds of indicators: import, list, find, remove, hunt',
  usage,
  run,
} satisfies Command
