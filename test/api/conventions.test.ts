import { request as httpRequest } from 'node:http'
import { type AddressInfo, connect } from 'node:net'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { raiseIncidents } from '../../api/incidents/raise.ts'
import { seal, unseal } from '../../api/sealed.ts'
import type { Job } from '../../store/local/jobs.ts'
import { addJob, getJob, jobResults } from '../../store/local/jobs.ts'
import { workOff } from '../../api/incidents/bulk.ts'
import { listIncidents } from '../../store/local/incidents.ts'
import { addHistory, listHistory } from '../../store/local/history.ts'
import { NOW, type World, alertOf, makeWorld } from './world.ts'

let world: World
let headers: Record<string, string>
beforeEach(async () => {
  world = await makeWorld()
  headers = await world.browser('phan-tich')
})
afterEach(() => world.close())

const post = (url: string, payload: object, more: Record<string, string> = {}) =>
  world.app.inject({ method: 'POST', url: `/api/v1${url}`, headers: { ...headers, ...more }, payload })
const get = (url: string, as = headers) => world.app.inject({ url: `/api/v1${url}`, headers: as })

describe('Idempotency-Key', () => {
  const key = { 'idempotency-key': 'khoa-cua-toi-1' }
  const comments = async (): Promise<number> => {
    const { items } = (await get('/incidents?agency=so-y-te')).json()
    return (await get(`/incidents/${items[0].id}/comments`)).json().items.length
  }
  const url = async (): Promise<string> =>
    `/incidents/${(await get('/incidents?agency=so-y-te')).json().items[0].id}/comments`

  test('the same request again does nothing and has the same answer; after 24 hours it is a new one', async () => {
    const first = await post(await url(), { body: 'một' }, key)
    const again = await post(await url(), { body: 'một' }, key)
    expect([again.statusCode, again.json(), again.headers['idempotency-replayed']]).toEqual([201, first.json(), 'true'])
    expect(await comments()).toBe(1)
    world.advance(24 * 3_600_000)
    headers = await world.browser('phan-tich')
    expect((await post(await url(), { body: 'một' }, key)).headers['idempotency-replayed']).toBeUndefined()
    expect(await comments()).toBe(2)
  })

  test('another body, another key and another asker are other requests', async () => {
    await post(await url(), { body: 'một' }, key)
    expect((await post(await url(), { body: 'hai' }, key)).json().code).toBe('idempotency_mismatch')
    expect((await post(await url(), { body: 'một' }, { 'idempotency-key': 'khoa-khac-2' })).statusCode).toBe(201)
    const token = world.token(['incidents:comment'], 'all')
    expect(
      (
        await world.app.inject({
          method: 'POST',
          url: `/api/v1${await url()}`,
          headers: { ...token, ...key },
          payload: { body: 'ba' },
        })
      ).statusCode,
    ).toBe(201)
    expect(await comments()).toBe(3)
    expect((await post(await url(), { body: 'x' }, { 'idempotency-key': 'ngắn' })).json().code).toBe(
      'bad_idempotency_key',
    )
  })

  test('a refusal is kept as well; a request that died half-way is not done again, and says so', async () => {
    const refused = await post('/incidents/khong-co/comments', { body: 'x' }, key)
    const again = await post('/incidents/khong-co/comments', { body: 'x' }, key)
    expect([again.statusCode, again.body, again.headers['content-type']]).toEqual([
      404,
      refused.body,
      'application/problem+json',
    ])
    world.local.exec('UPDATE idempotency SET status = NULL')
    expect((await post('/incidents/khong-co/comments', { body: 'x' }, key)).json().code).toBe('idempotency_unknown')
  })

  test('what comes at once is done once', async () => {
    const address = await url()
    const answers = await Promise.all(Array.from({ length: 8 }, () => post(address, { body: 'một' }, key)))
    expect(answers.every(({ statusCode }) => statusCode === 201 || statusCode === 409)).toBe(true)
    expect(await comments()).toBe(1)
  })

  test('a file is its bytes: other ones of the same length are another request, the same ones are kept once', async () => {
    const incident = (await get('/incidents?agency=so-y-te')).json().items[0].id
    const address = `/api/v1/incidents/${incident}/attachments`
    const send = (payload: Buffer) =>
      world.app.inject({
        method: 'POST',
        url: `${address}?name=x.bin`,
        headers: { ...headers, ...key, 'content-type': 'application/octet-stream' },
        payload,
      })
    const first = await send(Buffer.from('một tệp'))
    const again = await send(Buffer.from('một tệp'))
    expect([first.statusCode, again.statusCode, again.json(), again.headers['idempotency-replayed']]).toEqual([
      201,
      201,
      first.json(),
      'true',
    ])
    const other = await send(Buffer.from('một tẹp'))
    expect([other.statusCode, other.json().code]).toEqual([422, 'idempotency_mismatch'])
    expect((await get(`/incidents/${incident}/attachments`)).json().items).toHaveLength(1)
  })

  test('no answer that holds a secret is kept', async () => {
    headers = await world.browser('quan-tri')
    await post('/tokens', { kind: 'ingest', name: 'x', agency: 'so-y-te' }, key)
    expect(world.local.prepare('SELECT * FROM idempotency').all()).toEqual([])
  })
})

