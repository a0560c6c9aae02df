import { execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'

interface Component {
  'bom-ref': string
  name: string
  [key: string]: unknown
}

/** CycloneDX 1.5, as `npm sbom` writes it; what is read or changed here. */
interface CycloneDx {
  serialNumber?: string
  metadata: { timestamp: string; component: Component; [key: string]: unknown }
  components: Component[]
  dependencies: { ref: string; dependsOn: string[] }[]
  [key: string]: unknown
}

/**
 * The parts list (CycloneDX, JSON) of a folder with production dependencies installed, Node among them. Its time is the
 * commit's and its number comes from what it lists, so that the same parts give the same list.
 */
export function sbomOf(
  folder: string,
  node: { package: string; version: string; integrity: string },
  epochSeconds: number,
): string {
  const text = execFileSync('npm', ['sbom', '--sbom-format=cyclonedx', '--package-lock-only'], {
    cwd: folder,
    encoding: 'utf8',
    maxBuffer: 64 * 1024 ** 2,
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const { serialNumber: _random, ...list } = JSON.parse(text) as CycloneDx
  // The lock file has more: what builds and tests, and builds for other machines. npm notes in a hidden one what it has installed. Its own
  // `--omit=dev` leaves out as well what production and tests share.
  const { packages } = JSON.parse(readFileSync(join(folder, 'node_modules', '.package-lock.json'), 'utf8')) as {
    packages: Record<string, { version: string }>
  }
  const installed = new Set(
    Object.entries(packages).map(([path, { version }]) => `${path.replace(/^.*node_modules\//, '')}@${version}`),
  )
  list.components = list.components.filter((component) => installed.has(component['bom-ref']))
  const present = new Set([list.metadata.component, ...list.components].map((component) => component['bom-ref']))
  list.dependencies = list.dependencies
    .filter(({ ref }) => present.has(ref))
    .map(({ ref, dependsOn }) => ({ ref, dependsOn: dependsOn.filter((other) => present.has(other)) }))
  list.metadata.component.name = 'vong-gac' // npm says the folder's
  list.metadata.timestamp = new Date(epochSeconds * 1_000).toISOString()
  const sha512 = Buffer.from(node.integrity.replace('sha512-', ''), 'base64').toString('hex')
  list.components.push({
    type: 'platform',
    'bom-ref': `${node.package}@${node.version}`,
    name: node.package,
    version: node.version,
    purl: `pkg:npm/${node.package}@${node.version}`,
    hashes: [{ alg: 'SHA-512', content: sha512 }],
  })
  list.components.sort((a, b) => (a['bom-ref'] < b['bom-ref'] ? -1 : 1))
  const digest = createHash('sha256').update(JSON.stringify(list)).digest('hex')
  // RFC 9562 §5.8: version 8, for numbers made from a hash.
  const serial = `${digest.slice(0, 8)}-${digest.slice(8, 12)}-8${digest.slice(13, 16)}-8${digest.slice(17, 20)}-${digest.slice(20, 32)}`
  return `${JSON.stringify({ ...list, serialNumber: `urn:uuid:${serial}` }, null, 2)}\n`
}
