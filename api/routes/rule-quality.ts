import { Type } from 'typebox'
import type { LoadedRule } from '../../detection/types.ts'
import { attackOf, enterpriseAttack } from '../../model/attack.ts'
import { VERDICTS } from '../../model/incident.ts'
import { eventsBySource, incidentsByTag, verdictsOfRules, type RuleVerdict } from '../../store/local/rule-evidence.ts'
import type { Scope } from '../../store/store.ts'
import { asker } from '../access/authenticate.ts'
import { scopeOf } from '../access/policy.ts'
import { Problem } from '../problem.ts'
import { Key, exact, oneOf } from '../schemas/types.ts'
import type { ApiServer } from '../server.ts'
import type { Services } from '../services.ts'
import {
  coverageOf,
  eventsOf,
  gapsOf,
  navigatorLayer,
  precisionOf,
  standingOf,
  STANDINGS,
  type Seen,
} from '../tuning/coverage.ts'

const DAY_MS = 86_400_000
const HOUR = 'YYYY-MM-DDTHH'.length

const Days = exact({
  days: Type.Optional(Type.Integer({ minimum: 1, maximum: 365, default: 30, description: 'Looked back; default 30.' })),
})

const LogSource = {
  product: Type.Optional(Type.String()),
  category: Type.Optional(Type.String()),
  service: Type.Optional(Type.String()),
}

const QUALITY = {
  rule: Type.String(),
  title: Type.String(),
  titleVi: Type.Optional(Type.String()),
  standing: oneOf(STANDINGS, 'Whether its alerts can come: `no_events`: of its log source none came.'),
  neverFires: Type.Optional(Type.Object({ code: Type.String(), message: Type.String() })),
  tests: Type.Object(
    { positive: Type.Integer(), negative: Type.Integer() },
    { description: 'Cases beside the rules that expect it to alert, and that come close and do not.' },
  ),
  alerts: Type.Integer(),
  incidents: Type.Integer(),
  verdicts: Type.Array(
    Type.Object({
      verdict: Type.Union([oneOf(VERDICTS), Type.Null()], { description: 'Null: not decided yet.' }),
      incidents: Type.Integer(),
      alerts: Type.Integer(),
    }),
  ),
  precision: Type.Union([Type.Number(), Type.Null()], {
    description: 'True positives of all incidents decided as true, benign or false; null: none is.',
  }),
  lastFired: Type.Optional(Type.String({ description: 'Event time of its newest alert in an incident.' })),
  events: Type.Optional(Type.Integer({ description: 'Of its log source; absent of a correlation.' })),
  cost: Type.Optional(
    Type.Object(
      { evaluated: Type.Integer(), nanos: Type.Integer(), nanosPerEvent: Type.Number() },
      { description: 'Since start.' },
    ),
  ),
  attack: Type.Object({ tactics: Type.Array(Type.String()), techniques: Type.Array(Type.String()) }),
}

const Technique = Type.Object({
  id: Type.String(),
  name: Type.String(),
  tactics: Type.Array(Type.String()),
  rules: Type.Array(
    Type.Object({
      id: Type.String(),
      title: Type.String(),
      titleVi: Type.Optional(Type.String()),
      standing: oneOf(STANDINGS),
    }),
  ),
  incidents: Type.Integer(),
})

