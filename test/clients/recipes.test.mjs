// What `soc source add` prints is run as it is, by the program that it is for: every line must be there once; after an outage and
// a restart of the sender, from its own queue; and while the collector is killed in the middle. RECIPES_OUTAGE_SECONDS makes the
// outage longer: 600 is what docs/shipping promises.
import { execFile, execFileSync, spawn } from 'node:child_process'
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  renameSync,
  rmSync,
  unlinkSync,
  writeFileSync,
  appendFileSync,
} from 'node:fs'
import { homedir, tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { promisify } from 'node:util'
import { describe, expect, test } from 'vitest'
import { freePort, startProductProcess } from '../../bench/product-process.ts'
import { mintTokens, everything, settledSpool } from '../product/wire.ts'
import { compare, linesOf } from './lines.mjs'
import { provideFilebeat, provideOtelcol } from './go-programs.mjs'
import { makeCertificate } from './product.mjs'
import { expand, provide, run } from './programs.mjs'
import { ROOT } from './root.mjs'

const LINES = 10_000
const AGENCY = 'hp-so-yt'
/** A sender waits longer between two tries the longer nobody answers. */
const WAIT_MS_MAX = 300_000
const POLL_MS = 100
/** After the last line: long enough for a second copy to show up. */
const SETTLE_MS = 1_000
/** For a shipper to have read its file and queued all of it while nobody listens. */
const QUEUE_MS = 6_000
const OUTAGE_MS = Math.max(QUEUE_MS, 1_000 * Number(process.env['RECIPES_OUTAGE_SECONDS'] ?? 0))
/** So many have arrived when the collector is killed with half of the lines still to come. */
const BEFORE_KILL = 1_000

const CACHE = join(ROOT, '.cache', 'debian')
const GO_CACHE = { cache: join(homedir(), '.cache', 'vong-gac-clients') }
/** The programs, or why one cannot be had here. */
const programs = {
  rsyslog: () =>
    provide('/usr/sbin/rsyslogd', {
      packages: ['rsyslog', 'rsyslog-relp', 'rsyslog-elasticsearch'],
      needs: ['/usr/lib/*-linux-gnu/rsyslog/omrelp.so', '/usr/lib/*-linux-gnu/rsyslog/omelasticsearch.so'],
      cache: CACHE,
    }),
  'syslog-ng': () =>
    provide('/usr/sbin/syslog-ng', { packages: ['syslog-ng-mod-http', 'syslog-ng-core'], cache: CACHE }),
  filebeat: () => ({ path: provideFilebeat(GO_CACHE) }),
  otel: () => ({ path: provideOtelcol(GO_CACHE) }),
  curl: () => ({ path: execFileSync('sh', ['-c', 'command -v curl'], { encoding: 'utf8' }).trim(), env: process.env }),
}
const found = Object.fromEntries(
  Object.entries(programs).map(([name, get]) => {
    try {
      return [name, { program: get() }]
    } catch (error) {
      return [name, { absent: String(error.message) }]
    }
  }),
)

function folder(onTestFinished) {
  const path = mkdtempSync(join(tmpdir(), 'vong-gac-recipe-'))
  onTestFinished(() => rmSync(path, { recursive: true, force: true }))
  return path
}

/** The product with every input that a recipe here ships to. */
async function collector(onTestFinished) {
  const [relp, bulk, otlp] = [await freePort(), await freePort(), await freePort()]
  let product = await startProductProcess({
    SOC_INPUTS_RELP__PORT: String(relp),
    SOC_INPUTS_ELASTICSEARCH_BULK__PORT: String(bulk),
    SOC_INPUTS_OTLP_HTTP__PORT: String(otlp),
  })
  const { environment, dataFolder, ports, url } = product
  onTestFinished(async () => {
    await product.kill()
    rmSync(dataFolder, { recursive: true, force: true })
  })
  const port = {
    relp,
    'elasticsearch-bulk': bulk,
    'otlp-http': otlp,
    'http-ndjson': ports.http,
    'syslog-tcp': ports.syslogTcp,
    'syslog-udp': ports.syslogUdp,
  }
  return {
    dataFolder,
    url,
    port,
    environment,
    stop: () => product.stop(),
    kill: () => product.kill(),
    start: async () => void (product = await startProductProcess(environment)),
  }
}

/** What the command prints for the sender, and how the records look when they are there. */
async function printed({ shipper, transport, input }, { port, environment }, own, ca) {
  const argv = ['source', 'add', '--agency', AGENCY, '--shipper', shipper, '--transport', transport]
  const values = { host: '127.0.0.1', address: '127.0.0.1', port: String(port[input]), ca, state: join(own, 'state') }
  for (const [name, value] of Object.entries(values)) argv.push(`--${name}`, value)
  const { stdout } = await promisify(execFile)(process.execPath, [join(ROOT, 'dist', 'soc.js'), ...argv], {
    env: { ...process.env, ...environment },
  })
  return stdout
}

/** Starts the shipper on `app.log` of its folder, with its state there; called again it goes on from that state. */
const ways = {
  rsyslog(config, own) {
    const { program } = found.rsyslog
    const file = join(own, 'rsyslog.conf')
    const head = [
      `global(workDirectory="${join(own, 'state')}")`,
      'module(load="imfile")',
      `input(type="imfile" File="${join(own, 'app.log')}" Tag="app:" Severity="info" Facility="local0")`,
    ]
    writeFileSync(file, `${[...head, config].join('\n')}\n`)
    const modules = program.root === '' ? [] : ['-M', expand(`${program.root}/usr/lib/*/rsyslog`)[0]]
    return run(program.path, ['-n', '-f', file, '-i', join(own, 'rsyslog.pid'), ...modules], { env: program.env })
  },
  'syslog-ng'(config, own) {
    const { program } = found['syslog-ng']
    const file = join(own, 'syslog-ng.conf')
    const version = /\b(\d+\.\d+)\.\d+/.exec(
      execFileSync(program.path, ['--version'], { env: program.env, encoding: 'utf8' }),
    )[1]
    writeFileSync(
      file,
      `@version: ${version}
source s_app { file("${join(own, 'app.log')}" follow-freq(1) flags(no-parse) program-override("app")); };
${config}
log { source(s_app); destination(d_vong_gac); flags(flow-control); };
`,
    )
    const modules = expand(`${program.root}/usr/lib/syslog-ng/${version}`)
    const files = { '--persist-file': 'persist', '--control': 'control', '--pidfile': 'pid' }
    const argv = Object.entries(files).map(([option, name]) => `${option}=${join(own, 'state', name)}`)
    argv.push('--foreground', '--no-caps', `--cfgfile=${file}`)
    if (modules.length > 0) argv.push(`--module-path=${modules[0]}`)
    return run(program.path, argv, { env: program.env })
  },
  filebeat(config, own) {
    const file = join(own, 'filebeat.yml')
    writeFileSync(file, config.replace('/var/log/app/*.log', join(own, 'app.log')))
    return run(found.filebeat.program.path, ['-c', file, '--path.home', join(own, 'state'), '--strict.perms=false'])
  },
  otel(config, own) {
    const file = join(own, 'config.yaml')
    const placed = config
      .replace('/var/log/app/*.log', join(own, 'app.log'))
      .replace('/var/lib/otelcol', join(own, 'state'))
    writeFileSync(file, placed)
    return run(found.otel.program.path, ['--config', file, '--set=service::telemetry::metrics::level=None'])
  },
  curl(config, own) {
    const outbox = join(own, 'outbox')
    mkdirSync(outbox, { recursive: true })
    if (existsSync(join(own, 'app.log'))) renameSync(join(own, 'app.log'), join(own, 'lines'))
    const script = join(own, 'ship.sh')
    writeFileSync(script, config)
    const ended = new AbortController()
    const loop = (async () => {
      while (!ended.signal.aborted) {
        const child = spawn('sh', [script], { env: { ...process.env, OUTBOX: outbox }, stdio: 'ignore' })
        await new Promise((resolve) => child.once('close', resolve))
        await sleep(100)
      }
    })()
    return {
      end: async () => {
        ended.abort()
        await loop
      },
    }
  },
}

/** Gives lines to the shipper: curl's are files of its outbox, the others' stand in a log. */
function write(shipper, own, lines) {
  if (shipper !== 'curl') return appendFileSync(join(own, 'app.log'), `${lines.join('\n')}\n`)
  mkdirSync(join(own, 'outbox'), { recursive: true })
  for (let at = 0; at < lines.length; at += 500) {
    const name = join(own, 'outbox', lines[at].replaceAll(/\D/g, '').slice(0, 6))
    const records = lines.slice(at, at + 500).map((message) => JSON.stringify({ message }))
    writeFileSync(`${name}.part`, `${records.join('\n')}\n`)
    renameSync(`${name}.part`, `${name}.ndjson`)
  }
  return undefined
}

const positionOf = async ({ url }) => {
  const text = await fetch(`${url}/metrics`).then(
    (answer) => answer.text(),
    () => '',
  )
  return Number(/^soc_spool_position (\d+)$/m.exec(text)?.[1] ?? 0)
}

async function arrived(place, atLeast) {
  const deadline = Date.now() + WAIT_MS_MAX
  while ((await positionOf(place)) < atLeast && Date.now() < deadline) await sleep(POLL_MS)
}

/** What is stored, held against what was sent. */
async function result({ input }, place, marker, lines) {
  await sleep(SETTLE_MS)
  await settledSpool(place.dataFolder, WAIT_MS_MAX) // several products start at once after an outage
  const { api } = mintTokens(place.dataFolder, AGENCY)
  const { events, deadLetters, sources } = await everything(place.url, api)
  const own = events.filter((event) => event['soc.source'].startsWith(`${input}/`))
  const stored = own.map((event) => event['message'].slice(event['message'].indexOf(`${marker} `)))
  const dropped = sources.reduce((sum, source) => sum + source.dropped, 0)
  return {
    ...compare(marker, lines, stored),
    dropped,
    deadLetters: deadLetters.length,
    agencies: new Set(own.map((event) => event['soc.agency'])),
  }
}

/**
 * `acknowledges`: it keeps what was not answered; `repeatsMax`: how many a kill may double, which is what the protocol leaves unanswered at once; `twiceMax`: what the program
 * itself repeats after an outage or a restart; `batchMax`: what it loses when it is restarted while nobody answers (said on its page); `rereads`: its queue is the file and how far it has read.
 */
const clients = [
  { shipper: 'rsyslog', transport: 'relp', input: 'relp', acknowledges: true, repeatsMax: 128, twiceMax: 1 },
  {
    shipper: 'rsyslog',
    transport: 'elasticsearch',
    input: 'elasticsearch-bulk',
    acknowledges: true,
    repeatsMax: 0,
    batchMax: 100,
  },
  { shipper: 'rsyslog', transport: 'tcp', input: 'syslog-tcp', twiceMax: 1 },
  { shipper: 'rsyslog', transport: 'udp', input: 'syslog-udp' },
  { shipper: 'syslog-ng', transport: 'http', input: 'http-ndjson', acknowledges: true, repeatsMax: 500 },
  { shipper: 'syslog-ng', transport: 'tcp', input: 'syslog-tcp' },
  { shipper: 'filebeat', transport: 'elasticsearch', input: 'elasticsearch-bulk', acknowledges: true, rereads: true },
  // One export is under way at a time, and its records have no identity of their own.
  { shipper: 'otel', transport: 'otlp', input: 'otlp-http', acknowledges: true, repeatsMax: 1_000, rereads: true },
  { shipper: 'curl', transport: 'http', input: 'http-ndjson', acknowledges: true, repeatsMax: 0 },
]

/** A collector, and the shipper as `soc source add` sets it up for it, not started yet. */
async function prepare(client, onTestFinished) {
  const { shipper, transport } = client
  const place = await collector(onTestFinished)
  const own = folder(onTestFinished)
  mkdirSync(join(own, 'state'))
  const { certificate } = await makeCertificate(own)
  const config = await printed(client, place, own, certificate)
  const marker = `«${shipper}-${transport}»`
  const lines = linesOf(marker, LINES)
  const before = await positionOf(place)
  return {
    place,
    lines,
    write: (some) => write(shipper, own, some),
    start() {
      const running = ways[shipper](config, own)
      onTestFinished(() => running.end())
      return running
    },
    /** The log is gone: what its queue does not have, nobody has. */
    forget: () => unlinkSync(join(own, 'app.log')),
    arrived: (count) => arrived(place, before + count),
    check: () => result(client, place, marker, lines),
  }
}

const able = ({ shipper }) => found[shipper].absent === undefined
const nameOf = ({ shipper, transport }) =>
  `${shipper} over ${transport}${found[shipper].absent === undefined ? '' : ` (${found[shipper].absent})`}`

describe(`${LINES} lines, each once`, () => {
  for (const client of clients) {
    const { transport, input } = client
    test.skipIf(!able(client))(nameOf(client), async ({ onTestFinished }) => {
      const sending = await prepare(client, onTestFinished)
      sending.write(sending.lines)
      sending.start()
      await sending.arrived(transport === 'udp' ? LINES / 2 : LINES)
      const { wrong, surplus, missing, dropped, deadLetters, agencies } = await sending.check()
      expect({ surplus, deadLetters }).toEqual({ surplus: 0, deadLetters: 0 })
      if (transport === 'udp') return expect(missing).toBe(dropped) // lost perhaps, but counted
      expect(wrong).toEqual([])
      return input.startsWith('syslog') || input === 'relp' ? undefined : expect(agencies).toEqual(new Set([AGENCY]))
    })
  }
})

describe('the collector is killed in the middle', () => {
  for (const client of clients.filter(({ acknowledges }) => acknowledges)) {
    test.skipIf(!able(client))(nameOf(client), async ({ onTestFinished }) => {
      const sending = await prepare(client, onTestFinished)
      sending.write(sending.lines.slice(0, LINES / 2))
      sending.start()
      await sending.arrived(BEFORE_KILL)
      sending.write(sending.lines.slice(LINES / 2))
      await sending.place.kill()
      await sending.place.start()
      await sending.arrived(LINES)
      const { wrong, surplus } = await sending.check()
      expect(wrong).toEqual([])
      expect(surplus).toBeLessThanOrEqual(client.repeatsMax ?? 0)
    })
  }
})

describe.concurrent(`an outage of ${OUTAGE_MS / 1_000} s, and a restart of the sender in it`, () => {
  for (const client of clients.filter(({ transport }) => transport !== 'udp')) {
    test.skipIf(!able(client))(nameOf(client), { timeout: OUTAGE_MS + 2 * WAIT_MS_MAX }, async ({ onTestFinished }) => {
      const sending = await prepare(client, onTestFinished)
      await sending.place.stop()
      sending.write(sending.lines)
      const first = sending.start()
      await sleep(QUEUE_MS)
      await first.end()
      if (!client.rereads && client.shipper !== 'curl') sending.forget()
      sending.start()
      await sleep(OUTAGE_MS)
      await sending.place.start()
      const { batchMax = 0, twiceMax = 0 } = client
      await sending.arrived(LINES - batchMax)
      const { wrong, missing, surplus } = await sending.check()
      expect(wrong.filter((what) => batchMax === 0 || !what.includes(' missing'))).toEqual([])
      expect(missing).toBeLessThanOrEqual(batchMax)
      expect(surplus).toBeLessThanOrEqual(twiceMax)
    })
  }
})
