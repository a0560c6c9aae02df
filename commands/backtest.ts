import { parseArgs } from 'node:util'
import { loadConfig } from '../config.ts'
import { withLocalApi } from '../product/local-access.ts'
import { readRulesFolder } from '../rule-life/folder.ts'
import type { Command } from '../soc.ts'
import { report, sinceOf, waitFor, type Job } from './exception/outcome.ts'

const usage = `soc backtest --rules DIR [--since 30d] [--until TIME] [--remove PATH]… [--full] [--json]

Chạy luật trong DIR và luật đang dùng trên các sự kiện đã lưu, rồi cho biết sự cố nào sẽ xuất hiện, biến mất hay thay đổi. DIR chứa các tệp theo
đường dẫn của chúng trong thư mục luật; có logsources.yml thì đó là cả thư mục, tệp nào không có trong đó coi như bị bỏ.
Runs the rules of DIR and those in force over the stored events, and says which incidents would appear, vanish or change. DIR has files of the
rules folder by their paths; one with a logsources.yml is the whole folder, and what is not in it is gone.
`

async function run(argv: string[]): Promise<number | null> {
  const { values, positionals } = parseArgs({
    args: argv,
    allowPositionals: true,
    options: {
      rules: { type: 'string' },
      since: { type: 'string', default: '30d' },
      until: { type: 'string' },
      remove: { type: 'string', multiple: true },
      full: { type: 'boolean', default: false },
      json: { type: 'boolean', default: false },
    },
  })
  const { rules, remove = [], full } = values
  if (positionals.length > 0 || (rules === undefined && remove.length === 0)) {
    return null
  }
  const files = rules === undefined ? [] : readRulesFolder(rules).map(({ path, text }) => ({ path, text }))
  const whole = files.some(({ path }) => path === 'logsources.yml')
  const range = sinceOf(values, Date.now())
  return withLocalApi(loadConfig(), async (ask) => {
    const job = await ask<Job>('POST', '/backtests', { files, whole, remove, full, ...range })
    const { result } = await waitFor(ask, job)
    process.stdout.write(values.json ? `${JSON.stringify(result, null, 2)}\n` : report(result))
    return 0
  })
}

export default {
  summary: 'luật sửa đổi sẽ tạo, bỏ, đổi sự cố nào · which incidents changed rules would make, drop or change',
  usage,
  run,
} satisfies Command