describe('bulk', () => {
  const many = (count: number, agency = 'so-y-te'): void => {
    const alerts = Array.from({ length: count }, (_, i) =>
      alertOf(agency, 1_000 + i, { level: 'medium', entities: [{ kind: 'host', value: `may-${i}` }] }),
    )
    raiseIncidents(world.local, alerts, { criticality: () => 3, now: () => NOW })
  }
  const finished = async (
    id: string,
  ): Promise<{ state: string; results: Record<string, number>; remaining: number }> => {
    for (;;) {
      const job = (await get(`/jobs/${id}`)).json()
      if (job.state === 'done' || job.state === 'undone') return job
      await new Promise((resolve) => setTimeout(resolve, 5))
    }
  }
  const close = { state: 'closed', verdict: 'false_positive' }

  test('all that fit a filter, beyond any page; each in the history; undone but for what changed since', async () => {
    many(600)
    const started = await post('/incidents/bulk', { filter: { level: ['medium'] }, expected: 600, change: close })
    expect([started.statusCode, started.headers['location']]).toEqual([202, `/api/v1/jobs/${started.json().id}`])
    expect(await finished(started.json().id)).toMatchObject({ total: 600, remaining: 0, results: { changed: 600 } })
    expect((await get('/incidents?level=medium&state=closed')).json().total).toBe(600)
    const [last] = listHistory(world.local, { limit: 1 })
    expect(last).toMatchObject({
      actor: 'phan-tich',
      code: 'incident_changed',
      params: { job: started.json().id },
      before: { state: 'new' },
    })

    const [touched] = (await get('/incidents?level=medium')).json().items
    const reopen = {
      method: 'PATCH',
      url: `/api/v1/incidents/${touched.id}`,
      headers: { ...headers, 'if-match': '*' },
      payload: { state: 'in_progress' },
    } as const
    await world.app.inject(reopen)
    expect((await post(`/jobs/${started.json().id}/undo`, {})).statusCode).toBe(202)
    expect(await finished(started.json().id)).toMatchObject({
      state: 'undone',
      results: { undone: 599, changed_since: 1 },
    })
    const { items, total } = (await get('/incidents?level=medium&state=new')).json()
    expect([total, items[0].verdict, items[0].life.map((step: { state: string }) => step.state)]).toEqual([
      599,
      undefined,
      ['new'], // nobody took it up: the clocks run on
    ])
    expect((await post(`/jobs/${started.json().id}/undo`, {})).json().code).toBe('bad_bulk')
  })

  test('refused as a whole: another count than the asker saw, no verdict, an assignee who may not see all of them', async () => {
    many(3)
    many(2, 'so-gtvt')
    const code = async (body: object): Promise<string> => (await post('/incidents/bulk', body)).json().code
    const filter = { level: ['medium'] }
    expect(await code({ filter, expected: 4, change: close })).toBe('count_changed')
    expect(await code({ filter, change: { state: 'closed' } })).toBe('verdict_required')
    expect(await code({ filter, change: { assignee: 'phan-tich-yte' } })).toBe('unknown_assignee')
    expect(await code({ change: close })).toBe('bad_bulk')
    expect(await code({ ids: ['khong-co'], change: close })).toBe('not_found')
    expect((await get('/incidents?state=closed')).json().total).toBe(0)
  })

  test('only what the asker sees, and only the asker sees the job', async () => {
    many(3)
    many(2, 'so-gtvt')
    const narrow = await world.browser('phan-tich-yte')
    const started = await world.app.inject({
      method: 'POST',
      url: '/api/v1/incidents/bulk',
      headers: narrow,
      payload: { filter: {}, change: close },
    })
    expect(started.json().total).toBe(4)
    expect((await get(`/jobs/${started.json().id}`)).statusCode).toBe(404)
    expect((await get(`/jobs/${started.json().id}`, narrow)).statusCode).toBe(200)
  })

  test('what one incident does not allow is its result, and stops nothing; what a stop left is done afterwards', async () => {
    many(300)
    const incidents = listIncidents(world.local, { scope: 'all', order: 'updated', levels: ['medium'], limit: 500 })
    const ids = [...incidents.map(({ id }) => id), 'khong-co']
    const decision = { state: 'new' } as const
    const [first] = incidents
    await world.app.inject({
      method: 'PATCH',
      url: `/api/v1/incidents/${first!.id}`,
      headers: { ...headers, 'if-match': '*' },
      payload: { state: 'in_progress' },
    })
    const job: Job<object> = addJob(world.local, { principal: 'user:a', actor: 'a', at: NOW, decision }, ids)
    const read = getJob<typeof decision>(world.local, job.id)! // as the next start of the program finds it
    await workOff(world.local, read, () => NOW)
    expect(jobResults(world.local, job.id)).toEqual({ unchanged: 299, transition_refused: 1, gone: 1 })
  })
})

