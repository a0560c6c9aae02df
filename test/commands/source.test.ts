import { execFile } from 'node:child_process'
import { copyFileSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { expect, test } from 'vitest'
import { parseRegistry, resolveSource } from '../../model/registry.ts'
import { ROOT } from '../../model/root.ts'
import { addSourceEntry, entryLine } from '../../shipping/registry-entry.ts'
import { openLocal } from '../../store/local/database.ts'
import { authenticateIngest } from '../../store/local/tokens.ts'

const folder = (): string => mkdtempSync(join(tmpdir(), 'vong-gac-source-'))

/** A folder in which the product has run once, with a registry of its own. */
function place(settings: object = {}): string {
  const path = folder()
  openLocal(join(path, 'local.db')).close()
  copyFileSync(join(ROOT, 'registry/hai-duong.yml'), join(path, 'registry.yml'))
  writeFileSync(join(path, 'soc.yaml'), JSON.stringify({ dataFolder: path, registry: 'registry.yml', ...settings }))
  return path
}

const soc = (cwd: string, argv: string[]): Promise<{ stdout: string; stderr: string }> =>
  promisify(execFile)(process.execPath, [join(ROOT, 'dist', 'soc.js'), 'source', ...argv], {
    cwd,
    env: { PATH: process.env['PATH'] },
  })

test('a sender that is known by its address: configuration, settings that are missing, line of the registry', async () => {
  const path = place()
  const argv = 'add --agency hp-so-yt --system yte --shipper rsyslog --transport relp --address 10.20.5.7 --host soc.vn'
  const { stdout, stderr } = await soc(path, argv.split(' '))
  expect(stdout).toContain('target="soc.vn" port="2514"')
  expect(stdout).not.toContain('«')
  expect(stderr).toContain('relp: { host: 0.0.0.0 }')
  expect(stderr).toContain('- { match: { address: 10.20.5.7 }, agency: hp-so-yt, system: yte, from: ')

  const before = readFileSync(join(path, 'registry.yml'), 'utf8')
  await soc(path, [...argv.split(' '), '--write'])
  const after = readFileSync(join(path, 'registry.yml'), 'utf8')
  expect(after.split('\n')).toHaveLength(before.split('\n').length + 1)
  const registry = parseRegistry(after, 'registry.yml')
  const sender = { address: '10.20.5.7' }
  expect(resolveSource(registry, sender, new Date().toISOString())).toMatchObject({ agency: 'hp-so-yt', system: 'yte' })
})

test('a sender with a token: it is of the agency, and in the configuration only', async () => {
  const path = place({ inputs: { 'elasticsearch-bulk': { port: 9999 } } })
  const argv = ['add', '--agency', 'hp-so-yt', '--shipper', 'winlogbeat', '--host', '127.0.0.1']
  const { stdout, stderr } = await soc(path, argv)
  expect(stdout).toContain('hosts: ["http://127.0.0.1:9999"]')
  const [token = ''] = /soc_[a-z0-9]{12}_[\w-]{43}/.exec(stdout) ?? []
  expect(stderr).not.toContain(token)
  const local = openLocal(join(path, 'local.db'))
  expect(authenticateIngest(local, token)).toMatchObject({ agency: 'hp-so-yt' })
  local.close()
})

test.each([
  ['no such agency', 'add --agency nobody --shipper curl', 'no agency nobody'],
  ['no such system', 'add --agency hp-so-yt --system x --shipper curl', 'no system x'],
  ['no such shipper', 'add --agency hp-so-yt --shipper telegraf', 'no shipper telegraf; there are curl'],
  ['no such way', 'add --agency hp-so-yt --shipper curl --transport udp', 'curl has no udp; it has http'],
  ['no address', 'add --agency hp-so-yt --shipper rsyslog', 'an address or network is needed'],
  ['no address that is one', 'add --agency hp-so-yt --shipper rsyslog --address 10.0.0', 'no address'],
  ['a host that is text', 'add --agency hp-so-yt --shipper curl --host a"b', 'no name or address'],
  ['a stream that is a path', 'add --agency hp-so-yt --shipper curl --stream ../x', 'no name of a stream'],
])('%s', async (_name, argv, said) => {
  await expect(soc(place(), argv.split(' '))).rejects.toMatchObject({ code: 1, stderr: expect.stringContaining(said) })
})

test('what cannot be written leaves the registry as it was', () => {
  const path = join(place(), 'registry.yml')
  const text = readFileSync(path, 'utf8')
  expect(() => addSourceEntry(path, { match: { address: '10.0.0.1' }, agency: 'nobody', from: '2026-01-01' })).toThrow(
    'nobody',
  )
  expect(readFileSync(path, 'utf8')).toBe(text)
  writeFileSync(path, 'sources: []\n')
  expect(() =>
    addSourceEntry(path, { match: { address: '10.0.0.1' }, agency: 'hp-so-yt', from: '2026-01-01' }),
  ).toThrow('by hand')
  expect(entryLine({ match: { address: '2001:db8::1' }, agency: 'a', from: '2026-01-01' })).toBe(
    '- { match: { address: "2001:db8::1" }, agency: a, from: 2026-01-01 }',
  )
})
