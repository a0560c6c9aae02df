import { execFileSync, spawnSync } from 'node:child_process'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { ROOT } from '../../model/root.ts'
import { onOneCore } from '../fresh-process.ts'
import { CACHE, RULES } from './lanes.ts'

/** What the driver of an engine prints. */
export interface PeerFigures {
  rules: number
  /** Of the rules it loaded. */
  ids: string[]
  refused: string[]
  loadMs: number
  events: number
  /** Pairs of an event and a rule; for correlations, what they raised. */
  matches: number
  /** Of what correlations raised: how many are alerts, the others being later versions of those. */
  alerts?: number
  /** µs of CPU time per event. */
  passes: { parseUs: number; matchUs: number; buildMs?: number }[]
}

const SOURCES = join(ROOT, 'bench', 'peers')
export const CORRELATION_RULES = join(SOURCES, 'correlation.yml')

/** The program of a peer, or why there is none. */
export type Peer = { name: string; version: string } & ({ program: string } | { absent: string })

function fault(error: unknown): string {
  const stderr = (error as { stderr?: Buffer }).stderr?.toString().trim()
  return (stderr || String(error)).split('\n').slice(-3).join(' ').slice(0, 400)
}

/** Builds a driver in Rust from its folder below `bench/peers/`, once; the crates come from the registry, as locked. */
function rustPeer(name: string, version: string): Peer {
  const target = join(CACHE, 'target')
  const program = join(target, 'release', `${name}-peer`)
  try {
    process.stderr.write(`building ${name} ${version}, where it is not built yet\n`)
    execFileSync('cargo', ['build', '--release', '--locked', '--quiet'], {
      cwd: join(SOURCES, name),
      env: { ...process.env, CARGO_TARGET_DIR: target },
      stdio: ['ignore', 'ignore', 'pipe'],
    })
    return { name, version, program }
  } catch (error) {
    if (existsSync(program)) return { name, version, program }
    return { name, version, absent: fault(error) }
  }
}

/**
 * The command line of rsigma, which has no switch for its cost per event: it is timed from outside, and only to show that
 * the library is measured as the program works.
 */
function rsigmaProgram(version: string): Peer {
  const name = 'rsigma (its command line)'
  const root = join(CACHE, 'rsigma-cli')
  const program = join(root, 'bin', 'rsigma')
  try {
    if (!existsSync(program)) {
      process.stderr.write(`building the command line of rsigma ${version}\n`)
      const args = ['install', '--locked', '--quiet', 'rsigma', '--version', version, '--root', root]
      execFileSync('cargo', args, { stdio: ['ignore', 'ignore', 'pipe'] })
    }
    return { name, version, program }
  } catch (error) {
    return { name, version, absent: fault(error) }
  }
}

/** All peers, built where they can be. */
export function buildPeers(): { rsigma: Peer; rsigmaCli: Peer; sigmaRust: Peer } {
  return {
    rsigma: rustPeer('rsigma', '0.21.0'),
    rsigmaCli: rsigmaProgram('0.21.0'),
    sigmaRust: rustPeer('sigma-rust', '0.7.0'),
  }
}

const COPIES = 10

/**
 * µs per event of the command line of rsigma with routing, all of it: reading, evaluating and writing what matched. It has no
 * switch for that, so it is the CPU time of a run over ten copies of the events less that of a run over none.
 */
export function commandLineUs(peer: Peer, events: string, count: number, folder: string): number | undefined {
  if (!('program' in peer)) return undefined
  const many = join(folder, 'many.ndjson')
  const none = join(folder, 'none.ndjson')
  writeFileSync(many, readFileSync(events, 'utf8').repeat(COPIES))
  writeFileSync(none, '')
  const seconds = (file: string): number => {
    const args = [
      'engine',
      'eval',
      '--quiet',
      '--output-format',
      'ndjson',
      '--logsource-routing',
      '-r',
      RULES,
      '-e',
      `@${file}`,
    ]
    // Its exit code says whether anything matched.
    const script = 'TIMEFORMAT="%U %S"; time "$@" >/dev/null || true'
    const { stderr } = spawnSync('bash', ['-c', script, 'bash', ...onOneCore(peer.program, args)], { encoding: 'utf8' })
    const [user = NaN, system = NaN] = stderr.trim().split('\n').at(-1)!.split(' ').map(Number)
    return user + system
  }
  return ((seconds(many) - seconds(none)) * 1e6) / (count * COPIES)
}