describe('the stream', () => {
  interface Event {
    event: string
    id: string
    data: { agency?: string; code?: string; title?: string }
  }
  /** Reads events until `enough`, or for two seconds. */
  async function listen(
    as: Record<string, string>,
    lastEventId: string | null,
    enough: (events: Event[]) => boolean,
    work?: () => Promise<void>,
  ) {
    if (!world.app.server.listening) await world.app.listen({ port: 0, host: '127.0.0.1' })
    const { port } = world.app.server.address() as AddressInfo
    const events: Event[] = []
    let lastId = ''
    const type = await new Promise<string>((resolve, reject) => {
      const asked = httpRequest(
        {
          port,
          host: '127.0.0.1',
          path: '/api/v1/stream',
          headers: { ...as, ...(lastEventId !== null && { 'last-event-id': lastEventId }) },
        },
        (answer) => {
          let text = ''
          const stop = setTimeout(() => asked.destroy(), 2_000)
          answer.on('data', (chunk: Buffer) => {
            text += chunk.toString()
            const parts = text.split('\n\n')
            text = parts.pop()!
            for (const part of parts) {
              const field = (name: string) => new RegExp(`^${name}: (.*)$`, 'm').exec(part)?.[1]
              lastId = field('id') ?? lastId
              const [event, id, data] = [field('event'), field('id'), field('data')]
              if (event !== undefined) events.push({ event, id: id!, data: JSON.parse(data!) as Event['data'] })
            }
            if (enough(events)) asked.destroy()
          })
          const ended = (): void => {
            clearTimeout(stop)
            resolve(String(answer.headers['content-type']))
          }
          answer.on('close', ended)
          if (work !== undefined) work().catch(reject)
        },
      )
      asked.on('error', (error) => (events.length === 0 && lastId === '' ? reject(error) : undefined))
      asked.end()
    })
    return { events, lastId, type }
  }
  const both = () => {
    const alerts = [
      alertOf('so-y-te', 50, { entities: [{ kind: 'host', value: 'a' }] }),
      alertOf('so-gtvt', 51, { entities: [{ kind: 'host', value: 'b' }] }),
    ]
    raiseIncidents(world.local, alerts, { criticality: () => 3, now: () => NOW })
    return Promise.resolve()
  }

  test('tells what happens, to each what they see, and after a break what was missed', async () => {
    const narrow = world.token(['incidents:read'], ['so-y-te'])
    const first = await listen(narrow, null, (events) => events.length > 0, both)
    expect(first.type).toBe('text/event-stream; charset=utf-8')
    expect(first.events.map(({ event, data }) => [event, data.agency, data.code])).toEqual([
      ['change', 'so-y-te', 'incident_opened'],
    ])
    await both() // the same alerts: nothing
    raiseIncidents(
      world.local,
      [
        alertOf('so-gtvt', 52, { level: 'critical', title: 'x' }),
        alertOf('so-y-te', 53, { level: 'critical', title: 'x', entities: [{ kind: 'host', value: 'a' }] }),
      ],
      { criticality: () => 3 },
    )
    const second = await listen(narrow, first.lastId, (events) => events.length >= 2)
    expect(second.events.map(({ data }) => [data.agency, data.code])).toEqual([
      ['so-y-te', 'rule_joined'],
      ['so-y-te', 'priority_raised'],
    ])
    expect((await listen(narrow, second.lastId, (events) => events.length > 0)).events).toEqual([])
  })

  test('hides what every answer hides', async () => {
    const alert = alertOf('so-y-te', 54, { title: 'Công dân 001203012345', entities: [{ kind: 'host', value: 'c' }] })
    const { events } = await listen(
      headers,
      null,
      (seen) => seen.length > 0,
      async () => void raiseIncidents(world.local, [alert], { criticality: () => 3, now: () => NOW }),
    )
    expect(events.map(({ data }) => data.title)).toEqual(['Công dân ************'])
  })

  test('an id that is not of here asks for everything anew; ids tell nothing of their place', async () => {
    const { events } = await listen(headers, 'AAAA', (seen) => seen.length > 0)
    expect(events.map(({ event }) => event)).toEqual(['reset'])
    const secret = Buffer.alloc(32, 7)
    const [one, two] = [seal(secret, 41), seal(secret, 41)]
    expect([
      one === two,
      unseal(secret, one),
      unseal(Buffer.alloc(32, 8), one),
      unseal(secret, `${one.slice(0, -2)}AA`),
    ]).toEqual([false, 41, null, null])
  })

  test('lets go of whoever does not read, with all that waits for them', async () => {
    const wide = alertOf('so-y-te', 55, { title: 'x'.repeat(400_000), entities: [{ kind: 'host', value: 'd' }] })
    const [incident] = raiseIncidents(world.local, [wide], { criticality: () => 3, now: () => NOW })
    if (!world.app.server.listening) await world.app.listen({ port: 0, host: '127.0.0.1' })
    const { port } = world.app.server.address() as AddressInfo
    const connections = (): Promise<number> =>
      new Promise((resolve, reject) => world.app.server.getConnections((e, n) => (e ? reject(e) : resolve(n))))
    const before = await connections()
    const deaf = connect({ port, host: '127.0.0.1' }, () => {
      deaf.pause()
      const fields = Object.entries(world.token(['incidents:read'], 'all')).map(
        ([name, value]) => `${name}: ${value}\r\n`,
      )
      deaf.write(`GET /api/v1/stream HTTP/1.1\r\nhost: x\r\n${fields.join('')}\r\n`)
    }).on('error', () => undefined)
    await vi.waitFor(async () => expect(await connections()).toBe(before + 1))
    // More than the system keeps for a connection, and than the product does.
    const subject = { kind: 'incident' as const, id: incident!.id }
    const entry = { at: NOW, actor: 'system', subject, code: 'clock_warning', params: {} }
    await vi.waitFor(
      async () => {
        addHistory(
          world.local,
          Array.from({ length: 5 }, () => entry),
        )
        expect(await connections()).toBe(before)
      },
      { timeout: 60_000, interval: 300 },
    )
    expect(deaf.isPaused()).toBe(true)
    deaf.destroy()
  })

  test('ends with the session, which it does not keep alive', async () => {
    const started = listen(
      headers,
      null,
      () => false,
      async () => {
        world.advance(15 * 60_000)
        await both()
      },
    )
    expect((await started).events).toEqual([])
    expect((await get('/me')).statusCode).toBe(401)
  })
})