export function ruleQualityRoutes(app: ApiServer, services: Services): void {
  const { local, clock } = services
  const seenBy = (scope: Scope, days: number): Seen & { from: string; scope: Scope } => {
    const from = new Date(clock() - days * DAY_MS).toISOString()
    return {
      from,
      scope,
      sources: eventsBySource(local, from.slice(0, HOUR), scope),
      tags: incidentsByTag(local, { from, scope }),
    }
  }
  const qualityOf = (rule: LoadedRule, own: readonly RuleVerdict[], seen: Seen, tests: Tests) => {
    const { stats, events: passed = 0 } = services.rules()
    const { id, title, titleVi, neverFires } = rule
    const counted = stats?.[id]
    const events = eventsOf(rule, seen.sources)
    const lastFired = own
      .map(({ lastAt }) => lastAt)
      .sort()
      .at(-1)
    const sum = (what: 'alerts' | 'incidents'): number => own.reduce((all, one) => all + one[what], 0)
    return {
      rule: id,
      title,
      ...(titleVi !== undefined && { titleVi }),
      standing: standingOf(rule, seen.sources),
      ...(neverFires !== undefined && { neverFires }),
      tests: tests.get(id) ?? { positive: 0, negative: 0 },
      alerts: sum('alerts'),
      incidents: sum('incidents'),
      verdicts: own.map(({ verdict, incidents, alerts }) => ({ verdict, incidents, alerts })),
      precision: precisionOf(own),
      ...(lastFired !== undefined && { lastFired }),
      ...(events !== undefined && { events }),
      ...(counted !== undefined && {
        cost: {
          evaluated: counted.evaluated,
          nanos: counted.nanos,
          nanosPerEvent: passed === 0 ? 0 : counted.nanos / passed,
        },
      }),
      attack: attackOf(rule.tags),
    }
  }
  const ruleOf = (id: string): LoadedRule => {
    const rule = services.rules().rules.find((one) => one.id === id)
    if (rule === undefined) throw new Problem('not_found')
    return rule
  }

  app.get(
    '/rules/quality',
    {
      config: { action: 'rules:read' },
      schema: {
        tags: ['rules'],
        summary:
          'What speaks for and against each rule, most alerts first: tests, verdicts, cost, log source, last alert',
        querystring: Days,
        response: { 200: Type.Object({ items: Type.Array(Type.Object(QUALITY)) }) },
      },
    },
    (request) => {
      const seen = seenBy(scopeOf(asker(request)), request.query.days ?? 30)
      const verdicts = new Map<string, RuleVerdict[]>()
      for (const one of verdictsOfRules(local, seen)) verdicts.set(one.rule, [...(verdicts.get(one.rule) ?? []), one])
      const tests = services.ruleTests()
      const items = services.rules().rules.map((rule) => qualityOf(rule, verdicts.get(rule.id) ?? [], seen, tests))
      return { items: items.sort((a, b) => b.alerts - a.alerts || (a.rule < b.rule ? -1 : 1)) }
    },
  )

  app.get(
    '/rules/:id/quality',
    {
      config: { action: 'rules:read' },
      schema: {
        tags: ['rules'],
        summary: 'The same of one rule',
        params: exact({ id: Key }),
        querystring: Days,
        response: { 200: Type.Object(QUALITY) },
      },
    },
    (request) => {
      const rule = ruleOf(request.params.id)
      const seen = seenBy(scopeOf(asker(request)), request.query.days ?? 30)
      return qualityOf(rule, verdictsOfRules(local, seen, rule.id), seen, services.ruleTests())
    },
  )

  app.get(
    '/rules/:id/mutation',
    {
      config: { action: 'rules:tune' },
      schema: {
        tags: ['rules'],
        summary: 'Drops each predicate of the rule in turn and asks whether a test beside it notices',
        params: exact({ id: Key }),
        response: {
          200: Type.Object({
            mutants: Type.Integer(),
            noticed: Type.Integer(),
            survivors: Type.Array(
              Type.Object({
                path: Type.String(),
                line: Type.Integer(),
                column: Type.Integer(),
                dropped: Type.String({ description: 'As it is written: `Image|endswith`, or a value of it.' }),
              }),
            ),
          }),
        },
      },
    },
    async (request) => {
      const rule = ruleOf(request.params.id)
      const { mutants, survivors } = await services.mutate(rule.id)
      return { mutants, noticed: mutants - survivors.length, survivors: [...survivors] }
    },
  )

  app.get(
    '/coverage',
    {
      config: { action: 'rules:read' },
      schema: {
        tags: ['rules'],
        summary: 'Tactics and techniques of ATT&CK with the rules that are about them and the incidents that were',
        querystring: Days,
        response: {
          200: Type.Object({
            version: Type.String(),
            tactics: Type.Array(
              Type.Object({
                key: Type.String(),
                id: Type.String(),
                en: Type.String(),
                vi: Type.String(),
                rules: Type.Integer(),
              }),
            ),
            techniques: Type.Array(Technique),
            unknown: Type.Array(Type.String({ description: 'Named by tags; this version of ATT&CK has it not.' })),
          }),
        },
      },
    },
    (request) => {
      const seen = seenBy(scopeOf(asker(request)), request.query.days ?? 30)
      const { techniques, ...rest } = coverageOf(services.rules().rules, seen, enterpriseAttack())
      return { ...rest, techniques: techniques.map((one) => ({ ...one, tactics: [...one.tactics] })) }
    },
  )

  app.get(
    '/coverage/navigator',
    {
      config: { action: 'rules:read' },
      schema: {
        tags: ['rules'],
        summary: 'The same as a layer of ATT&CK Navigator',
        querystring: Days,
        response: { 200: Type.Record(Type.String(), Type.Unknown()) },
      },
    },
    (request, reply) => {
      const seen = seenBy(scopeOf(asker(request)), request.query.days ?? 30)
      reply.header('content-disposition', 'attachment; filename="vong-gac-layer.json"')
      return navigatorLayer(coverageOf(services.rules().rules, seen, enterpriseAttack()), 'Vọng Gác')
    },
  )

  app.get(
    '/gaps',
    {
      config: { action: 'rules:read' },
      schema: {
        tags: ['rules'],
        summary:
          'Techniques seen in incidents without a live rule, log sources without a rule, rules whose alerts cannot come',
        querystring: Days,
        response: {
          200: Type.Object({
            techniques: Type.Array(Type.Object({ id: Type.String(), name: Type.String(), incidents: Type.Integer() })),
            logSources: Type.Array(Type.Object({ ...LogSource, events: Type.Integer() })),
            unrouted: Type.Integer({ description: 'Events of no known log source.' }),
            rules: Type.Array(
              Type.Object({
                id: Type.String(),
                title: Type.String(),
                titleVi: Type.Optional(Type.String()),
                why: Type.String({ description: '`no_events`, or the code of `neverFires`.' }),
                logsource: Type.Optional(Type.Object(LogSource)),
              }),
            ),
          }),
        },
      },
    },
    (request) => {
      const seen = seenBy(scopeOf(asker(request)), request.query.days ?? 30)
      return gapsOf(services.rules().rules, seen, enterpriseAttack())
    },
  )
}

type Tests = ReturnType<Services['ruleTests']>
