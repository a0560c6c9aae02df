import { readFileSync } from 'node:fs'
import { type AddressInfo, connect } from 'node:net'
import { join } from 'node:path'
import { gunzipSync } from 'node:zlib'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { PROBLEMS } from '../../api/problem.ts'
import { incidentId } from '../../api/incidents/grouping.ts'
import { raiseIncidents } from '../../api/incidents/raise.ts'
import { ROOT } from '../../model/root.ts'
import { StoreError } from '../../store/store.ts'
import { NOW, RULE, type World, alertOf, makeWorld } from './world.ts'

let world: World
let headers: Record<string, string>
beforeAll(async () => {
  world = await makeWorld()
  headers = await world.browser('phan-tich')
})
afterAll(() => world.close())

const get = (url: string, as = headers) => world.app.inject({ url: `/api/v1${url}`, headers: as })

describe('an incident', () => {
  const id = incidentId('alert-so-y-te-3')
  const patch = (payload: object, more: Record<string, string> = {}) =>
    world.app.inject({ method: 'PATCH', url: `/api/v1/incidents/${id}`, headers: { ...headers, ...more }, payload })

  test('comes with its alerts, newest first, their raw lines and proof, and its history', async () => {
    const answer = await get(`/incidents/${id}`)
    const incident = answer.json()
    expect(answer.headers.etag).toBe('"1"')
    expect(incident.alerts.map((alert: { id: string }) => alert.id)).toEqual(['alert-so-y-te-5', 'alert-so-y-te-3'])
    const [evidence] = incident.alerts[0].evidence
    const [start, end] = evidence.proof[0].span
    expect(evidence.original.slice(start, end)).toBe('Accepted password')
    expect(incident.history[0]).toMatchObject({ code: 'incident_opened', actor: 'system' })
  })

  test('changes only for who has read it as it is: 428 without If-Match, 412 with an old one', async () => {
    expect((await patch({ state: 'in_progress' })).json().code).toBe('precondition_required')
    expect((await patch({ state: 'in_progress' }, { 'if-match': '"7"' })).json().code).toBe('precondition_failed')
    const taken = await patch({ state: 'in_progress', assignee: 'phan-tich' }, { 'if-match': '"1"' })
    expect([taken.statusCode, taken.headers.etag]).toEqual([200, '"2"'])
    const stale = await patch({ state: 'on_hold' }, { 'if-match': '"1"' })
    expect([stale.statusCode, stale.headers.etag]).toEqual([412, '"2"'])
    expect((await patch({ state: 'resolved' }, { 'if-match': '"2"' })).json().code).toBe('verdict_required')
    expect((await patch({ state: 'new' }, { 'if-match': '"2"' })).json().code).toBe('transition_refused')
    expect((await patch({ state: 'resolved', verdict: 'true_positive' }, { 'if-match': '"1", "2"' })).statusCode).toBe(
      200,
    )
    const { history } = (await get(`/incidents/${id}`)).json()
    expect(history.slice(1)).toMatchObject([
      {
        actor: 'phan-tich',
        code: 'incident_changed',
        before: { state: 'new', assignee: null },
        after: { state: 'in_progress', assignee: 'phan-tich' },
      },
      {
        actor: 'phan-tich',
        before: { state: 'in_progress', verdict: null },
        after: { state: 'resolved', verdict: 'true_positive' },
      },
    ])
  })

  test('is given only to who may work on it', async () => {
    const other = incidentId('alert-so-gtvt-4')
    const give = async (assignee: string): Promise<number> =>
      (
        await world.app.inject({
          method: 'PATCH',
          url: `/api/v1/incidents/${other}`,
          headers: { ...headers, 'if-match': '*' },
          payload: { assignee },
        })
      ).statusCode
    expect([
      await give('truong-ca'),
      await give('khong-co'),
      await give('kiem-toan'),
      await give('phan-tich-yte'),
    ]).toEqual([200, 422, 422, 422])
  })
})

interface Counts {
  levels: { level: string; count: number }[]
  states: { state: string; count: number }[]
}

