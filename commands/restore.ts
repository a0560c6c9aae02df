import { parseArgs } from 'node:util'
import { resolve } from 'node:path'
import { stat } from 'node:fs/promises'
import { loadConfig } from '../config.ts'
import { restore, verify } from '../data-folder/restore.ts'
import { knownUpgrades } from '../data-folder/version.ts'
import type { Command } from '../soc.ts'

const usage = `soc restore BACKUP           đặt bản sao lưu vào thư mục dữ liệu (phải rỗng) và kiểm từng byte · puts a backup into the data folder, which must be empty, and checks every byte
soc restore --check FOLDER   chỉ kiểm bản sao lưu trong thư mục · only checks a backup in a folder
`

async function run(argv: string[]): Promise<number | null> {
  const { values, positionals } = parseArgs({
    args: argv,
    allowPositionals: true,
    options: { check: { type: 'boolean', default: false } },
  })
  const [from, ...more] = positionals
  if (from === undefined || more.length > 0 || (values.check && !(await stat(from)).isDirectory())) {
    return null
  }
  const { dataFolder } = loadConfig()
  const { about, files, bytes } = values.check
    ? await verify(resolve(from))
    : await restore(resolve(from), dataFolder, (await knownUpgrades()).length)
  const done = values.check ? 'Nguyên vẹn · intact' : `Đã khôi phục · restored: ${dataFolder}`
  process.stdout.write(
    `${done}\n  ${files} tệp · files, ${(bytes / 1024 ** 2).toFixed(1)} MiB, ${about.madeAt}, ${about.product}\n`,
  )
  if (!values.check && about.engine === 'elasticsearch') {
    process.stdout.write(
      '  Hàng đợi bắt đầu mới; sự kiện nằm ở Elasticsearch · a new spool is begun; the events are in Elasticsearch\n',
    )
  }
  return 0
}

export default {
  summary: 'đặt bản sao lưu trở lại, hoặc kiểm nó · puts a backup back, or checks it',
  usage,
  run,
} satisfies Command
