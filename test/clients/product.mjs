import { execFileSync } from 'node:child_process'
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { generate } from 'selfsigned'
import { ROOT } from './root.mjs'
import { run } from './programs.mjs'

const START_TIMEOUT_MS = 60_000
const CONFIG = 'soc.yaml'
const INPUTS = ['syslog-udp', 'syslog-tcp', 'syslog-tls', 'otlp-http', 'forward', 'elasticsearch-bulk', 'lumberjack']
/** One of the registry's. */
export const AGENCY = 'hp-hdnd'
/** The line with the one-time password. */
const FIRST_LOGIN = /^ {4}(\S+) \/ (\S+)\n/m
const DAY_MS = 86_400_000 // a line without a zone may seem to be from tomorrow

/** A certificate for `soc.example`, its own authority; gives the paths of certificate and key. */
export async function makeCertificate(folder) {
  const { cert, private: key } = await generate([{ name: 'commonName', value: 'soc.example' }], {
    keySize: 2048,
    extensions: [
      { name: 'basicConstraints', cA: true },
      { name: 'subjectAltName', altNames: [{ type: 2, value: 'soc.example' }] },
    ],
  })
  const certificate = join(folder, 'certificate.pem')
  writeFileSync(certificate, cert)
  writeFileSync(join(folder, 'key.pem'), key, { mode: 0o600 })
  return { certificate, key: join(folder, 'key.pem') }
}

/**
 * Starts the product as a user does, on free ports and a data folder of its own below `folder`.
 * @returns where each input listens, a client of its API, `stop`, and `start` to have it again as it was
 * @throws if it does not get going
 */
export async function startProduct(folder, { certificate, key }) {
  mkdirSync(folder, { recursive: true })
  const ports = Object.fromEntries(['http', ...INPUTS].map((name) => [name, 0]))
  let { printed, end, kill } = await launch(folder, { certificate, key, ports })
  for (const [, input, port] of printed.matchAll(/^ {2}([a-z-]+) +\S+:(\d+)$/gm)) {
    if (INPUTS.includes(input)) ports[input] = Number(port)
  }
  const [, url] = /console +(http:\S+?)\/$/m.exec(printed)
  ports.http = Number(new URL(url).port)
  const [, name, password] = FIRST_LOGIN.exec(printed)
  const stop = () => end()
  try {
    return {
      host: '127.0.0.1',
      ports,
      token: mintToken(folder),
      api: await login(url, name, password),
      stop,
      /** As a power cut does. */
      kill: () => kill(),
      /** @param inputs options of inputs beside those they have anyway */
      async start(inputs = {}) {
        ;({ end, kill } = await launch(folder, { certificate, key, ports, inputs }))
      },
    }
  } catch (error) {
    await stop()
    throw error
  }
}

async function launch(folder, { certificate, key, ports, inputs = {} }) {
  const config = join(folder, CONFIG)
  const settings = {
    dataFolder: join(folder, 'data'),
    http: { port: ports.http },
    inputs: Object.fromEntries(
      INPUTS.map((name) => [
        name,
        { port: ports[name], ...(name === 'syslog-tls' && { certificate, key }), ...inputs[name] },
      ]),
    ),
  }
  writeFileSync(config, JSON.stringify(settings)) // YAML holds JSON
  const { child, ended, end, kill } = run(process.execPath, ['--enable-source-maps', join(ROOT, 'dist', 'main.js')], {
    cwd: folder,
    env: { ...process.env, SOC_CONFIG: config, SOC_LOG_LEVEL: 'warn' },
    stdio: ['pipe', 'pipe', 'pipe'],
  })
  let printed = ''
  const started = new Promise((resolve) => {
    child.stdout.on('data', (bytes) => {
      printed += bytes
      if (printed.endsWith('\n\n')) resolve('started') // all is printed at once, when everything listens
    })
  })
  const first = await Promise.race([started, ended, sleep(START_TIMEOUT_MS, 'silence', { ref: false })])
  if (first === 'started') return { printed, end, kill }
  await end()
  const { code, said } = await ended
  throw new Error(`the product did not start (exit ${code}): ${printed}${said}`)
}

/** A token of an agency of the registry, as its administrator makes one. */
function mintToken(folder) {
  const soc = [join(ROOT, 'dist', 'soc.js'), 'tokens', 'add', '--agency', AGENCY, '--name', 'clients']
  const env = { ...process.env, SOC_CONFIG: join(folder, CONFIG) }
  return execFileSync(process.execPath, soc, { cwd: folder, env, encoding: 'utf8' }).trim()
}

/** What an analyst's browser does: log in, change the password that was shown once, ask. */
async function login(url, name, password) {
  let cookie = ''
  const ask = async (method, path, body) => {
    for (;;) {
      const response = await fetch(`${url}/api/v1${path}`, {
        method,
        headers: { origin: url, cookie, ...(body && { 'content-type': 'application/json' }) },
        ...(body && { body: JSON.stringify(body) }),
        signal: AbortSignal.timeout(30_000),
      })
      cookie = response.headers.getSetCookie()[0]?.split(';')[0] ?? cookie
      if (response.status === 429) await sleep(1_000 * Number(response.headers.get('retry-after') ?? 1))
      else if (response.ok) return response.json()
      else throw new Error(`${method} ${path}: ${response.status} ${await response.text()}`)
    }
  }
  await ask('POST', '/login', { name, password })
  await ask('PATCH', '/me/password', { current: password, password: `${password}-đã-đổi-2026` })
  return {
    /** Raw lines of the events of the last `sinceMs` milliseconds that contain `text`, all pages. */
    async originals(text, sinceMs) {
      const now = Date.now()
      const query = new URLSearchParams({
        q: `"${text}"`,
        limit: '200',
        from: new Date(now - sinceMs).toISOString(),
        to: new Date(now + DAY_MS).toISOString(),
      })
      const found = []
      for (;;) {
        const { items, next } = await ask('GET', `/events/search?${query}`)
        found.push(...items.map((event) => event['event.original']))
        if (next === undefined) return found
        query.set('cursor', next)
      }
    },
    /** What the product says it did with what came in by `input`, all sources together. */
    async counts(input) {
      const sums = { events: 0, deadLetters: 0, repeats: 0, dropped: 0 }
      const { items } = await ask('GET', '/sources?limit=200')
      for (const item of items.filter(({ source }) => source.startsWith(`${input}/`))) {
        for (const name of Object.keys(sums)) sums[name] += item[name]
      }
      return sums
    },
  }
}