describe('lists', () => {
  test('filters: state, level, assignee, words without diacritics', async () => {
    const count = async (query: string): Promise<number> =>
      (await get(`/incidents?${query}`)).json<{ total: number }>().total
    expect(await count('q=dang%20nhap%20DO%20mat%20khau')).toBe(2)
    expect(await count('q=web01.so-y-te')).toBe(1)
    expect(await count('q=%25')).toBe(0)
    expect(await count('level=critical')).toBe(0)
    expect(await count('level=critical&level=high')).toBe(2)
    expect(await count('assignee=truong-ca')).toBe(1)
    expect(await count('agency=so-y-te&state=new')).toBe(0)
  })

  test.each(['', 'level=high', 'state=new&state=closed&level=medium', 'agency=so-y-te&state=new', 'q=dang+nhap'])(
    'counts for %s: what each level and each state would leave of it',
    async (narrowing) => {
      const { levels, states } = (await get(`/incidents/counts?${narrowing}`)).json<Counts>()
      const left = async (name: string, value: string): Promise<number> => {
        const query = new URLSearchParams(narrowing)
        query.delete(name)
        query.append(name, value)
        return (await get(`/incidents?${query}`)).json<{ total: number }>().total
      }
      for (const { level, count } of levels) expect([level, count]).toEqual([level, await left('level', level)])
      for (const { state, count } of states) expect([state, count]).toEqual([state, await left('state', state)])
      expect([levels.length, states.length]).toEqual([5, 5])
    },
  )

  test('pages of any size hold every row once, in order; a row that arrives between moves none', async () => {
    const alerts = Array.from({ length: 23 }, (_, i) =>
      alertOf('so-y-te', 100 + i, { entities: [{ kind: 'host', value: `may-${i}` }] }),
    )
    raiseIncidents(world.local, alerts, { criticality: () => 3, now: () => NOW })
    for (const sort of ['priority', 'updated']) {
      const seen: number[] = []
      let next: string | undefined = ''
      while (next !== undefined) {
        const answer = await get(`/incidents?sort=${sort}&limit=7${next && `&cursor=${next}`}`)
        const page: { items: { number: number }[]; next?: string } = answer.json()
        seen.push(...page.items.map(({ number }) => number))
        next = page.next
      }
      expect(new Set(seen).size).toBe(seen.length)
      expect(seen).toHaveLength(25)
    }
  })

  test.each(['events/search', 'sources', 'dead-letters'])('%s: one row a page comes to the same', async (list) => {
    const whole = (await get(`/${list}`)).json<{ items: object[]; next?: string }>()
    const seen: object[] = []
    let next: string | undefined = ''
    while (next !== undefined) {
      const page: { items: object[]; next?: string } = (
        await get(`/${list}?limit=1${next && `&cursor=${next}`}`)
      ).json()
      seen.push(...page.items)
      next = page.next
    }
    expect(whole.next).toBeUndefined()
    expect(seen).toEqual(whole.items)
  })

  test('the alerts of an incident, page by page', async () => {
    const url = `/incidents/${incidentId('alert-so-y-te-3')}/alerts`
    const first = (await get(`${url}?limit=1`)).json()
    const second = (await get(`${url}?limit=1&cursor=${first.next}`)).json()
    expect([first.items[0].id, second.items[0].id]).toEqual(['alert-so-y-te-5', 'alert-so-y-te-3'])
  })

  test("a cursor is its asker's, its list's and its filters'; no bit of it can be changed", async () => {
    const { next } = (await get('/incidents?limit=1')).json<{ next: string }>()
    const code = async (url: string, as = headers): Promise<string> => (await get(url, as)).json().code ?? 'ok'
    expect(await code(`/incidents?limit=1&cursor=${next}`)).toBe('ok')
    expect(await code(`/incidents?limit=9&cursor=${next}`)).toBe('ok') // the size of a page is no filter
    expect(await code(`/incidents?limit=1&cursor=${next}`, await world.browser('truong-ca'))).toBe('bad_cursor')
    expect(await code(`/incidents?limit=1&state=new&cursor=${next}`)).toBe('bad_cursor')
    expect(await code(`/incidents?limit=1&sort=updated&cursor=${next}`)).toBe('bad_cursor')
    expect(await code(`/sources?cursor=${next}`)).toBe('bad_cursor')
    for (let i = 0; i < next.length - 1; i++) {
      // The last character holds bits that base64 does not use.
      const forged = next.slice(0, i) + (next[i] === 'A' ? 'B' : 'A') + next.slice(i + 1)
      expect([i, await code(`/incidents?limit=1&cursor=${forged}`)]).toEqual([i, 'bad_cursor'])
    }
  })

  test('events: by field, by words, by time', async () => {
    const ids = async (query: string): Promise<string[]> =>
      (await get(`/events/search?${query}`))
        .json<{ items: Record<string, string>[] }>()
        .items.map((event) => event['soc.record']!)
    expect(await ids('q=user.name:root%20soc.agency:so-gtvt')).toEqual(['so-gtvt-4', 'so-gtvt-2'])
    expect(await ids('q=%22Failed%20password%22&from=2026-11-22T07:05:00Z')).toEqual(['so-y-te-5'])
    expect(await ids('q=user.name:nobody')).toEqual([])
    expect(await ids('to=2026-11-22T14:02:00%2B07:00')).toEqual(['so-y-te-1'])
    const bad = (await get('/events/search?q=a%20%22b')).json()
    expect(bad).toMatchObject({
      code: 'bad_query',
      errors: [{ pointer: '/q', code: 'unclosed_quote', params: { position: 2 } }],
    })
    expect((await get('/events/search?from=2026-11-22T07:05:00Z&to=2026-11-22T07:05:00Z')).statusCode).toBe(400)
    expect((await get('/events/search?from=2026-13-22T07:05:00Z')).statusCode).toBe(400)
  })

  test('rules come without their text, one rule with it', async () => {
    expect((await get('/rules')).json().items[0]).not.toHaveProperty('text')
    expect((await get(`/rules/${RULE.id}`)).json().text).toBe(RULE.text)
    expect((await get('/rules/khong-co')).statusCode).toBe(404)
  })

  test('a rule comes with what it cost and found, and says why it is switched off', async () => {
    const { items, events } = (await get('/rules')).json()
    expect(events).toBe(5)
    expect(items[0].stats).toEqual({ evaluated: 4, nanos: 900, matches: 3, hidden: 1, withheld: 0, alerts: 2 })
    expect(items[0]).not.toHaveProperty('disabled')
    expect(items[1]).toMatchObject({ disabled: 'ồn', license: 'DRL-1.1' })
    expect(items[1]).not.toHaveProperty('stats')
  })
})

