import { execFileSync, spawn } from 'node:child_process'
import { createHash } from 'node:crypto'
import {
  chmodSync,
  chownSync,
  createReadStream,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pipeline } from 'node:stream/promises'
import { setTimeout as sleep } from 'node:timers/promises'
import { ROOT } from '../../model/root.ts'

/**
 * The server as Elastic publishes it for the integration tests of plugins: core, transport and security, without the modules
 * (so without ILM, data streams, painless, `wildcard` fields). Maven Central has it for some versions only.
 */
const VERSION = '9.3.2'
const ARTIFACT = `org.elasticsearch.distribution.integ-test-zip:elasticsearch:${VERSION}:zip`
const SHA256 = '99b5b540c8d3a5c53cbe1e4f35c46acefff59131760ddc330a7616cd319086f1'
const START_MS = 300_000
const STOP_MS = 20_000
const NOBODY = 65_534

/** Why there is no server to test against: not a failure of what is tested. */
export class NoServer extends Error {
  override readonly name = 'NoServer'
}

export interface Server {
  url: string
  /** Of the server's own process, where it was started here. */
  pid?: number
  /** Ends the server, if it was started here, and deletes its data. */
  stop(): Promise<void>
}

export interface ServerOptions {
  /** Further settings, as in `elasticsearch.yml`. */
  settings?: Record<string, string>
  /** Files to put into the configuration folder. */
  files?: Record<string, string>
}

/**
 * The server that `ELASTICSEARCH_URL` names, or else a real one, fetched and started on a loopback port of its own.
 * @throws {NoServer} neither can be had
 */
export async function startElasticsearch(): Promise<Server> {
  const url = process.env['ELASTICSEARCH_URL']
  return url === undefined ? startOwnElasticsearch() : { url, stop: async () => {} }
}

/** A server of our own, whatever `ELASTICSEARCH_URL` says. */
export async function startOwnElasticsearch(options: ServerOptions = {}): Promise<Server> {
  const javaHome = findJava()
  const zip = await fetchServer()
  const folder = mkdtempSync(join(tmpdir(), 'vong-gac-elasticsearch-'))
  try {
    execFileSync(join(javaHome, 'bin', 'jar'), ['xf', zip], { cwd: folder })
    return await run(folder, javaHome, options)
  } catch (error) {
    rmSync(folder, { recursive: true, force: true })
    throw error
  }
}

