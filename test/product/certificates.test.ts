import { renameSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { connect } from 'node:tls'
import { generate } from 'selfsigned'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { consoleUrl, emptyFolder, run, type Run } from './run.ts'
import { ask } from './wire.ts'

const folder = emptyFolder()
const certificate = join(folder, 'soc.pem')
const key = join(folder, 'soc.key')
let ca = ''
let product: Run
let url: string

async function issue(): Promise<void> {
  const pair = await generate([{ name: 'commonName', value: 'localhost' }], { keySize: 2048 })
  ca = pair.cert
  for (const [path, text] of [
    [certificate, pair.cert],
    [key, pair.private],
  ] as const) {
    writeFileSync(`${path}.new`, text)
    renameSync(`${path}.new`, path)
  }
}

/** SHA-256 of the certificate that a port shows to a new connection. */
function shown(port: number): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect({ host: '127.0.0.1', port, rejectUnauthorized: false }, () => {
      resolve(socket.getPeerCertificate().fingerprint256)
      socket.destroy()
    })
    socket.on('error', reject)
  })
}
const ports = (): number[] => [Number(new URL(url).port), Number(/syslog-tls +\S+:(\d+)/.exec(product.stdout())![1])]
const shownNow = (): Promise<string[]> => Promise.all(ports().map(shown))
const hup = async (said: string): Promise<void> => {
  const before = product.stderr().length
  product.signal('SIGHUP')
  await expect.poll(() => product.stderr().slice(before)).toContain(said)
}

beforeAll(async () => {
  await issue()
  product = run({
    SOC_HTTP_CERTIFICATE: certificate,
    SOC_HTTP_KEY: key,
    SOC_INPUTS_SYSLOG_TLS__PORT: '0',
    SOC_INPUTS_SYSLOG_TLS__CERTIFICATE: certificate,
    SOC_INPUTS_SYSLOG_TLS__KEY: key,
  })
  await product.says('Vọng Gác is running')
  url = consoleUrl(product)
})
afterAll(() => product.signal('SIGKILL'))

test('the console is served over HTTPS, with a cookie for HTTPS alone', async () => {
  expect(url).toMatch(/^https:/)
  const [, password] = /admin \/ (\S+)/.exec(product.stdout())!
  const answer = await ask(`${url}/api/v1/login`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', origin: url },
    body: JSON.stringify({ name: 'admin', password }),
    ca,
  })
  expect(answer.status, answer.text).toBe(200)
  expect(answer.headers['set-cookie']?.[0]).toMatch(/^__Host-soc_session=.*; HttpOnly; Secure; SameSite=Lax/)
  expect(answer.headers['strict-transport-security']).toMatch(/max-age=\d+/)
})

test('nothing answers in clear on that port', async () => {
  await expect(ask(url.replace('https:', 'http:'))).rejects.toThrow(/hang up|ECONNRESET/)
})

test('a replaced certificate is shown after SIGHUP, on every port', async () => {
  const [former] = await shownNow()
  await issue()
  expect(await shownNow()).toEqual([former, former])
  await hup('certificates read again')
  const now = await shownNow()
  expect(now[0]).not.toBe(former)
  expect(now[1]).toBe(now[0])
  expect((await ask(`${url}/livez`, { ca })).status).toBe(200)
})

test.each([
  ['is none', () => Promise.resolve('no certificate')],
  ['belongs to another key', async () => (await generate([], { keySize: 2048 })).cert],
])('one that %s leaves the former in force', async (_name, other) => {
  const former = await shownNow()
  writeFileSync(certificate, await other())
  await hup('the former ones stay in force')
  expect(await shownNow()).toEqual(former)
})

test('SIGTERM ends it with 0', async () => {
  product.signal('SIGTERM')
  expect(await product.ended(), product.stderr()).toBe(0)
})
