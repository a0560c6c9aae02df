import { existsSync } from 'node:fs'
import { rm } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { lockFolder } from '../collector/spool/lock.ts'
import { loadConfig, type Config } from '../config.ts'
import { askControl } from '../product/control.ts'
import { backupToFile, backupToFolder, type About } from '../data-folder/backup.ts'
import { makeSnapshot } from '../data-folder/snapshot.ts'
import { productVersion } from '../model/root.ts'
import type { Command } from '../soc.ts'
import { addHistory } from '../store/local/history.ts'
import { openExisting } from '../product/local-access.ts'
import { copyStopped } from '../store/embedded/snapshot.ts'

const usage = `soc backup FOLDER       một bản sao lưu trong thư mục riêng dưới FOLDER; phần bản trước đã có thì không chép lại
                        a backup in a folder of its own below FOLDER; what an earlier one there has is not copied again
soc backup FILE.tar     một bản sao lưu trong một tệp · a backup in one file

Hệ thống có thể đang chạy. Giữ bản sao ở đĩa khác, ngoài máy này: trong đó có sự kiện, mã băm mật khẩu và khóa.
The product may be running. Keep it on another disk, off this machine: it holds events, password hashes and keys.
`

async function run(argv: string[]): Promise<number | null> {
  const [to, ...more] = argv
  if (to === undefined || to.startsWith('-') || more.length > 0) {
    return null
  }
  const config = loadConfig()
  const target = resolve(to)
  if (`${target}/`.startsWith(`${config.dataFolder}/`)) {
    process.stderr.write(`${target} lies in the data folder itself · không sao lưu vào chính thư mục dữ liệu\n`)
    return 2
  }
  const about: About = {
    format: 1,
    madeAt: new Date().toISOString(),
    product: productVersion(),
    engine: config.store.engine,
  }
  const snapshot = await snapshotOf(config)
  try {
    const made = await (target.endsWith('.tar') ? backupToFile : backupToFolder)(snapshot, target, about)
    const local = openExisting(config)
    const { path, files, bytes, shared, sums } = made
    const subject = { kind: 'backup' as const, id: path }
    addHistory(local, [
      {
        at: new Date().toISOString(),
        actor: 'command line',
        subject,
        code: 'backup_made',
        params: { files, bytes, sums },
      },
    ])
    local.close()
    process.stdout.write(
      `Đã sao lưu · backed up: ${path}\n` +
        `  ${files} tệp · files (${shared} dùng chung với bản trước · shared with the former), ${mebibytes(bytes)} MiB\n` +
        `  SHA256SUMS ${sums}\n`,
    )
    return 0
  } finally {
    await rm(snapshot, { recursive: true, force: true })
  }
}

/** Taken by the product where it runs, else by this process, which keeps the product from starting meanwhile. */
async function snapshotOf(config: Config): Promise<string> {
  const { dataFolder, store } = config
  if (!existsSync(join(dataFolder, 'local.db'))) throw new Error(`${dataFolder} holds no data of this product`)
  const taken = await askControl(dataFolder, 'snapshot')
  if (taken !== undefined) return taken as string
  const unlock = await lockFolder(join(dataFolder, 'spool'))
  try {
    return await makeSnapshot(dataFolder, {
      ...(store.engine === 'embedded' && { copyStore: (to: string) => copyStopped(join(dataFolder, 'events'), to) }),
    })
  } finally {
    await unlock()
  }
}

function mebibytes(bytes: number): string {
  return (bytes / 1024 ** 2).toFixed(1)
}

export default {
  summary: 'sao lưu toàn bộ, trong lúc đang chạy · copies everything, while it runs',
  usage,
  run,
} satisfies Command