describe('what is wrong is said as a problem (RFC 9457)', () => {
  test.each([
    ['unknown path', 'GET', '/api/v1/khong-co', {}, 404, 'not_found'],
    ['unknown path outside', 'GET', '/../etc/passwd', {}, 404, 'not_found'],
    ['broken escape', 'GET', '/%E0%A4%A', {}, 400, 'bad_request'],
    ['wrong method', 'DELETE', '/api/v1/incidents', {}, 405, 'method_not_allowed'],
    ['unknown parameter', 'GET', '/api/v1/incidents?limt=3', {}, 400, 'validation'],
    ['too many', 'GET', '/api/v1/incidents?limit=201', {}, 400, 'validation'],
    ['unknown state', 'GET', '/api/v1/incidents?state=old', {}, 400, 'validation'],
    ['no body', 'POST', '/api/v1/login', { payload: '', type: 'application/json' }, 400, 'bad_request'],
    ['broken JSON', 'POST', '/api/v1/login', { payload: '{"name":', type: 'application/json' }, 400, 'bad_request'],
    ['XML', 'POST', '/api/v1/login', { payload: '<name/>', type: 'text/xml' }, 415, 'unsupported_media_type'],
    [
      'a megabyte',
      'POST',
      '/api/v1/login',
      { payload: `"${'a'.repeat(1e6)}"`, type: 'application/json' },
      413,
      'payload_too_large',
    ],
    [
      'a number for a name',
      'POST',
      '/api/v1/login',
      { payload: '{"name":1,"password":"x"}', type: 'application/json' },
      400,
      'validation',
    ],
  ] as const)('%s', async (_name, method, url, body: { payload?: string; type?: string }, status, code) => {
    const answer = await world.app.inject({
      method,
      url,
      headers: { ...headers, ...(body.type !== undefined && { 'content-type': body.type }) },
      ...(body.payload !== undefined && { payload: body.payload }),
    })
    expect(answer.headers['content-type']).toBe('application/problem+json')
    expect(answer.json()).toMatchObject({ status, code, type: `urn:vong-gac:problem:${code}` })
    expect(answer.statusCode).toBe(status)
  })

  test.each([
    ['true', 400],
    ['1.5', 400],
    ['0x10', 400],
    ['1e2', 400],
    [' 5', 400],
    ['', 400],
    ['1&limit=2', 400],
    ['5', 200],
  ])('a number in an address is digits: limit=%s is %i', async (limit, status) => {
    const answer = await get(`/incidents?limit=${limit}`)
    expect(answer.statusCode).toBe(status)
    if (status === 400) {
      expect(answer.json()).toMatchObject({ code: 'validation', errors: [{ pointer: '/limit', code: 'type' }] })
    }
  })

  test('one value of a list stands for a list of it', async () => {
    const [one, two] = [await get('/incidents?state=new'), await get('/incidents?state=new&state=closed')]
    const states = ({ items }: { items: { state: string }[] }) => new Set(items.map(({ state }) => state))
    expect([one.statusCode, two.statusCode, [...states(one.json())]]).toEqual([200, 200, ['new']])
  })

  test.each([
    ['QUERY', '/api/v1/incidents', '405 Method Not Allowed', 'method_not_allowed', 'GET, HEAD'],
    ['BREW', '/api/v1/incidents?limit=1', '405 Method Not Allowed', 'method_not_allowed', 'GET, HEAD'],
    ['BREW', '/api/v1/incidents/bulk', '405 Method Not Allowed', 'method_not_allowed', 'POST'],
    ['BREW', '/khong-co', '404 Not Found', 'not_found', undefined],
    ['GET', '/api/v1/incidents HTTP/9.9\r\nx:', '400 Bad Request', 'bad_request', undefined],
  ])('%s %s, as it comes over the wire: %s', async (method, path, status, code, allow) => {
    if (!world.app.server.listening) await world.app.listen({ port: 0, host: '127.0.0.1' })
    const socket = connect((world.app.server.address() as AddressInfo).port, '127.0.0.1')
    socket.end(`${method} ${path} HTTP/1.1\r\nhost: a\r\nconnection: close\r\ncontent-length: 0\r\n\r\n`)
    let text = ''
    for await (const chunk of socket as AsyncIterable<Buffer>) text += chunk.toString()
    const [head = '', body = ''] = text.split('\r\n\r\n')
    expect(head.split('\r\n')[0]).toBe(`HTTP/1.1 ${status}`)
    expect(/^allow: (.*)$/im.exec(head)?.[1]).toBe(allow)
    expect(JSON.parse(body)).toMatchObject({ code })
  })

  test('each wrong part is named by a pointer', async () => {
    const answer = await world.app.inject({ method: 'POST', url: '/api/v1/login', payload: { name: '', extra: 1 } })
    const parts = answer.json<{ errors: { pointer: string; code: string }[] }>().errors
    expect(parts.map(({ pointer, code }) => `${code} ${pointer}`).sort()).toEqual([
      'additionalProperties /extra',
      'minLength /name',
      'required /password',
    ])
  })

  test.each([
    [new StoreError('unavailable', 'connect ECONNREFUSED 10.1.2.3:9200'), 503, 'store_unavailable'],
    [new StoreError('too_large', 'more than 30 s'), 422, 'query_too_large'],
    [new TypeError('secret is not a function'), 500, 'internal'],
  ])('%s: nothing of its inside is told', async (error, status, code) => {
    const broken = await makeWorld()
    const as = await broken.browser('phan-tich')
    broken.store.searchEvents = async () => {
      throw error
    }
    const answer = await broken.app.inject({ url: '/api/v1/events/search', headers: as })
    expect([answer.statusCode, answer.json().code]).toEqual([status, code])
    expect(answer.body).not.toMatch(/10\.1\.2\.3|secret|at .*\.ts/)
    await broken.close()
  })

  test('docs/api.md lists exactly the codes there are', () => {
    const text = readFileSync(join(ROOT, 'docs', 'api.md'), 'utf8')
    const listed = [...text.matchAll(/^\| `(\w+)` \| (\d{3}) \|/gm)].map(([, code, status]) => `${code} ${status}`)
    expect(listed.sort()).toEqual(
      Object.entries(PROBLEMS)
        .map(([code, [status]]) => `${code} ${status}`)
        .sort(),
    )
  })
})

