import { createServer, type Server, type Socket } from 'node:net'
import { once } from 'node:events'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { freePort, startProductProcess, type ProductProcess } from '../../bench/product-process.ts'
import { ask, everything, mintTokens, send, settledSpool, type Answer } from './wire.ts'

const STOP_MS_MAX = 60_000
const LINE =
  '<38>1 2026-11-20T09:00:00+07:00 motcua-web01 sshd 1 - - Accepted password for root from 203.0.113.7 port 22 ssh2'

const stopped = (product: ProductProcess): Promise<number | string | null> =>
  Promise.race([product.stop(), sleep(STOP_MS_MAX, 'still running')])

describe('first log-in, end and new beginning', () => {
  let product: ProductProcess
  let cookie = ''
  const password = 'một mật khẩu đủ dài'

  beforeAll(async () => {
    product = await startProductProcess()
  })
  afterAll(() => product.kill())

  const call = async (method: string, path: string, body?: object): Promise<Answer> => {
    const answer = await ask(`${product.url}/api/v1/${path}`, {
      method,
      headers: { 'content-type': 'application/json', origin: product.url, cookie },
      body: body === undefined ? '' : JSON.stringify(body),
    })
    const [given] = answer.headers['set-cookie'] ?? []
    if (given !== undefined) cookie = given.split(';')[0]!
    return answer
  }

  test('the printed password opens a session that can do nothing but change it', async () => {
    const [, printed = ''] = /admin \/ (\S+)/.exec(product.output())!
    const login = await call('POST', 'login', { name: 'admin', password: printed })
    expect(login.status, login.text).toBe(200)
    expect(JSON.parse(login.text)).toMatchObject({ mustChangePassword: true, actions: [] })
    const refused = await call('GET', 'sources')
    expect([refused.status, (JSON.parse(refused.text) as { code: string }).code]).toEqual([
      403,
      'password_change_required',
    ])
    const former = cookie
    const changed = await call('PATCH', 'me/password', { current: printed, password })
    expect(changed.status, changed.text).toBe(200)
    expect((await call('GET', 'sources')).status).toBe(200)
    cookie = former
    expect((await call('GET', 'sources')).status, 'the session before the change').toBe(401)
    expect((await call('POST', 'login', { name: 'admin', password: printed })).status, 'the printed password').toBe(401)
  })

  test('SIGTERM ends it with 0; started again, session, events and password are there, and no password is printed', async () => {
    expect((await call('POST', 'login', { name: 'admin', password })).status).toBe(200)
    await send(product.ports.syslogTcp, `${LINE}\n`)
    await settledSpool(product.dataFolder)
    expect(await stopped(product), product.output()).toBe(0)
    product = await startProductProcess(product.environment)
    expect(product.output()).not.toContain('admin /')
    await expect.poll(async () => (await ask(`${product.url}/readyz`)).status, { timeout: 60_000 }).toBe(200)
    const { events } = await everything(product.url, mintTokens(product.dataFolder, 'motcua').api)
    expect(events.map((event) => event['event.original'])).toEqual([LINE])
    expect((await call('GET', 'me')).status).toBe(200)
  })

  test('wrong passwords lock the account out, for that account alone', async () => {
    const statuses: number[] = []
    for (let i = 0; i < 6; i++)
      statuses.push((await call('POST', 'login', { name: 'admin', password: `wrong ${i}` })).status)
    expect(statuses).toEqual([401, 401, 401, 401, 401, 429])
    const locked = await call('POST', 'login', { name: 'admin', password })
    expect([locked.status, Number(locked.headers['retry-after']) > 0]).toEqual([429, true])
    expect(JSON.parse(locked.text)).toMatchObject({ code: 'locked_out' })
    expect((await call('POST', 'login', { name: 'nobody', password })).status).toBe(401)
  })
})

describe.each([
  ['is not there', (): Server | null => null],
  ['takes connections and never answers', (): Server => createServer()],
  [
    'answers with what is no Elasticsearch',
    (): Server => createServer((socket) => socket.end('HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n{}')),
  ],
])('a cluster that %s', (_name, makeServer) => {
  let product: ProductProcess
  const server = makeServer()
  const sockets = new Set<Socket>()

  beforeAll(async () => {
    const port = await freePort()
    server?.on('connection', (socket) => sockets.add(socket.on('error', () => undefined))).listen(port, '127.0.0.1')
    product = await startProductProcess({
      SOC_STORE_ENGINE: 'elasticsearch',
      SOC_STORE_NODE: `http://127.0.0.1:${port}`,
    })
  })
  afterAll(async () => {
    await product.kill()
    for (const socket of sockets) socket.destroy()
    server?.close()
    if (server?.listening === true) await once(server, 'close')
  })

  test('does not keep logs from being taken', async () => {
    const answer = await ask(`${product.url}/ingest/x`, {
      method: 'POST',
      headers: { authorization: `Bearer ${mintTokens(product.dataFolder, 'motcua').ingest}` },
      body: LINE,
    })
    expect(answer.status, answer.text).toBe(200)
    expect(JSON.parse(answer.text)).toMatchObject({ accepted: 1, refused: 0 })
  })
  test('is told of by /readyz', async () => {
    const answer = await ask(`${product.url}/readyz`)
    expect(answer.status).toBe(503)
    const { checks } = JSON.parse(answer.text) as { checks: { name: string; ok: boolean; reason?: string }[] }
    expect(checks.find(({ name }) => name === 'store')).toEqual({ name: 'store', ok: false, reason: 'unavailable' })
    expect(checks.find(({ name }) => name === 'spool')).toEqual({ name: 'spool', ok: true })
  })
  test('is a 503 to a search', async () => {
    const headers = { authorization: `Bearer ${mintTokens(product.dataFolder, 'motcua').api}` }
    const answer = await ask(`${product.url}/api/v1/events/search`, { headers })
    expect(answer.status).toBe(503)
    expect(JSON.parse(answer.text)).toMatchObject({ code: 'store_unavailable' })
  })
  test('does not keep it from ending in order', async () => {
    expect(await stopped(product), product.output()).toBe(0)
  })
})
