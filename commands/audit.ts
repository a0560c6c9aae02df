import { parseArgs } from 'node:util'
import { loadConfig } from '../config.ts'
import { openExisting } from '../product/local-access.ts'
import type { Command } from '../soc.ts'
import { chainHead, verifyChain } from '../store/local/history.ts'

const usage = `soc audit head                      chuỗi kiểm toán kết thúc ở đâu: ghi lại ngoài máy này · where the chain of the history ends: note it outside this machine
soc audit verify [--head ID:HASH]   đọc lại toàn bộ lịch sử; có mốc đã ghi thì chứng minh phần trước chưa bị sửa
                                    reads the whole history again; with a noted head, that nothing before it was altered
`

async function run(argv: string[]): Promise<number | null> {
  const { values, positionals } = parseArgs({
    args: argv,
    allowPositionals: true,
    options: { head: { type: 'string' } },
  })
  const [verb] = positionals
  const [, id, hash] = /^([1-9]\d{0,14}):([0-9a-f]{64})$/.exec(values.head ?? '') ?? []
  const unread = values.head !== undefined && hash === undefined
  if ((verb !== 'head' && verb !== 'verify') || unread) {
    return null
  }
  const local = openExisting(loadConfig())
  try {
    if (verb === 'head') {
      const head = chainHead(local)
      process.stdout.write(`${head.id}:${head.hash}\n`)
      return 0
    }
    const { ok, entries, head, broken } = await verifyChain(
      local,
      id === undefined || hash === undefined ? undefined : { id: Number(id), hash },
    )
    if (ok) {
      process.stdout.write(`Nguyên vẹn: ${entries} mục · intact: ${entries} entries\n${head.id}:${head.hash}\n`)
      return 0
    }
    process.stdout.write(
      `KHÔNG nguyên vẹn từ mục ${broken?.id} · NOT intact from entry ${broken?.id}: ${broken?.what}\n`,
    )
    return 1
  } finally {
    local.close()
  }
}

export default {
  summary:
    'lịch sử thay đổi: chuỗi của nó, còn nguyên không · the history of changes: its chain, and whether it is intact',
  usage,
  run,
} satisfies Command
