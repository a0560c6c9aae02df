import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Answer, Question } from '../../api/backtests/backtest.ts'
import type { StartBacktest } from '../../api/backtests/jobs.ts'
import { overlaid, running } from '../../api/backtests/overlay.ts'
import { incidentId } from '../../api/incidents/grouping.ts'
import { loadRules } from '../../detection/engine.ts'
import type { LoadedRule, RuleFile } from '../../detection/types.ts'
import { listHistory } from '../../store/local/history.ts'
import { type World, makeWorld } from './world.ts'

const RULES: RuleFile[] = [
  { path: 'logsources.yml', text: 'logsources:\n  - { when: { event.dataset: system.auth }, product: linux }\n' },
  {
    path: 'a.yml',
    text: 'title: A\nid: a\nlogsource: { product: linux }\ndetection: { s: { user.name: root }, condition: s }\n',
  },
]
const FILTER =
  'title: F\nlogsource: { product: linux }\nfilter:\n  rules: [a]\n  s: { user.name: root }\n  condition: not s\n'

const NONE: Answer = {
  range: { from: '', to: '' },
  read: 7,
  matched: 3,
  cpuMs: 1,
  alerts: { before: 3, after: 0, gone: 3, new: 0, changed: 0 },
  appear: [],
  vanish: [],
  change: [],
  unchanged: 0,
  rules: [],
  problems: [],
  hiddenBy: [],
  gone: ['alert-so-y-te-3', 'alert-so-y-te-5', 'alert-so-gtvt-4', 'never-raised'],
}

let world: World
let rules: LoadedRule[]
const asked: Question[] = []
let answerWith: () => Promise<Answer> = () => Promise.resolve(NONE)
let cancelled = 0
const startBacktest: StartBacktest = (question, onProgress) => {
  asked.push(question)
  onProgress({ done: 1, of: 2, read: 5, matched: 1 })
  let stop: () => void = () => undefined
  const stopped = new Promise<never>((_, reject) => {
    stop = () => {
      cancelled++
      reject(new Error('killed'))
    }
  })
  return { answer: Promise.race([answerWith(), stopped]), cancel: stop }
}
beforeAll(async () => {
  rules = (await loadRules(RULES)).rules
  world = await makeWorld({ rules: () => ({ rules, problems: [] }), ruleFiles: () => RULES, startBacktest })
})
afterAll(() => world.close())

type Headers = Record<string, string>
const send = async (headers: Headers, method: 'GET' | 'POST' | 'DELETE', url: string, payload?: object) => {
  const answer = await world.app.inject({ method, url: `/api/v1${url}`, headers, ...(payload && { payload }) })
  return { status: answer.statusCode, body: answer.body === '' ? undefined : answer.json() }
}
const ended = async (headers: Headers, id: string) => {
  await expect
    .poll(async () => (await send(headers, 'GET', `/backtests/${id}`)).body)
    .toMatchObject({ finishedAt: expect.any(String) as string })
  return (await send(headers, 'GET', `/backtests/${id}`)).body
}

test('a dry run asks for the rules of now and the same with the exception, and tells what people made of what would be gone', async () => {
  const lead = await world.browser('truong-ca')
  const url = `/incidents/${incidentId('alert-so-y-te-3')}`
  const close = { state: 'closed', verdict: 'true_positive' }
  const { statusCode } = await world.app.inject({
    method: 'PATCH',
    url: `/api/v1${url}`,
    headers: { ...lead, 'if-match': '*' },
    payload: close,
  })
  expect(statusCode).toBe(200)
  const started = await send(lead, 'POST', '/exceptions/dry-run', {
    filter: FILTER,
    agencies: 'all',
    from: '2026-11-01T00:00:00Z',
  })
  expect(started.status).toBe(202)
  const { result, state } = await ended(lead, started.body.id)
  expect(state).toBe('done')
  const question = asked.at(-1)!
  expect(question.before).toEqual(RULES)
  expect(question.after.slice(0, -1)).toEqual(RULES)
  expect(question.after.at(-1)).toMatchObject({ text: FILTER, exception: { agencies: 'all' } })
  expect(question).toMatchObject({
    scope: 'all',
    range: { from: '2026-11-01T00:00:00.000Z', to: '2026-11-22T08:00:00.000Z' },
  })
  expect(result.fate).toMatchObject({ alerts: 3, elsewhere: 1, total: 2, truePositives: { incidents: 1, alerts: 2 } })
  expect(result.fate.incidents).toMatchObject([
    { verdict: 'true_positive', gone: 2, alerts: 2, agency: 'so-y-te' },
    { gone: 1, alerts: 1, agency: 'so-gtvt' },
  ])
  const codes = listHistory(world.local, { limit: 9 }).map(({ code }) => code)
  expect(codes).toEqual(expect.arrayContaining(['backtest_started', 'backtest_done']))
})

