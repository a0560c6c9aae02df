import { readFileSync } from 'node:fs'
import { parseArgs } from 'node:util'
import { loadConfig } from '../config.ts'
import { openExisting } from '../product/local-access.ts'
import { parseRegistry } from '../model/registry.ts'
import { addSourceEntry } from '../shipping/registry-entry.ts'
import { planSource, registryLine } from '../shipping/plan.ts'
import { loadRecipes } from '../shipping/recipes.ts'
import type { Command } from '../soc.ts'
import { addToken } from '../store/local/tokens.ts'

const usage = `soc source list                                                 chương trình gửi và các đường tới bộ thu · shippers and their ways to the collector
soc source add --agency KEY --shipper NAME [--system KEY] [--transport NAME] [--host NAME] [--address IP|NETWORK]
               [--stream NAME] [--port N] [--ca FILE] [--state FOLDER] [--write]
    in cấu hình đã điền sẵn của chương trình gửi ra đầu ra chuẩn, những việc còn lại ra đầu lỗi chuẩn; --write thêm dòng vào sổ đăng ký
    prints the shipper's configuration, filled in, on standard output, and what else is to do on standard error;
    --write adds the line to the registry
`
function list(): number {
  for (const [shipper, transports] of loadRecipes()) {
    for (const [transport, { input, identity, acknowledges, tested }] of transports) {
      const known = identity === 'token' ? 'token' : 'địa chỉ · address'
      const answer = acknowledges ? 'có xác nhận · acknowledged' : 'không xác nhận · not acknowledged'
      const run = tested === undefined ? 'chưa chạy thử · not run here' : tested
      process.stdout.write(
        `${`${shipper} ${transport}`.padEnd(26)} ${input.padEnd(18)} ${known.padEnd(18)} ${answer.padEnd(34)} ${run}\n`,
      )
    }
  }
  return 0
}

function add(values: Record<string, string | boolean | undefined>): number {
  const config = loadConfig()
  const registry = parseRegistry(readFileSync(config.registry, 'utf8'), config.registry)
  const { write, ...asked } = values as Record<string, string | undefined> & { write?: boolean }
  const plan = planSource(
    { ...asked, agency: asked['agency'] ?? '', shipper: asked['shipper'] ?? '' },
    config,
    registry,
  )
  const { recipe, shipper, transport, stream, ca, settings, entry } = plan
  const line = registryLine(plan)
  if (write === true && entry !== undefined) addSourceEntry(config.registry, entry)

  let token = ''
  if (recipe.identity === 'token') {
    const local = openExisting(config)
    const name = `${shipper} ${transport} ${stream}`
    const made = { kind: 'ingest', name, agencies: [asked['agency']!], scopes: [], createdBy: 'command line' } as const
    token = addToken(local, { ...made, createdAt: new Date().toISOString() }).text
    local.close()
  }
  process.stdout.write(`${plan.configuration(token)}\n`)

  const steps: string[] = []
  if (settings.length > 0) {
    steps.push(
      `Thêm vào soc.yaml của máy thu rồi khởi động lại · add to the collector's soc.yaml, restart:\n${block(settings)}`,
    )
  }
  if (line !== undefined) {
    const where = `${config.registry}, sources`
    steps.push(
      write === true
        ? `Đã ghi vào ${where}; SIGHUP để có hiệu lực · written to ${where}; in force after SIGHUP:\n${block([line])}`
        : `Thêm vào ${where}, rồi SIGHUP · add to ${where}, then SIGHUP:\n${block([line])}`,
    )
  }
  if (token !== '') {
    steps.push(
      'Mã (token) nằm trong cấu hình ở trên, chỉ hiện lần này · the token is in the configuration above, shown this once',
    )
  }
  steps.push(`Đặt cấu hình vào · put the configuration into: ${recipe.file}`)
  if (recipe.ca !== undefined) {
    steps.push(`Chép chứng thư CA của máy thu sang máy gửi · copy the collector's CA to the sender: ${ca}`)
  }
  const { vi, en } = recipe.then
  steps.push(vi === en ? vi : `${vi} · ${en}`)
  steps.push(
    `docs/shipping/${recipe.page}${recipe.tested === undefined ? '; chưa chạy thử với chương trình thật · not run with the real program' : `; ${recipe.tested}`}`,
  )
  process.stderr.write(`${steps.map((step, i) => `${i + 1}. ${step}`).join('\n')}\n`)
  return 0
}

const block = (lines: readonly string[]): string => lines.map((line) => `       ${line}`).join('\n')

async function run(argv: string[]): Promise<number | null> {
  const { values, positionals } = parseArgs({
    args: argv,
    allowPositionals: true,
    options: {
      ...Object.fromEntries(
        ['agency', 'system', 'shipper', 'transport', 'host', 'address', 'stream', 'port', 'ca', 'state'].map((name) => [
          name,
          { type: 'string' as const },
        ]),
      ),
      write: { type: 'boolean' },
    },
  })
  const [verb, ...others] = positionals
  if (others.length === 0 && verb === 'list') return list()
  if (others.length === 0 && verb === 'add') return add(values)
  return null
}

export default {
  summary:
    'một cơ quan gửi nhật ký thế nào: các chương trình gửi, thêm nguồn · how an agency ships its logs: list of shippers, add',
  usage,
  run,
} satisfies Command
