import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { coverageOf, gapsOf, navigatorLayer, precisionOf, type Seen } from '../../../api/tuning/coverage.ts'
import type { LoadedRule } from '../../../detection/types.ts'
import { enterpriseAttack } from '../../../model/attack.ts'
import { RULE, type World, makeWorld } from '../world.ts'

const attack = enterpriseAttack()
const rule = (id: string, more: Partial<LoadedRule> = {}): LoadedRule => ({
  ...RULE,
  id,
  title: id,
  kind: 'detection',
  logsource: { product: 'linux', service: id },
  tags: ['attack.t1110.001', 'attack.credential-access'],
  ...more,
})
const seen: Seen = {
  sources: [
    { sources: [{ product: 'linux', service: 'live' }], events: 7 },
    { sources: [{ product: 'zeek', service: 'dns' }, { category: 'dns' }], events: 5 },
    { sources: [], events: 3 },
  ],
  tags: new Map([
    ['attack.t1110.001', 2],
    ['attack.t1059', 4],
    ['attack.t9999', 1],
    ['attack.execution', 4],
  ]),
}
const rules = [
  rule('live'),
  rule('silent', { titleVi: 'Im lặng' }),
  rule('off', { disabled: 'x', tags: ['attack.t1059'] }),
  rule('shadow', { state: 'shadow', tags: ['attack.t1059'] }),
  rule('dead', { neverFires: { code: 'field_not_produced', message: 'm' } }),
  rule('part', { level: 'informational' }),
  rule('odd', { tags: ['attack.t9998', 'car.2013-05-004', 'attack.g0007'] }),
]

describe('coverage', () => {
  const { techniques, tactics, unknown, version } = coverageOf(rules, seen, attack)
  const of = (id: string) => techniques.find((one) => one.id === id)!

  test('techniques have their rules with how these stand, and the incidents', () => {
    expect(of('T1110.001')).toMatchObject({ name: 'Password Guessing', tactics: ['credential-access'], incidents: 2 })
    expect(of('T1110.001').rules.map(({ id, standing }) => [id, standing])).toEqual([
      ['live', 'live'],
      ['silent', 'no_events'],
      ['dead', 'never_fires'],
    ])
    expect(of('T1059').rules.map(({ standing }) => standing)).toEqual(['off', 'shadow'])
    expect(unknown).toEqual(['T9998', 'T9999'])
    expect(tactics.map(({ key }) => key)).toEqual([...attack.tactics.keys()])
    expect(version).toBe(attack.version)
  })

  test('a layer of the Navigator scores live rules', () => {
    const layer = navigatorLayer({ techniques, tactics, unknown, version }, 'x')
    expect(layer).toMatchObject({ domain: 'enterprise-attack', versions: { layer: '4.5' } })
    expect(layer.techniques.map(({ techniqueID, score }) => [techniqueID, score])).toEqual([
      ['T1059', 0],
      ['T1110.001', 1],
    ])
  })
})

test('gaps: techniques and log sources without a live rule, and rules that see nothing', () => {
  expect(gapsOf(rules, seen, attack)).toEqual({
    techniques: [
      { id: 'T1059', name: 'Command and Scripting Interpreter', incidents: 4 },
      { id: 'T9999', name: '', incidents: 1 },
    ],
    logSources: [{ product: 'zeek', service: 'dns', events: 5 }],
    unrouted: 3,
    rules: [
      {
        id: 'silent',
        title: 'silent',
        titleVi: 'Im lặng',
        why: 'no_events',
        logsource: { product: 'linux', service: 'silent' },
      },
      { id: 'dead', title: 'dead', why: 'field_not_produced', logsource: { product: 'linux', service: 'dead' } },
      { id: 'part', title: 'part', why: 'no_events', logsource: { product: 'linux', service: 'part' } },
      { id: 'odd', title: 'odd', why: 'no_events', logsource: { product: 'linux', service: 'odd' } },
    ],
  })
})

