// Schemathesis asks a running product what its OpenAPI document says may be asked, and much that it says may not: `npm run
// test:schemathesis`. Every answer must be one that the document has. It is installed from PyPI into a folder of its own, once;
// where there is no Python or no PyPI, this says so and passes over it.
import { spawnSync } from 'node:child_process'
import { connect } from 'node:net'
import { cpSync, existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { homedir, tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'

const VERSION = '4.32.5'
/** Of the whole run, of which the systematic part takes about a minute. */
const SECONDS_MAX = process.env.SCHEMATHESIS_SECONDS ?? '150'
const KILL_AFTER_MS = 10 * 60_000
/**
 * Not asked: whether all that the schema allows is taken, for it cannot say that a cursor is signed or that a search is of a language;
 * and whether another log-in is refused where few requests a minute are taken, which is said first (test/api/access.test.ts asks every
 * route). 413 refuses as well. The token is told as what it is, so that it can be left out.
 */
const CONFIG = (bearer) => `
[auth.openapi.token]
bearer = "${bearer}"
[checks.positive_data_acceptance]
enabled = false
[checks.negative_data_rejection]
expected-statuses = [400, 401, 403, 404, 405, 406, 409, 413, 415, 422, 428, 429]
[[operations]]
include-path-regex = '/(reports|evidence|report|verification|password|second-factor|trial|integrity/days|integrity/proofs)(/|$)'
checks = { ignored_auth = { enabled = false } }
`
/** Below what one address may ask. */
const RATE = '2800/m'
const { startProductProcess } = await import(new URL('../../dist/bench/product-process.js', import.meta.url))
const { openLocal } = await import(new URL('../../dist/store/local/database.js', import.meta.url))
const { addToken } = await import(new URL('../../dist/store/local/tokens.js', import.meta.url))
const { TOKEN_SCOPES } = await import(new URL('../../dist/api/access/policy.js', import.meta.url))

function skip(reason) {
  console.log(`schemathesis is not run: ${reason}`)
  console.log('0 passed, 0 failed')
  process.exit(0)
}

function installed() {
  const folder = join(process.env.XDG_CACHE_HOME ?? join(homedir(), '.cache'), 'vong-gac', `schemathesis-${VERSION}`)
  const program = join(folder, 'bin', 'schemathesis')
  if (existsSync(program)) return program
  if (spawnSync('python3', ['-m', 'venv', folder], { stdio: 'ignore' }).status !== 0) skip('no python3 with venv')
  const pip = spawnSync(join(folder, 'bin', 'pip'), ['install', '--quiet', `schemathesis==${VERSION}`], {
    encoding: 'utf8',
  })
  if (pip.status === 0) return program
  rmSync(folder, { recursive: true, force: true })
  return skip(`PyPI does not give it: ${pip.stderr.trim().split('\n').at(-1)}`)
}

/** Something of everything: events, alerts, an incident. */
async function fill({ ports, url }, token) {
  const lines = Array.from({ length: 12 }, (_, i) => {
    const at = new Date(Date.now() - (60 - i) * 1_000).toISOString()
    return `<38>1 ${at} web01 sshd 1 - - Failed password for root from 45.9.148.7 port ${i} ssh2\n`
  })
  connect(ports.syslogTcp, '127.0.0.1').end(lines.join(''))
  for (let n = 0; n < 100; n++) {
    const answer = await fetch(`${url}/api/v1/incidents`, { headers: { authorization: `Bearer ${token}` } })
    if ((await answer.json()).items?.length > 0) return
    await sleep(200)
  }
  throw new Error('no incident came about')
}

const program = process.env.SCHEMATHESIS ?? installed()
// What is asked may change rules and registry: copies of them, not those of this tree.
const folder = mkdtempSync(join(tmpdir(), 'vong-gac-schemathesis-'))
const root = fileURLToPath(new URL('../..', import.meta.url))
for (const name of ['rules', 'registry']) cpSync(join(root, name), join(folder, name), { recursive: true })
const product = await startProductProcess({
  SOC_RULES_FOLDER: join(folder, 'rules'),
  SOC_REGISTRY: join(folder, 'registry', 'hai-duong.yml'),
})
const local = openLocal(join(product.dataFolder, 'local.db'))
const token = addToken(local, {
  kind: 'api',
  name: 'schemathesis',
  agencies: 'all',
  scopes: TOKEN_SCOPES,
  createdAt: new Date().toISOString(),
  createdBy: 'test',
}).text
local.close()
let status = 1
try {
  await fill(product, token)
  const config = join(folder, 'schemathesis.toml')
  writeFileSync(config, CONFIG(token), { mode: 0o600 })
  const run = spawnSync(
    program,
    [
      '--config-file',
      config,
      'run',
      `${product.url}/api/v1/openapi.json`,
      '--url',
      product.url,
      '--phases',
      'examples,coverage,fuzzing',
      '--max-time',
      SECONDS_MAX,
      '--rate-limit',
      RATE,
      '--request-timeout',
      '20',
      '--seed',
      '20261128',
      '--exclude-path',
      '/api/v1/stream', // never ends
      '--continue-on-failure',
      '--report-dir',
      folder,
      ...process.argv.slice(2),
    ],
    { stdio: 'inherit', timeout: KILL_AFTER_MS, cwd: folder },
  )
  status = run.status ?? 1
  if (/"level":(50|60)/.test(product.output())) {
    console.log(product.output())
    status = 1
  }
} finally {
  await product.stop()
  rmSync(product.dataFolder, { recursive: true, force: true })
  rmSync(folder, { recursive: true, force: true })
}
console.log(status === 0 ? '1 passed, 0 failed' : '0 passed, 1 failed')
process.exitCode = status === 0 ? 0 : 1
