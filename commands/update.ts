import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join, resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { loadConfig } from '../config.ts'
import { importFeed } from '../product/feed-import.ts'
import { openExisting } from '../product/local-access.ts'
import { applyUpdate, UpdateError } from '../release/update.ts'
import { fingerprint, SignatureError } from '../release/signed.ts'
import { ImportError } from '../rule-import/errors.ts'
import type { Command } from '../soc.ts'
import { addHistory } from '../store/local/history.ts'

const usage = `soc update FILE.tar [--key release.pub]   kiểm chữ ký của bản cập nhật rồi áp dụng; bản của chính chương trình: chỉ kiểm
                                          checks the signature of an update and applies it; of the program itself: only checks

Khóa là khóa mà bản cài để cạnh soc.yaml, trừ khi nêu khóa khác. · The key is the one that the installation left beside soc.yaml, unless another is named.
`

async function run(argv: string[]): Promise<number | null> {
  const { values, positionals } = parseArgs({
    args: argv,
    allowPositionals: true,
    options: { key: { type: 'string' } },
  })
  const [file, ...more] = positionals
  const beside = join(dirname(resolve(process.env['SOC_CONFIG'] ?? 'soc.yaml')), 'release.pub')
  const key = values.key ?? beside
  if (file === undefined || more.length > 0 || !existsSync(file) || !existsSync(key)) {
    if (!existsSync(key)) process.stderr.write(`không có khóa tin cậy ${key} · ${key} is not there\n`)
    return null
  }
  const config = loadConfig()
  const { rulesFolder, dataFolder } = config
  const pem = readFileSync(key, 'utf8')
  const scratch = mkdtempSync(join(tmpdir(), 'vong-gac-update-'))
  try {
    const applied = await applyUpdate(resolve(file), {
      scratch,
      pem,
      rulesFolder,
      dataFolder,
      importFeed: (feed) => importFeed(config, feed),
    })
    if (applied.kind === 'program') {
      process.stdout.write(
        `Chữ ký đúng, khóa ${fingerprint(pem)} · the signature holds\n` +
          'Nâng cấp: sao lưu, giải nén, chạy install.sh bằng root · upgrade: back up, unpack, run install.sh as root\n',
      )
      return 0
    }
    const local = openExisting({ dataFolder })
    const { serial, packs, feeds } = applied
    const subject = { kind: 'update' as const, id: String(serial) }
    const at = new Date().toISOString()
    addHistory(local, [
      {
        at,
        actor: 'command line',
        subject,
        code: 'update_applied',
        params: {
          packs: packs.map(({ pack }) => pack).join(' '),
          feeds: feeds.map(({ name }) => name).join(' '),
        },
      },
    ])
    local.close()
    process.stdout.write(`Đã cập nhật · updated: ${serial}, ${applied.madeAt}\n`)
    for (const { name, indicators } of feeds) {
      process.stdout.write(`  ${name}: ${indicators} dấu hiệu · indicators\n`)
    }
    for (const { pack, loaded, problems, unresolved } of packs) {
      process.stdout.write(
        `  ${pack}: ${loaded} luật · rules, ${problems.length} không nạp được · do not load, ` +
          `${unresolved.length} chờ trộn bằng tay · to be merged by hand\n`,
      )
    }
    return 0
  } catch (error) {
    if (!(error instanceof UpdateError || error instanceof SignatureError || error instanceof ImportError)) throw error
    process.stderr.write(`không cập nhật gì · nothing was updated: ${error.message}\n`)
    return 1
  } finally {
    rmSync(scratch, { recursive: true, force: true })
  }
}

export default {
  summary:
    'áp dụng bản cập nhật đã ký của luật và chỉ dấu, không cần mạng · applies a signed update of rules and indicators, without a network',
  usage,
  run,
} satisfies Command
