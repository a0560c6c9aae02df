import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { expect, onTestFinished, test } from 'vitest'
import { freePort, startProductProcess } from '../../../bench/product-process.ts'
import { ROOT } from '../../../model/root.ts'
import { everything, mintTokens, settledSpool } from '../../product/wire.ts'

const LINES = 10_000
const WAIT_MS_MAX = 90_000
const RSYSLOGD = '/usr/sbin/rsyslogd'
const HAS_PLUGIN =
  existsSync(RSYSLOGD) &&
  existsSync('/usr/lib') &&
  readdirSync('/usr/lib').some((folder) => existsSync(join('/usr/lib', folder, 'rsyslog/omelasticsearch.so')))

/** The block of the page that readers copy, with what differs here replaced. */
function recipe(replacements: Record<string, string>): string {
  const page = readFileSync(join(ROOT, 'docs/shipping/rsyslog.md'), 'utf8')
  const block = page
    .split('```rsyslog\n')
    .find((text) => text.startsWith('module(load="omelasticsearch")'))!
    .split('\n```')[0]!
  return Object.entries(replacements).reduce((adapted, [from, to]) => {
    expect(adapted).toContain(from)
    return adapted.replaceAll(from, to)
  }, block)
}

test.skipIf(!HAS_PLUGIN)(
  `rsyslog's omelasticsearch ships ${LINES} lines into the product, each stored once (needs the package rsyslog-elasticsearch)`,
  async () => {
    const port = await freePort()
    const product = await startProductProcess({ SOC_INPUTS_ELASTICSEARCH_BULK__PORT: String(port) })
    onTestFinished(() => product.kill())
    const tokens = mintTokens(product.dataFolder, 'so-y-te')

    const folder = mkdtempSync(join(tmpdir(), 'vong-gac-omelasticsearch-'))
    onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
    const lines = Array.from(
      { length: LINES },
      (_, n) => `${n} người dùng «nguyễn văn ${n % 97}» đăng nhập thất bại: "mật khẩu" sai \\ C:\\hồ-sơ\\${n} 💥.`,
    )
    writeFileSync(join(folder, 'app.log'), `${lines.join('\n')}\n`)
    const config = join(folder, 'rsyslog.conf')
    const action = recipe({
      'https://soc.example:9201': `http://127.0.0.1:${port}`,
      'soc_…': tokens.ingest,
      '  tls.cacert="/etc/ssl/certs/vong-gac-ca.pem"\n': '',
    })
    writeFileSync(
      config,
      `global(workDirectory="${folder}")
module(load="imfile")
input(type="imfile" File="${join(folder, 'app.log')}" Tag="app:")
${action}
`,
    )
    const rsyslog = spawn(RSYSLOGD, ['-n', '-f', config, '-i', join(folder, 'rsyslog.pid')], { stdio: 'pipe' })
    let said = ''
    rsyslog.stderr.on('data', (bytes: Buffer) => (said += bytes.toString()))
    onTestFinished(async () => {
      if (rsyslog.exitCode !== null || rsyslog.signalCode !== null) return
      rsyslog.kill('SIGKILL')
      await once(rsyslog, 'exit')
    })

    const deadline = Date.now() + WAIT_MS_MAX
    const shipped = async (): Promise<number> =>
      (await settledSpool(product.dataFolder)).filter(({ origin }) => origin.input === 'elasticsearch-bulk').length
    while ((await shipped()) < LINES && Date.now() < deadline && !said.includes('action disabled')) await sleep(250)
    await sleep(1_000) // for a second copy to show up
    await shipped()
    const spool = (await settledSpool(product.dataFolder)).filter(({ origin }) => origin.input === 'elasticsearch-bulk')
    expect(new Set(spool.map(({ senderId }) => senderId)).size, said).toBe(LINES) // its `_id`s, against what it sends again

    // As after an answer that was lost.
    const [index, id] = JSON.parse(spool[0]!.senderId!.replace('bulk ', '')) as [string, string]
    const again = await fetch(`http://127.0.0.1:${port}/_bulk`, {
      method: 'POST',
      headers: { authorization: `ApiKey ${tokens.ingest}`, 'content-type': 'application/x-ndjson' },
      body: `{"create":{"_index":"${index}","_id":"${id}"}}\n${Buffer.from(spool[0]!.bytes).toString()}\n`,
    })
    expect(await again.json()).toMatchObject({ errors: false, items: [{ create: { _id: id, status: 201 } }] })
    await settledSpool(product.dataFolder)

    const { events, deadLetters, sources } = await everything(product.url, tokens.api)
    expect(deadLetters, said).toEqual([])
    const stored = events.map((event) => event['message'] as string).sort()
    expect(stored.length, said).toBe(LINES)
    expect(stored).toEqual(lines.toSorted())
    expect(sources).toMatchObject([
      {
        source: 'elasticsearch-bulk/127.0.0.1/rsyslog',
        agency: 'so-y-te',
        events: LINES,
        repeats: 1,
        deadLetters: 0,
        dropped: 0,
      },
    ])
  },
  180_000,
)