test('precision is of what was decided', () => {
  expect(
    precisionOf([
      { verdict: null, incidents: 9 },
      { verdict: 'inconclusive', incidents: 3 },
    ]),
  ).toBeNull()
  expect(
    precisionOf([
      { verdict: 'true_positive', incidents: 1 },
      { verdict: 'benign_positive', incidents: 2 },
      { verdict: 'false_positive', incidents: 1 },
    ]),
  ).toBe(0.25)
})

test('every tag of the rules that are shipped has a name', async () => {
  const { loadRules } = await import('../../../detection/engine.ts')
  const { readRulesFolder } = await import('../../../rule-life/folder.ts')
  const { ROOT } = await import('../../../model/root.ts')
  const shipped = await loadRules(readRulesFolder(`${ROOT}/rules`))
  expect(coverageOf(shipped.rules, { sources: [], tags: new Map() }, attack).unknown).toEqual([])
})

describe('API', () => {
  let world: World
  beforeAll(async () => {
    world = await makeWorld({ ruleTests: () => new Map([[RULE.id, { positive: 2, negative: 1 }]]) })
  })
  afterAll(() => world.close())
  const get = async (url: string, headers: Record<string, string>) =>
    world.app.inject({ url: `/api/v1${url}`, headers })

  test('quality follows verdicts; each agency sees its own', async () => {
    const lead = await world.browser('truong-ca')
    const before = (await get(`/rules/${RULE.id}/quality`, lead)).json()
    expect(before).toMatchObject({
      rule: RULE.id,
      standing: 'live',
      tests: { positive: 2, negative: 1 },
      alerts: 3,
      incidents: 2,
      precision: null,
      lastFired: '2026-11-22T07:05:11.000Z',
      attack: { techniques: ['T1110'], tactics: ['credential-access'] },
    })
    expect(before.verdicts).toEqual([{ verdict: null, incidents: 2, alerts: 3 }])
    world.local.prepare("UPDATE incidents SET verdict = 'true_positive' WHERE agency = 'so-y-te'").run()
    world.local.prepare("UPDATE incidents SET verdict = 'benign_positive' WHERE agency = 'so-gtvt'").run()
    expect((await get(`/rules/${RULE.id}/quality`, lead)).json().precision).toBe(0.5)
    const own = await world.browser('phan-tich-yte')
    expect((await get(`/rules/${RULE.id}/quality`, own)).json()).toMatchObject({
      precision: 1,
      alerts: 2,
      incidents: 1,
    })
    const { items } = (await get('/rules/quality', lead)).json()
    expect(items.map(({ rule: id, standing }: { rule: string; standing: string }) => [id, standing])).toEqual([
      [RULE.id, 'live'],
      [`${RULE.id}-tat`, 'off'],
    ])
  })

  test('coverage, layer and gaps answer; mutation is for who tunes rules', async () => {
    const lead = await world.browser('truong-ca')
    const { techniques } = (await get('/coverage', lead)).json()
    expect(techniques.find(({ id }: { id: string }) => id === 'T1110')).toMatchObject({ incidents: 2 })
    expect((await get('/coverage/navigator', lead)).json().techniques).toMatchObject([
      { techniqueID: 'T1110', score: 1 },
    ])
    expect((await get('/gaps?days=1', lead)).json().techniques).toEqual([])
    expect((await get(`/rules/${RULE.id}/mutation`, lead)).json()).toEqual({ mutants: 0, noticed: 0, survivors: [] })
    expect((await get(`/rules/${RULE.id}/mutation`, await world.browser('phan-tich'))).statusCode).toBe(403)
    expect((await get(`/rules/${RULE.id}/shadow`, await world.browser('phan-tich'))).statusCode).toBe(403)
    expect((await get('/rules/khong-co/quality', lead)).statusCode).toBe(404)
  })
})