test('the history by what its entries are about: a kind alone, a kind and an id, and no id without a kind', async () => {
  const as = await world.browser('quan-tri')
  const kinds = async (query: string): Promise<string[]> => {
    const { items } = (await get(`/audit?${query}`, as)).json<{ items: { subject: { kind: string; id: string } }[] }>()
    return [...new Set(items.map(({ subject }) => subject.kind))]
  }
  expect((await kinds('limit=200')).length).toBeGreaterThan(1)
  expect(await kinds('kind=incident')).toEqual(['incident'])
  const { items } = (await get(`/audit?kind=incident&subject=${incidentId('alert-so-gtvt-4')}`, as)).json()
  expect(items.map(({ subject }: { subject: { id: string } }) => subject.id)).toContain(incidentId('alert-so-gtvt-4'))
  expect(new Set(items.map(({ subject }: { subject: { id: string } }) => subject.id)).size).toBe(1)
  expect((await get('/audit?subject=x', as)).json()).toMatchObject({
    code: 'validation',
    errors: [{ pointer: '/subject' }],
  })
})

test('health: alive at once; ready says what is not, in codes alone', async () => {
  expect((await world.app.inject('/livez')).body).toBe('ok\n')
  const checks = [
    { name: 'spool', ok: false, reason: 'disk_full' },
    { name: 'store', ok: false, reason: 'connect ECONNREFUSED 10.1.2.3:9200' },
  ]
  const sick = await makeWorld({ health: () => Promise.resolve({ ready: false, checks }) })
  const answer = await sick.app.inject('/readyz')
  expect(answer.statusCode).toBe(503)
  expect(answer.json()).toEqual({
    ready: false,
    checks: [
      { name: 'spool', ok: false, reason: 'disk_full' },
      { name: 'store', ok: false, reason: 'failed' },
    ],
  })
  await sick.close()
})

