import { parseArgs } from 'node:util'
import { loadConfig } from '../config.ts'
import { type Ask, withLocalApi } from '../product/local-access.ts'
import type { DeadLetter } from '../model/record.ts'
import type { Command } from '../soc.ts'

const usage = `soc dead-letters list [--code CODE] [--source TEXT]      bản ghi không thành sự kiện, mới nhất trước, và vì sao · what became no event, newest first, and why
soc dead-letters replay [--code CODE] [--source TEXT]    gửi chúng qua lần nữa · sends those through again
soc dead-letters replay RECORD…
`
const PAGE = 200

/** Those that fit, newest first, however many there are. */
async function* letters(ask: Ask, code: string | undefined, source: string): AsyncGenerator<DeadLetter> {
  let cursor = ''
  do {
    const page = await ask<{ items: DeadLetter[]; next?: string }>('GET', `/dead-letters?limit=${PAGE}${cursor}`)
    yield* page.items.filter((item) => (code === undefined || item.code === code) && item.source.includes(source))
    cursor = page.next === undefined ? '' : `&cursor=${encodeURIComponent(page.next)}`
  } while (cursor !== '')
}

/** Log text must not steer the terminal that shows it. */
function shown({ bytes }: DeadLetter): string {
  const text = Buffer.from(bytes, 'base64').toString()
  return text.slice(0, 160).replace(/[\p{Cc}\p{Cf}]/gu, '·')
}

async function run(argv: string[]): Promise<number | null> {
  const { values, positionals } = parseArgs({
    args: argv,
    allowPositionals: true,
    options: { code: { type: 'string' }, source: { type: 'string', default: '' } },
  })
  const [verb, ...named] = positionals
  if (verb !== 'list' && verb !== 'replay') {
    return null
  }
  const config = loadConfig()
  return withLocalApi(config, async (ask) => {
    if (verb === 'list') {
      for await (const letter of letters(ask, values.code, values.source)) {
        const { record, receivedAt, source, code, reason } = letter
        process.stdout.write(`${record}  ${receivedAt}  ${source}  ${code}: ${reason}\n    ${shown(letter)}\n`)
      }
      return 0
    }
    // Gathered before the first is sent: what breaks again becomes a new dead letter, and must not be met here.
    const records = [...named]
    if (named.length === 0)
      for await (const { record } of letters(ask, values.code, values.source)) records.push(record)
    for (let i = 0; i < records.length; i += PAGE) {
      await ask('POST', '/dead-letters/replay', { records: records.slice(i, i + PAGE) })
    }
    process.stdout.write(`${records.length} bản ghi đã gửi lại · records sent through again\n`)
    return 0
  })
}

export default {
  summary: 'bản ghi không thành sự kiện: xem, gửi lại · records that became no event: list, replay',
  usage,
  run,
} satisfies Command