/** Elasticsearch 9 runs on Java 21 to 25; its launcher wants the newest. */
function findJava(): string {
  const candidates = [
    ...['ES_JAVA_HOME', 'JAVA_HOME'].flatMap((name) => process.env[name] ?? []),
    ...['/usr/lib/jvm', '/opt', '/opt/java'].flatMap((folder) =>
      existsSync(folder) ? readdirSync(folder).map((name) => join(folder, name)) : [],
    ),
  ]
  const found = candidates
    .filter((home) => existsSync(join(home, 'release')) && existsSync(join(home, 'bin', 'jar')))
    .map((home) => ({
      home,
      major: Number(/JAVA_VERSION="(\d+)/.exec(readFileSync(join(home, 'release'), 'utf8'))?.[1] ?? 0),
    }))
    .filter(({ major }) => major >= 21 && major <= 25)
    .sort((a, b) => b.major - a.major)
  if (found[0] === undefined) throw new NoServer('no JDK 21 to 25 in JAVA_HOME, /usr/lib/jvm or /opt')
  return found[0].home
}

async function fetchServer(): Promise<string> {
  const cache = join(ROOT, '.cache', 'elasticsearch')
  const zip = join(cache, `elasticsearch-${VERSION}.zip`)
  if (!existsSync(zip)) {
    mkdirSync(cache, { recursive: true })
    try {
      execFileSync('mvn', ['-q', '-B', 'dependency:copy', `-Dartifact=${ARTIFACT}`, `-DoutputDirectory=${cache}`], {
        stdio: 'pipe',
      })
    } catch (error) {
      const { stdout, message } = error as { stdout?: Buffer; message: string }
      const said =
        stdout
          ?.toString()
          .split('\n')
          .find((line) => line.includes('ERROR')) ?? message
      throw new NoServer(`Maven could not fetch ${ARTIFACT}: ${said}`)
    }
  }
  const hash = createHash('sha256')
  await pipeline(createReadStream(zip), hash)
  const digest = hash.digest('hex')
  if (digest !== SHA256) {
    rmSync(zip)
    throw new NoServer(`${zip} was not what was expected (SHA-256 ${digest}) and has been deleted`)
  }
  return zip
}

async function run(folder: string, javaHome: string, { settings = {}, files = {} }: ServerOptions): Promise<Server> {
  const home = join(folder, `elasticsearch-${VERSION}`)
  for (const name of readdirSync(join(home, 'bin'))) chmodSync(join(home, 'bin', name), 0o755) // jar keeps no modes
  const [httpPort, transportPort] = await freePorts()
  const all = {
    'discovery.type': 'single-node',
    'network.host': '127.0.0.1',
    'http.port': String(httpPort),
    'transport.port': String(transportPort),
    'path.data': join(folder, 'data'),
    'path.logs': join(folder, 'logs'),
    'xpack.security.enabled': 'false',
    'cluster.routing.allocation.disk.threshold_enabled': 'false', // a developer's disk may be nearly full
    ...settings,
  }
  const env = {
    PATH: process.env['PATH'] ?? '',
    HOME: folder,
    ES_JAVA_HOME: javaHome,
    ES_JAVA_OPTS: '-Xms512m -Xmx512m',
  }
  for (const [name, text] of Object.entries(files)) writeFileSync(join(home, 'config', name), text)
  const asRoot = process.getuid?.() === 0
  if (asRoot) giveAway(folder) // the server refuses to run as root
  const identity = asRoot ? { uid: NOBODY, gid: NOBODY } : {}
  const child = spawn(
    join(home, 'bin', 'elasticsearch'),
    Object.entries(all).map(([name, value]) => `-E${name}=${value}`),
    { env, cwd: home, stdio: ['ignore', 'pipe', 'pipe'], ...identity },
  )
  let output = ''
  let started = false
  for (const stream of [child.stdout, child.stderr]) {
    stream.on('data', (chunk: Buffer) => {
      output = (output + chunk.toString()).slice(-4_000)
      started ||= /\] started/.test(output)
    })
  }
  const exited = new Promise<void>((resolve) => {
    child.on('exit', () => resolve())
  })
  const killChild = (): void => void child.kill('SIGKILL')
  process.once('exit', killChild)
  const stop = async (): Promise<void> => {
    child.kill('SIGTERM')
    await Promise.race([exited, sleep(STOP_MS, undefined, { ref: false })])
    killChild()
    await exited
    process.off('exit', killChild)
    rmSync(folder, { recursive: true, force: true })
  }
  const secure = settings['xpack.security.enabled'] === 'true'
  const scheme = settings['xpack.security.http.ssl.enabled'] === 'true' ? 'https' : 'http'
  const url = `${scheme}://127.0.0.1:${httpPort}`
  const until = Date.now() + START_MS
  while (!(secure ? started : await isUp(url))) {
    if (child.exitCode !== null || child.signalCode !== null || Date.now() > until) {
      await stop()
      throw new NoServer(`Elasticsearch ${VERSION} did not start:\n${output}`)
    }
    await sleep(500)
  }
  return { url, pid: child.pid!, stop }
}

async function isUp(url: string): Promise<boolean> {
  try {
    const response = await fetch(`${url}/_cluster/health?wait_for_status=yellow&timeout=1s`)
    return response.ok
  } catch {
    return false
  }
}

function giveAway(folder: string): void {
  chownSync(folder, NOBODY, NOBODY)
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name)
    if (entry.isDirectory()) giveAway(path)
    else chownSync(path, NOBODY, NOBODY)
  }
}

async function freePorts(): Promise<[number, number]> {
  const servers = await Promise.all(
    [0, 1].map(
      () =>
        new Promise<ReturnType<typeof createServer>>((resolve) => {
          const server = createServer().listen(0, '127.0.0.1', () => resolve(server))
        }),
    ),
  )
  const ports = servers.map((server) => (server.address() as { port: number }).port)
  await Promise.all(servers.map((server) => new Promise((resolve) => server.close(resolve))))
  return [ports[0]!, ports[1]!]
}