describe('the page', () => {
  const asHtml = { accept: 'text/html,application/xhtml+xml' }
  const linked = async (): Promise<string[]> => {
    const { body } = await world.app.inject('/')
    return [...body.matchAll(/(?:src|href)="(\/[^"]+)"/g)].map(([, link]) => link!)
  }

  test('index, script, style and icon, each of its type, asked again with 304', async () => {
    const types = new Map<string, string>()
    for (const url of await linked()) {
      const { statusCode, headers } = await world.app.inject(url)
      expect([url, statusCode]).toEqual([url, 200])
      types.set(url.split('.').at(-1)!, String(headers['content-type']))
      const again = await world.app.inject({ url, headers: { 'if-none-match': String(headers.etag) } })
      expect([url, again.statusCode, again.body]).toEqual([url, 304, ''])
    }
    expect(Object.fromEntries(types)).toEqual({
      css: 'text/css; charset=utf-8',
      svg: 'image/svg+xml',
      js: 'text/javascript; charset=utf-8',
    })
  })

  test('what it names is kept for good, and script comes packed to who takes that', async () => {
    for (const url of await linked())
      expect((await world.app.inject(url)).headers['cache-control']).toBe('public, max-age=31536000, immutable')
    const script = (await linked()).find((link) => link.endsWith('.js'))
    const plain = await world.app.inject(script!)
    const packed = await world.app.inject({ url: script!, headers: { 'accept-encoding': 'br, gzip' } })
    expect([plain.headers['content-encoding'], packed.headers['content-encoding']]).toEqual([undefined, 'gzip'])
    expect(gunzipSync(packed.rawPayload).equals(plain.rawPayload)).toBe(true)
    const refused = await world.app.inject({ url: script!, headers: { 'accept-encoding': 'gzip;q=0' } })
    expect(refused.headers['content-encoding']).toBeUndefined()
  })

  test('nothing inline, nothing from elsewhere; style sheets only with a number that is new each time', async () => {
    const nonces = new Set<string>()
    for (const url of ['/', '/incidents', '/']) {
      const { headers, body } = await world.app.inject({ url, headers: asHtml })
      const policy = String(headers['content-security-policy'])
      expect(policy).not.toMatch(/unsafe|\*|https?:/)
      expect(policy).toContain("script-src 'self';")
      expect(policy).toContain("require-trusted-types-for 'script'")
      const [, nonce] = /style-src 'self' 'nonce-([^']+)'/.exec(policy)!
      expect(body).toContain(`content="${nonce}"`)
      nonces.add(nonce!)
      expect(headers['cache-control']).toBe('no-store')
      expect(body).not.toMatch(/<style|style=|onclick|https?:\/\//)
      expect(body).not.toMatch(/<script(?![^>]* src=)/)
    }
    expect(nonces.size).toBe(3)
  })

  test.each(['/incidents', '/incidents/abc-1', '/incidents?state=new', '/khong-co'])(
    '%s, opened in a browser, is the console; to a program there is no such thing',
    async (url) => {
      const opened = await world.app.inject({ url, headers: asHtml })
      expect([opened.statusCode, opened.headers['content-type']]).toEqual([200, 'text/html; charset=utf-8'])
      expect((await world.app.inject(url)).statusCode).toBe(404)
      expect((await world.app.inject({ url, method: 'POST', headers: asHtml })).statusCode).toBe(404)
    },
  )

  test.each([
    '/api/v1/khong-co',
    '/api/v1/incidents/khong-co',
    '/assets/../package.json',
    '/assets/%2e%2e/package.json',
    '/assets/index.js',
    '/main.tsx',
    '/.vite/manifest.json',
    '/index.html',
    '//incidents',
    '/%00',
  ])('%s is not there, not even for a browser', async (url) => {
    const { statusCode, headers } = await world.app.inject({ url, headers: asHtml })
    expect([404, 401]).toContain(statusCode)
    expect(headers['content-type']).toContain('application/problem+json')
  })
})

test('the description is OpenAPI 3.1 and every operation has its summary, answers and errors', async () => {
  const document = (await world.app.inject('/api/v1/openapi.json')).json<{
    openapi: string
    paths: Record<string, Record<string, { summary?: string; responses: object; requestBody?: object }>>
  }>()
  expect(document.openapi).toBe('3.1.0')
  const uploads = [
    document.paths['/api/v1/incidents/{id}/attachments']!['post'],
    document.paths['/api/v1/indicators/feeds/{name}']!['put'],
  ]
  for (const upload of uploads)
    expect(upload?.requestBody).toMatchObject({ content: { 'application/octet-stream': {} } })
  for (const [path, methods] of Object.entries(document.paths)) {
    for (const [method, { summary, responses }] of Object.entries(methods)) {
      const codes = Object.keys(responses)
      const good = codes.filter((code) => /^[23]/.test(code)).length
      const said = [
        summary !== undefined,
        good > 0,
        codes.some((code) => code.startsWith('4')),
        codes.some((code) => code.startsWith('5')),
      ]
      expect([path, method, ...said]).toEqual([path, method, true, true, true, true])
    }
  }
})
