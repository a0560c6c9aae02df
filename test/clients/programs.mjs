import { execFileSync, spawn } from 'node:child_process'
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

/** What cannot be had here: its clients are skipped. */
export class Unavailable extends Error {}

const NPM_TIMEOUT_MS = 300_000
const GO_TIMEOUT_MS = 900_000
const APT = { stdio: ['ignore', 'ignore', 'inherit'], env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' } }
let updated = false

/**
 * A program of Debian: the installed one, or else unpacked from its package (and those it needs) below `cache`, without
 * installing anything: rsyslog and syslog-ng cannot be installed side by side.
 * @param program path in the package, such as `/usr/sbin/rsyslogd`
 * @param needs paths that must be there too, such as a module; `*` stands for one folder
 * @returns `path`, and `root`, the folder its files are under (empty: installed), and the environment to run it with
 * @throws {Unavailable}
 */
export function provide(program, { packages, needs = [], cache }) {
  if ([program, ...needs].every((path) => expand(path).length > 0)) return { path: program, root: '', env: process.env }
  const root = join(cache, packages[0])
  if (!existsSync(join(root, program))) unpack(packages, root)
  if (!existsSync(join(root, program)))
    throw new Unavailable(`${program} is in none of the packages ${packages.join(', ')}`)
  const folders = ['/lib/*-linux-gnu', '/usr/lib/*-linux-gnu', '/usr/lib', '/usr/lib/syslog-ng'].flatMap((folder) =>
    expand(root + folder),
  )
  return { path: join(root, program), root, env: { ...process.env, LD_LIBRARY_PATH: folders.join(':') } }
}

function unpack(packages, root) {
  const archives = `${root}.debs`
  mkdirSync(join(archives, 'partial'), { recursive: true })
  const debs = () => readdirSync(archives).filter((file) => file.endsWith('.deb'))
  const download = () => {
    const options = [
      '-y',
      '-q',
      '--no-install-recommends',
      '--reinstall',
      '--download-only',
      '-o',
      `Dir::Cache::archives=${archives}`,
    ]
    execFileSync('apt-get', ['install', ...options, '-o', 'Debug::NoLocking=1', ...packages], APT)
    // Without package lists apt is content with an installed package that it cannot fetch again.
    if (debs().length === 0) throw new Error('apt-get fetched nothing')
  }
  try {
    if (!existsSync('/usr/bin/apt-get')) throw new Error('there is no apt-get here')
    try {
      download()
    } catch (error) {
      if (updated || process.getuid() !== 0) throw error
      updated = true // a new machine has no package lists
      execFileSync('apt-get', ['update', '-q'], APT)
      download()
    }
    mkdirSync(root, { recursive: true })
    for (const name of debs()) {
      execFileSync('dpkg', ['-x', join(archives, name), root], APT)
    }
  } catch (error) {
    throw new Unavailable(`cannot get ${packages.join(', ')} from Debian: ${error.message}`)
  }
}

/**
 * Packages of npm in a folder of their own below `cache`: what is shipped with is no part of the product.
 * @param packages each with its exact version
 * @throws {Unavailable}
 */
export function provideNpm(packages, { cache }) {
  const folder = join(cache, 'npm', packages[0].replaceAll('/', '-'))
  const wanted = JSON.stringify(packages)
  const stamp = join(folder, 'installed.json')
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === wanted) return folder
  mkdirSync(folder, { recursive: true })
  writeFileSync(join(folder, 'package.json'), '{"private":true}')
  const argv = ['install', '--no-audit', '--no-fund', '--no-save', '--loglevel=error', ...packages]
  try {
    execFileSync('npm', argv, { cwd: folder, stdio: ['ignore', 'ignore', 'pipe'], timeout: NPM_TIMEOUT_MS })
  } catch (error) {
    throw new Unavailable(`cannot get ${packages[0]} from npm: ${firstLine(error)}`)
  }
  writeFileSync(stamp, wanted)
  return folder
}

/**
 * A program built from modules of Go below `cache`, once. `build` gets a folder of its own and `go(argv, cwd)`.
 * @returns its path
 * @throws {Unavailable}
 */
export function provideGo(name, version, { cache }, build) {
  const folder = join(cache, 'go', `${name}-${version}`)
  const path = join(folder, name)
  if (existsSync(path)) return path
  // Minutes of compiling: too long for every change, and once is enough for a machine.
  if (process.env.CI === 'true')
    throw new Unavailable(`${name} is not built yet, and continuous integration does not build it`)
  mkdirSync(folder, { recursive: true })
  const env = { ...process.env, CGO_ENABLED: '0', GOTOOLCHAIN: 'local', GOFLAGS: '-buildvcs=false -p=1', GOBIN: folder }
  const go = (argv, cwd = folder, flags = '') =>
    execFileSync('go', argv, {
      cwd,
      env: { ...env, GOFLAGS: `${env.GOFLAGS} ${flags}` },
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'pipe'],
      timeout: GO_TIMEOUT_MS,
      maxBuffer: 64 * 1024 * 1024,
    })
  try {
    build({ folder, path, go, env })
  } catch (error) {
    throw new Unavailable(`cannot build ${name}: ${firstLine(error)}`)
  }
  return path
}

function firstLine(error) {
  return (String(error.stderr ?? '').trim() || error.message).split('\n').at(-1)
}

/** Paths that match a path with `*` for whole or part of a folder's name. */
export function expand(pattern) {
  const [first, ...parts] = pattern.split('/')
  return parts.reduce(
    (folders, part) => {
      if (!part.includes('*')) return folders.map((folder) => `${folder}/${part}`).filter((path) => existsSync(path))
      const [before, after] = part.split('*')
      return folders.flatMap((folder) =>
        readdirSync(folder || '/')
          .filter((name) => name.startsWith(before) && name.endsWith(after))
          .map((name) => `${folder}/${name}`),
      )
    },
    [first],
  )
}

/** Name and number, as the program says. */
export function versionOf({ path, env }, flag = '--version') {
  return execFileSync(path, [flag], { env, encoding: 'utf8' })
    .split('\n')[0]
    .replace(/ compiled with:.*/, '')
    .replace(/\s+/g, ' ')
    .trim()
}

/**
 * Starts a program; `ended` resolves with its exit code and what it said on stderr, `end` ends that one process, and so
 * does `kill`, which gives it no time.
 */
export function run(path, argv, options = {}) {
  const child = spawn(path, argv, { stdio: ['pipe', 'ignore', 'pipe'], ...options })
  let said = ''
  child.stderr.on('data', (bytes) => (said = (said + bytes).slice(-4_000)))
  child.stdin.on('error', () => {}) // it ended before it read everything: `ended` tells
  const ended = new Promise((resolve) => {
    child.once('error', (error) => resolve({ code: -1, said: String(error) }))
    child.once('close', (code) => resolve({ code, said }))
  })
  const end = async () => {
    child.kill('SIGTERM')
    const timer = setTimeout(() => child.kill('SIGKILL'), 5_000)
    await ended
    clearTimeout(timer)
  }
  const kill = async () => {
    child.kill('SIGKILL')
    await ended
  }
  return { child, ended, end, kill }
}
