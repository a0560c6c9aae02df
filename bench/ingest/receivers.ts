import { execFileSync, spawn, spawnSync, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { connect } from 'node:net'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { onOneCore } from '../fresh-process.ts'
import { CACHE } from '../peers/lanes.ts'
import { freePort } from '../product-process.ts'
import { TIME_ZONE } from './lines.ts'

const START_MS_MAX = 30_000
/** Linux counts CPU time in these (`getconf CLK_TCK`). */
const TICKS_PER_SECOND = 100

/** A program that listens on `port` and writes what comes to `output`. */
export interface Receiver {
  child: ChildProcess
  port: number
  output: string
}

/** How a kind of receiver is started in a folder of its own; a string: why it is absent. */
export type Start = (folder: string, options: { durable: boolean }) => Promise<Receiver>

/** CPU seconds that a process has used, all its threads, those that ended included (proc(5): fields 14 and 15). */
export function cpuSeconds(pid: number): number {
  const stat = readFileSync(`/proc/${pid}/stat`, 'latin1')
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
  return (Number(fields[11]) + Number(fields[12])) / TICKS_PER_SECOND
}

export async function stop(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  const exited = once(child, 'exit')
  child.kill('SIGTERM')
  await exited
}

async function startOn(port: number, command: readonly [string, ...string[]], environment = {}): Promise<ChildProcess> {
  const [program, ...args] = onOneCore(command[0], command.slice(1))
  const child = spawn(program!, args, {
    env: { ...process.env, TZ: TIME_ZONE, ...environment },
    stdio: ['pipe', 'ignore', 'pipe'],
  })
  let words = ''
  child.stderr.on('data', (chunk: Buffer) => (words = (words + chunk.toString()).slice(-4_000)))
  for (const deadline = Date.now() + START_MS_MAX; Date.now() < deadline; await sleep(50)) {
    if (child.exitCode !== null) break
    const socket = connect(port, '127.0.0.1')
    const open = await Promise.race([
      once(socket, 'connect').then(() => true),
      once(socket, 'error').then(() => false),
    ]).catch(() => false)
    socket.destroy()
    if (open) return child
  }
  child.kill('SIGKILL')
  throw new Error(`${command[0]} does not listen: ${words}`)
}

/** Our framing, header reader and JSON writer, to a file. */
export const relay: Start = async (folder, { durable }) => {
  const port = await freePort()
  const output = join(folder, 'out.json')
  const script = join(import.meta.dirname, 'relay-process.js')
  const child = await startOn(port, [process.execPath, script, JSON.stringify({ port, output, durable })])
  return { child, port, output }
}

/** Of the ways tried the cheapest: a template of text took a fifth to a third less than one of a list, larger queues took more. */
const rsyslog: Start = async (folder, { durable }) => {
  const port = await freePort()
  const output = join(folder, 'out.json')
  const config = join(folder, 'rsyslog.conf')
  const names = ['timestamp', 'host', 'program', 'pid', 'severity', 'facility', 'message'] as const
  const values = [
    '"%timereported:::date-rfc3339%"',
    '"%hostname:::json%"',
    '"%programname:::json%"',
    '"%procid:::json%"',
    '%syslogseverity%',
    '%syslogfacility%',
    '"%msg:2:$:json%"', // it begins with the blank behind the tag
  ]
  const line = `{${names.map((name, i) => `"${name}":${values[i]!}`).join(',')}}`
  writeFileSync(
    config,
    `global(workDirectory="${folder}" net.enableDNS="off")
module(load="imptcp")
template(name="line" type="string" string="${line.replaceAll('"', '\\"')}\\n")
input(type="imptcp" port="${port}" address="127.0.0.1")
action(type="omfile" file="${output}" template="line" ioBufferSize="128k" sync="${durable ? 'on' : 'off'}")
`,
  )
  const child = await startOn(port, ['rsyslogd', '-n', '-f', config, '-i', join(folder, 'pid')])
  return { child, port, output }
}

const SYSLOG_NG = join(CACHE, 'syslog-ng')
/** It conflicts with rsyslog, so that its packages are unpacked and not installed; with what a small Debian lacks for it. */
const SYSLOG_NG_PACKAGES = [
  'syslog-ng-core',
  'libivykis0',
  'libnet1',
  'libpcre3',
  'libwrap0',
  'libjson-c5',
  'libglib2.0-0',
]

function unpackSyslogNg(): void {
  if (existsSync(join(SYSLOG_NG, 'usr', 'sbin', 'syslog-ng'))) return
  const folder = join(SYSLOG_NG, 'packages')
  mkdirSync(folder, { recursive: true })
  execFileSync('apt-get', ['download', '-q', ...SYSLOG_NG_PACKAGES], { cwd: folder, stdio: 'pipe' })
  for (const name of readdirSync(folder)) execFileSync('dpkg', ['-x', join(folder, name), SYSLOG_NG], { stdio: 'pipe' })
}

function syslogNgCommand(): { program: string; environment: Record<string, string>; modules: string } {
  const folders = ['usr/lib/syslog-ng', 'usr/lib/x86_64-linux-gnu', 'lib/x86_64-linux-gnu']
  const libraries = folders.map((folder) => join(SYSLOG_NG, folder))
  const version = readdirSync(libraries[0]!).find((name) => /^\d+\.\d+$/.test(name)) ?? ''
  return {
    program: join(SYSLOG_NG, 'usr', 'sbin', 'syslog-ng'),
    environment: { LD_LIBRARY_PATH: libraries.join(':') },
    modules: join(libraries[0]!, version),
  }
}

const syslogNg: Start = async (folder, { durable }) => {
  const port = await freePort()
  const output = join(folder, 'out.json')
  const config = join(folder, 'syslog-ng.conf')
  const { program, environment, modules } = syslogNgCommand()
  const line =
    '$(format-json timestamp=$ISODATE host=$HOST program=$PROGRAM pid=$PID severity=int64($LEVEL_NUM) facility=int64($FACILITY_NUM) message=$MESSAGE)\\n'
  writeFileSync(
    config,
    `@version: ${modules.split('/').at(-1)!}
options { threaded(yes); flush-lines(1000); log-fifo-size(200000); use-dns(no); keep-hostname(yes); stats-freq(0); };
source s { network(ip("127.0.0.1") port(${port}) transport("tcp") max-connections(64) log-iw-size(64000) log-fetch-limit(1000)); };
destination d { file("${output}" template("${line}") fsync(${durable ? 'yes' : 'no'})); };
log { source(s); destination(d); flags(flow-control); };
`,
  )
  const own = ['-R', join(folder, 'persist'), '-p', join(folder, 'pid'), '-c', join(folder, 'control')]
  const args = ['-F', '--no-caps', '-f', config, `--module-path=${modules}`, ...own] as const
  const child = await startOn(port, [program, ...args], environment)
  return { child, port, output }
}

/** What there is of the others, each with its version, or in words why it is absent. */
export function findPeers(): Map<string, { start: Start; version: string } | string> {
  const versionOf = (program: string, args: string[], environment = {}): string => {
    const { stdout, error } = spawnSync(program, args, { env: { ...process.env, ...environment }, encoding: 'utf8' })
    if (error) throw error
    return stdout.split('\n')[0]!.trim()
  }
  const peers = new Map<string, { start: Start; version: string } | string>()
  try {
    peers.set('rsyslog', { start: rsyslog, version: versionOf('rsyslogd', ['-v']) })
  } catch {
    peers.set('rsyslog', 'rsyslog is absent: apt-get install rsyslog')
  }
  try {
    unpackSyslogNg()
    const { program, environment } = syslogNgCommand()
    peers.set('syslog-ng', { start: syslogNg, version: versionOf(program, ['--version'], environment) })
  } catch (error) {
    const reason = error instanceof Error ? error.message.split('\n')[0]! : String(error)
    peers.set('syslog-ng', `syslog-ng is absent, its Debian packages could not be unpacked: ${reason}`)
  }
  return peers
}
