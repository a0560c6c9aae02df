import { X509Certificate } from 'node:crypto'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { connect, type ConnectionOptions, type TLSSocket } from 'node:tls'
import { generate } from 'selfsigned'
import { expect, onTestFinished, test } from 'vitest'
import { dial, run } from './running.ts'

interface Pair {
  cert: string
  key: string
}

async function pair(name: string): Promise<Pair> {
  const { cert, private: key } = await generate([{ name: 'commonName', value: name }], { keySize: 2048 })
  return { cert, key }
}

/** Writes the files that the options name. */
function files(server: Pair, client?: Pair): { folder: string; options: Record<string, unknown> } {
  const folder = mkdtempSync(join(tmpdir(), 'vong-gac-tls-'))
  onTestFinished(() => rmSync(folder, { recursive: true }))
  const path = (name: string, text: string): string => {
    writeFileSync(join(folder, name), text)
    return join(folder, name)
  }
  const options = { port: 0, certificate: path('server.crt', server.cert), key: path('server.key', server.key) }
  return {
    folder,
    options: client === undefined ? options : { ...options, clientCa: path('clients.crt', client.cert) },
  }
}

function dialTls(port: number, options: ConnectionOptions): Promise<TLSSocket> {
  return new Promise((resolve, reject) => {
    const socket = connect({ host: '127.0.0.1', port, rejectUnauthorized: false, ...options }, () => resolve(socket))
    socket.once('error', reject)
    onTestFinished(() => void socket.destroy())
  })
}

test('octet-counted syslog over TLS', async () => {
  const { options } = files(await pair('collector'))
  const { port, stored, records } = await run({ 'syslog-tls': options })
  ;(await dialTls(port, {})).end('6 <13>ab6 <13>cd')
  expect(await stored(2)).toEqual(['<13>ab', '<13>cd'])
  expect((await records())[0]!.origin).toEqual({ input: 'syslog-tls', address: '127.0.0.1' })
})

test('with client certificates: the fingerprint is kept, and nobody comes in without one', async () => {
  const client = await pair('fw1.xa-tan-ky')
  const { options } = files(await pair('collector'), client)
  const { port, stored, records, collector, logged } = await run({ 'syslog-tls': options })
  ;(await dialTls(port, client)).end('<13>known\n')
  expect(await stored(1)).toEqual(['<13>known'])
  const certificate = new X509Certificate(client.cert).fingerprint256.replaceAll(':', '').toLowerCase()
  expect((await records())[0]!.origin).toEqual({ input: 'syslog-tls', address: '127.0.0.1', certificate })

  for (const stranger of [{}, await pair('stranger')]) {
    const before = collector.counters().inputs[0]!.connectionsRefused
    const socket = await dialTls(port, stranger).catch(() => null)
    socket?.on('error', () => undefined)
    socket?.write('<13>stranger\n')
    await expect.poll(() => collector.counters().inputs[0]!.connectionsRefused).toBeGreaterThan(before)
  }
  expect(logged.some(({ message }) => message === 'TLS handshake failed')).toBe(true)
  expect(await stored(1)).toHaveLength(1)
})

test('plain text on the TLS port is turned away', async () => {
  const { options } = files(await pair('collector'))
  const { port, collector, spool } = await run({ 'syslog-tls': options })
  const socket = await dial(port)
  socket.on('error', () => undefined)
  socket.write('<13>in clear\n')
  await expect.poll(() => collector.counters().inputs[0]!.connectionsRefused).toBe(1)
  expect(spool.durableSeq).toBe(0)
})

test('certificates are read again on demand; broken ones leave the old in force', async () => {
  const first = await pair('first')
  const second = await pair('second')
  const { folder, options } = files(first)
  const { port, collector, stored } = await run({ 'syslog-tls': options })
  const subject = async (): Promise<string> => (await dialTls(port, {})).getPeerCertificate().subject.CN as string
  const standing = await dialTls(port, {})
  expect(await subject()).toBe('first')

  writeFileSync(join(folder, 'server.crt'), 'not a certificate')
  await expect(collector.reloadCertificates()).rejects.toThrow(/syslog-tls/)
  expect(await subject()).toBe('first')

  writeFileSync(join(folder, 'server.crt'), second.cert)
  writeFileSync(join(folder, 'server.key'), second.key)
  await collector.reloadCertificates()
  expect(await subject()).toBe('second')
  standing.end('<13>on the old connection\n')
  expect(await stored(1)).toEqual(['<13>on the old connection'])
})
