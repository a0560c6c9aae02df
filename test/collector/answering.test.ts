import { X509Certificate } from 'node:crypto'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { connect, type ConnectionOptions, type TLSSocket } from 'node:tls'
import { generate } from 'selfsigned'
import { expect, onTestFinished, test } from 'vitest'
import { run } from './inputs/running.ts'

interface Pair {
  cert: string
  key: string
}

async function pair(name: string): Promise<Pair> {
  const { cert, private: key } = await generate([{ name: 'commonName', value: name }], { keySize: 2048 })
  return { cert, key }
}

function files(contents: Record<string, string>): Record<string, string> {
  const folder = mkdtempSync(join(tmpdir(), 'vong-gac-answering-'))
  onTestFinished(() => rmSync(folder, { recursive: true }))
  return Object.fromEntries(
    Object.entries(contents).map(([name, text]) => {
      writeFileSync(join(folder, name), text)
      return [name, join(folder, name)]
    }),
  )
}

function dialTls(port: number, options: ConnectionOptions = {}): Promise<TLSSocket> {
  return new Promise((resolve, reject) => {
    const socket = connect({ host: '127.0.0.1', port, rejectUnauthorized: false, ...options }, () => resolve(socket))
    socket.once('error', reject)
    onTestFinished(() => void socket.destroy())
  })
}

const OPENED = '1 open 14 relp_version=0\n2 syslog 5 <13>a\n3 close 0\n'

test('TLS with client certificates: answered, the fingerprint kept, and nobody comes in without one', async () => {
  const server = await pair('collector')
  const client = await pair('web1.xa-tan-ky')
  const { certificate, key, clientCa } = files({ certificate: server.cert, key: server.key, clientCa: client.cert })
  const { port, stored, records, collector } = await run({ relp: { port: 0, certificate, key, clientCa } })
  const socket = await dialTls(port, client)
  let heard = ''
  socket.on('data', (bytes) => (heard += bytes.toString()))
  const closed = new Promise((resolve) => socket.once('close', resolve))
  socket.write(OPENED)
  await closed
  expect(heard).toMatch(/\n2 rsp 6 200 OK\n3 rsp 6 200 OK\n0 serverclose 0\n$/)
  expect(await stored(1)).toEqual(['<13>a'])
  const fingerprint = new X509Certificate(client.cert).fingerprint256.replaceAll(':', '').toLowerCase()
  expect((await records())[0]!.origin).toEqual({ input: 'relp', address: '127.0.0.1', certificate: fingerprint })

  for (const stranger of [{}, await pair('stranger')]) {
    const before = collector.counters().inputs[0]!.connectionsRefused
    const turnedAway = await dialTls(port, stranger).catch(() => null)
    turnedAway?.on('error', () => undefined)
    turnedAway?.write(OPENED)
    await expect.poll(() => collector.counters().inputs[0]!.connectionsRefused).toBeGreaterThan(before)
  }
  expect(await stored(1)).toHaveLength(1)
})

test('certificates are read again on demand; broken ones leave the old in force', async () => {
  const first = await pair('first')
  const second = await pair('second')
  const { certificate, key } = files({ certificate: first.cert, key: first.key })
  const { port, collector } = await run({ lumberjack: { port: 0, certificate, key } })
  const subject = async (): Promise<string> => (await dialTls(port)).getPeerCertificate().subject.CN as string
  expect(await subject()).toBe('first')
  writeFileSync(certificate!, 'not a certificate')
  await expect(collector.reloadCertificates()).rejects.toThrow(/lumberjack/)
  expect(await subject()).toBe('first')
  writeFileSync(certificate!, second.cert)
  writeFileSync(key!, second.key)
  await collector.reloadCertificates()
  expect(await subject()).toBe('second')
})