test('who sees one agency asks for its events alone, and is told of no other; a job is its maker’s', async () => {
  const headers = await world.as('lead', ['so-gtvt'])
  expect((await send(headers, 'POST', '/exceptions/dry-run', { filter: FILTER, agencies: 'all' })).status).toBe(403)
  const { body } = await send(headers, 'POST', '/exceptions/dry-run', { filter: FILTER, agencies: ['so-gtvt'] })
  const done = await ended(headers, body.id)
  expect(asked.at(-1)!.scope).toEqual(['so-gtvt'])
  expect(done.result.fate.incidents).toMatchObject([{ agency: 'so-gtvt' }])
  const other = await world.browser('truong-ca')
  expect((await send(other, 'GET', `/backtests/${body.id}`)).status).toBe(404)
  expect((await send(other, 'DELETE', `/backtests/${body.id}`)).status).toBe(404)
})

test('one at a time; cancelled while it waits or runs; a failure is told', async () => {
  const lead = await world.browser('viet-luat')
  answerWith = () => new Promise(() => undefined)
  const start = async (): Promise<string> =>
    (await send(lead, 'POST', '/backtests', { files: [RULES[1]!], full: true })).body.id
  const [first, second] = [await start(), await start()]
  await expect
    .poll(async () => (await send(lead, 'GET', `/backtests/${first}`)).body)
    .toMatchObject({ state: 'running', progress: { read: 5 } })
  expect((await send(lead, 'GET', `/backtests/${second}`)).body.state).toBe('waiting')
  expect((await send(lead, 'DELETE', `/backtests/${second}`)).status).toBe(204)
  expect((await send(lead, 'DELETE', `/backtests/${first}`)).status).toBe(204)
  expect((await ended(lead, first)).state).toBe('cancelled')
  expect((await send(lead, 'GET', `/backtests/${second}`)).body.state).toBe('cancelled')
  expect(cancelled).toBe(1)
  answerWith = () => Promise.reject(new Error('the store is away'))
  expect(await ended(lead, await start())).toMatchObject({ state: 'failed', reason: 'the store is away' })
  answerWith = () => Promise.resolve(NONE)
  const listed = (await send(lead, 'GET', '/backtests')).body.items as { state: string }[]
  expect(listed.map(({ state }) => state)).toEqual(['cancelled', 'cancelled', 'failed'])
})

test('rules that analysts may not change they may not try either', async () => {
  expect((await send(await world.browser('phan-tich'), 'POST', '/backtests', { files: [] })).status).toBe(403)
})

test.each([
  [
    'a file of the same path is replaced',
    [{ path: 'a.yml', text: 'id: a2' }],
    {},
    ['logsources.yml', 'exceptions/e.yml', 'a.yml'],
  ],
  [
    'a rule that moved is not there twice',
    [{ path: 'b/a.yml', text: 'id: a' }],
    {},
    ['logsources.yml', 'exceptions/e.yml', 'b/a.yml'],
  ],
  ['a file is gone', [], { remove: ['a.yml'] }, ['logsources.yml', 'exceptions/e.yml']],
  [
    'the whole folder: exceptions stay',
    [{ path: 'x.yml', text: 'id: x' }],
    { whole: true },
    ['exceptions/e.yml', 'x.yml'],
  ],
] as [string, RuleFile[], { whole?: boolean; remove?: string[] }, string[]][])(
  'laid over: %s',
  (_name, given, options, paths) => {
    const now: RuleFile[] = [
      ...RULES,
      { path: 'exceptions/e.yml', text: 'id: a', exception: { id: 'e', agencies: 'all' } },
    ]
    expect(overlaid(now, given, { whole: false, remove: [], ...options }).map(({ path }) => path)).toEqual(paths)
  },
)

test('a rule that is edited is taken out of its file, whose other rules stay', () => {
  const now: RuleFile[] = [{ path: 'two.yml', text: 'id: a\ntitle: A\n---\nid: b\ntitle: B\n' }]
  const given = [{ path: 'own/.draft.yml', text: 'id: a\ntitle: C\n' }]
  const [kept, own] = overlaid(now, given, { whole: false, remove: [] })
  expect(kept).toEqual({ path: 'two.yml', text: expect.not.stringContaining('id: a') as string })
  expect(kept?.text).toContain('id: b')
  expect(own).toEqual(given[0])
})

test('a draft runs in a backtest, and what else is settled stays', () => {
  const files: RuleFile[] = [
    { path: 'life.yml', text: 'b: { state: shadow } # mine\na: draft\n' },
    { path: 'disabled.yml', text: 'a: ồn\n' },
    { path: 'a.yml', text: 'id: a' },
  ]
  expect(running(files, ['a']).map(({ text }) => text)).toEqual(['b: { state: shadow } # mine\n', '{}\n', 'id: a'])
  expect(running(files, [])).toEqual(files)
})
