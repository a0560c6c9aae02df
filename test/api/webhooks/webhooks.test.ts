import { createHmac } from 'node:crypto'
import { type IncomingHttpHeaders, createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { raiseIncidents } from '../../../api/incidents/raise.ts'
import { dispatchWebhooks } from '../../../api/webhooks/dispatch.ts'
import { isAllowedTarget, targetOf } from '../../../api/webhooks/post.ts'
import { send } from '../../../api/webhooks/send.ts'
import { Masking, readPersonal } from '../../../model/personal.ts'
import { ROOT } from '../../../model/root.ts'
import { NOW, type World, alertOf, makeWorld } from '../world.ts'

let world: World
let admin: Record<string, string>
let got: { headers: IncomingHttpHeaders; body: string }[]
let answer: number
const receiver = createServer((request, response) => {
  let body = ''
  request.on('data', (chunk: Buffer) => (body += chunk.toString()))
  request.on('end', () => {
    got.push({ headers: request.headers, body })
    response.writeHead(answer, { location: 'http://127.0.0.1:1/' }).end('x'.repeat(10))
  })
})
let url: string
let nowMs: number
beforeEach(async () => {
  world = await makeWorld()
  admin = await world.browser('quan-tri')
  got = []
  answer = 200
  nowMs = Date.parse(NOW)
  await new Promise<void>((resolve) => receiver.listen(0, '127.0.0.1', resolve))
  url = `http://127.0.0.1:${(receiver.address() as AddressInfo).port}/soc`
})
afterEach(async () => {
  await new Promise((resolve) => receiver.close(resolve))
  await world.close()
})

const call = (method: 'GET' | 'POST' | 'DELETE', path: string, payload?: object) =>
  world.app.inject({ method, url: `/api/v1/webhooks${path}`, headers: admin, ...(payload && { payload }) })
const masking = new Masking(readPersonal(join(ROOT, 'registry', 'personal-data.yml')))
const round = () => dispatchWebhooks(world.local, { allow: ['127.0.0.1'], now: () => nowMs, masking: () => masking })
const raise = (agency: string, seq: number, title?: string): void => {
  const entities = [{ kind: 'host' as const, value: `h${seq}` }]
  raiseIncidents(world.local, [alertOf(agency, seq, { entities, ...(title !== undefined && { title }) })], {
    criticality: () => 3,
    now: () => NOW,
  })
}

test('a change is told to who may know it, signed over id, time and body, once', async () => {
  const { id, secret } = (await call('POST', '', { url, agencies: ['so-y-te'], codes: ['incident_opened'] })).json()
  expect((await call('GET', '')).body).not.toContain(secret)
  raise('so-y-te', 50)
  raise('so-gtvt', 51)
  await round()
  await round()
  expect(got).toHaveLength(1)
  const [{ headers, body }] = got as [(typeof got)[0]]
  expect(JSON.parse(body)).toMatchObject({
    type: 'incident.incident_opened',
    data: { agency: 'so-y-te', state: 'new' },
  })
  const text = `${String(headers['webhook-id'])}.${String(headers['webhook-timestamp'])}.${body}`
  const mac = createHmac('sha256', Buffer.from(secret.slice(6), 'base64'))
    .update(text)
    .digest('base64')
  expect(headers['webhook-signature']).toBe(`v1,${mac}`)
  expect((await call('GET', `/${id}/deliveries`)).json().items).toMatchObject([
    { state: 'delivered', attempts: 1, status: 200 },
  ])
})

test('what is hidden in every answer is hidden in what is sent', async () => {
  await call('POST', '', { url, agencies: 'all' })
  raise('so-y-te', 50, 'Công dân 001203012345, matkhau=Bi-mat-2026')
  await round()
  expect(JSON.parse(got[0]!.body).data.title).toBe('Công dân ************, matkhau=***********')
})

test('a receiver that fails is tried again, ever later, and in the end not; one may be sent again by hand', async () => {
  const { id } = (await call('POST', '', { url, agencies: 'all' })).json()
  answer = 503
  raise('so-y-te', 50)
  await round()
  const [waiting] = (await call('GET', `/${id}/deliveries`)).json().items
  expect(waiting).toMatchObject({ state: 'pending', nextAt: new Date(nowMs + 10_000).toISOString() })
  for (let n = 0; n < 20; n++) {
    nowMs += 3_600_000 * 8
    await round()
  }
  expect(got).toHaveLength(7)
  expect(new Set(got.map(({ headers }) => headers['webhook-id'])).size).toBe(1)
  const [failed] = (await call('GET', `/${id}/deliveries`)).json().items
  expect(failed).toMatchObject({ state: 'failed', attempts: 7, status: 503, error: 'refused' })
  expect(failed).not.toHaveProperty('nextAt')
  answer = 204
  expect((await call('POST', `/${id}/deliveries/${failed.id}/redeliver`)).statusCode).toBe(204)
  nowMs = Math.max(nowMs, Date.parse(NOW))
  await round()
  expect((await call('GET', `/${id}/deliveries`)).json().items).toMatchObject([{ state: 'delivered' }])
})

test('a redirect is an answer, not a way: nothing is followed', async () => {
  await call('POST', '', { url, agencies: 'all' })
  answer = 307
  raise('so-y-te', 50)
  await round()
  expect(got).toHaveLength(1)
})

test('a new secret signs beside the former one', async () => {
  const { id } = (await call('POST', '', { url, agencies: 'all' })).json()
  expect((await call('POST', `/${id}/secret`)).json().secret).toMatch(/^whsec_/)
  raise('so-y-te', 50)
  await round()
  expect(String(got[0]!.headers['webhook-signature']).split(' ')).toHaveLength(2)
  expect((await call('DELETE', `/${id}`)).statusCode).toBe(204)
})

describe('it reaches nothing inside', () => {
  const inside = [
    '127.0.0.1',
    '127.1.2.3',
    '0.0.0.0',
    '10.0.0.1',
    '172.16.5.5',
    '192.168.1.1',
    '169.254.169.254',
    '100.64.0.1',
    '224.0.0.1',
    '255.255.255.255',
    '::1',
    '::',
    'fe80::1',
    'fc00::1',
    '::ffff:127.0.0.1',
    '::ffff:10.0.0.1',
    '64:ff9b::7f00:1',
    '2002:7f00:1::',
  ]
  test.each(inside)('%s', async (address) => {
    expect(isAllowedTarget(address, [])).toBe(false)
    const written = address.includes(':') ? `[${address}]` : address
    expect(targetOf(`http://${written}/`, [])).toBeNull()
    const delivery = { id: 'm', url: 'http://soar.example.vn/', body: '{}', secrets: ['whsec_eA=='] }
    const resolve = () => Promise.resolve(['93.184.215.14', address])
    expect(await send(delivery, { allow: [], nowMs, resolve })).toEqual({ error: 'private_target' })
  })

  test.each([
    'ftp://example.vn/',
    'file:///etc/passwd',
    'http://a:b@example.vn/',
    'http://0xa.1/',
    'http://167772161/',
    'khong',
  ])('not even as %s', async (text) => {
    expect(targetOf(text, [])).toBeNull()
    expect((await call('POST', '', { url: text, agencies: 'all' })).json().code).toBe('bad_webhook')
  })

  test('a name is connected to at the address that was checked', async () => {
    const port = (receiver.address() as AddressInfo).port
    let asked = 0
    const resolve = () => Promise.resolve([asked++ === 0 ? '127.0.0.1' : '10.0.0.1'])
    const delivery = { id: 'm', url: `http://soar.example.vn:${port}/`, body: '{}', secrets: ['whsec_eA=='] }
    expect(await send(delivery, { allow: ['127.0.0.1'], nowMs, resolve })).toEqual({ status: 200 })
    expect([asked, got[0]!.headers.host]).toEqual([1, `soar.example.vn:${port}`])
  })
})
