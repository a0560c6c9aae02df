import { Type } from 'typebox'
import { entryOf, readYaml, textOf } from '../../detection/sigma/yaml.ts'
import { asker } from '../access/authenticate.ts'
import { scopeOf } from '../access/policy.ts'
import { Problem } from '../problem.ts'
import { Proof } from '../schemas/alert.ts'
import { ruleProblem } from '../schemas/rule-problem.ts'
import { Key, Level, exact, oneOf, said } from '../schemas/types.ts'
import { SearchTurns } from '../searches/turns.ts'
import type { ApiServer } from '../server.ts'
import type { RuleDraft, Services } from '../services.ts'
import { InForce, changeRule, refuseUnlessAll } from '../tuning/change-rule.ts'

const TEXT_CHARS_MAX = 262_144
const LINES_MAX = 500
const LINE_CHARS_MAX = 65_536

const RuleText = Type.String({ minLength: 1, maxLength: TEXT_CHARS_MAX, description: 'Sigma, in YAML.' })
const Why = said(500, 'For whoever reads the history.')
const Rule = Type.Optional(
  Type.String({ minLength: 1, maxLength: 200, description: 'Id of the rule it is to replace.' }),
)

const CHECKED = {
  problems: Type.Array(Type.Object(ruleProblem)),
  rules: Type.Array(
    Type.Object({
      id: Type.String(),
      title: Type.String(),
      titleVi: Type.Optional(Type.String()),
      level: Level,
      kind: oneOf(['detection', 'correlation']),
    }),
    { description: 'Those of the text that load.' },
  ),
}

/** Rules while they are written: checked, held against lines, saved. */
export function ruleDraftRoutes(app: ApiServer, services: Services): void {
  const tags = ['rules']
  const config = { action: 'rules:tune' } as const
  const turns = new SearchTurns()
  const draftOf = ({ text, rule }: { text: string; rule?: string }): RuleDraft => {
    if (rule !== undefined && !services.rules().rules.some(({ id }) => id === rule)) throw new Problem('not_found')
    return { text, ...(rule !== undefined && { rule }) }
  }

  app.post(
    '/rules/check',
    {
      config,
      schema: {
        tags,
        summary:
          'What is wrong with the text of a rule, by line and column, as `soc rules check` has it; nothing is saved',
        body: exact({ text: RuleText, rule: Rule }),
        response: { 200: Type.Object(CHECKED) },
      },
    },
    (request) => {
      const draft = draftOf(request.body)
      return turns.take(asker(request).id, request, () => services.checkDraft(draft))
    },
  )

  app.post(
    '/rules/try',
    {
      config,
      schema: {
        tags,
        summary: 'Hold the text of a rule against log lines, which go through the parsers first; nothing is saved',
        body: exact({
          text: RuleText,
          rule: Rule,
          lines: Type.Array(Type.String({ maxLength: LINE_CHARS_MAX }), { minItems: 1, maxItems: LINES_MAX }),
        }),
        response: {
          200: Type.Object({
            ...CHECKED,
            lines: Type.Array(
              Type.Object({
                unread: Type.Optional(Type.String({ description: 'Why no event came of it: `code: reason`.' })),
                rules: Type.Array(Type.Object({ id: Type.String(), proof: Type.Array(Proof) })),
              }),
            ),
            alerts: Type.Array(
              Type.Object({
                rule: Type.String(),
                count: Type.Integer(),
                group: Type.Record(Type.String(), Type.String()),
                lines: Type.Array(Type.Integer({ description: 'Places in `lines`, from 0.' })),
              }),
              { description: 'Of correlations.' },
            ),
          }),
        },
      },
    },
    (request) => {
      const draft = draftOf(request.body)
      return turns.take(asker(request).id, request, () => services.tryDraft(draft, request.body.lines))
    },
  )

  app.post(
    '/rules',
    {
      config,
      schema: {
        tags,
        summary: 'Save a new rule as a draft: it is in the rules folder and does not run',
        body: exact({ text: RuleText, why: Why }),
        response: { 201: Type.Object({ id: Type.String(), seq: InForce.properties.seq }) },
      },
    },
    async (request, reply) => {
      refuseUnlessAll(scopeOf(asker(request)))
      const { text, why } = request.body
      const { documents } = readYaml(text)
      const [root] = documents.map((document) => document.root)
      const id = textOf(entryOf(root ?? null, 'id')?.value)
      if (documents.length !== 1 || id === undefined)
        throw new Problem('rule_refused', 'one rule, with an id of its own')
      const path = freePath(textOf(entryOf(root!, 'title')?.value) ?? id, id, services)
      const edit = { kind: 'new' as const, rule: id, text, path }
      const { seq } = await changeRule(services, edit, {
        asker: asker(request),
        why,
        code: 'rule_added',
        params: { path },
      })
      return reply
        .status(201)
        .header('location', `/api/v1/rules/${encodeURIComponent(id)}`)
        .send({ id, seq })
    },
  )

  app.put(
    '/rules/:id/text',
    {
      config,
      schema: {
        tags,
        summary: 'Another text of the rule: a new version, in force at once where the rule runs',
        params: exact({ id: Key }),
        body: exact({
          text: RuleText,
          why: Why,
          base: Type.String({ minLength: 1, maxLength: 64, description: '`hash` of the text that was edited.' }),
        }),
        response: { 200: InForce },
      },
    },
    (request) => {
      refuseUnlessAll(scopeOf(asker(request)))
      const { id } = request.params
      const { text, why, base } = request.body
      const rule = services.rules().rules.find((one) => one.id === id)
      if (rule === undefined) throw new Problem('not_found')
      if (rule.hash !== base) throw new Problem('precondition_failed', 'the rule has another text by now')
      const edit = { kind: 'text' as const, rule: id, text, path: rule.path }
      return changeRule(services, edit, { asker: asker(request), why, code: 'rule_edited', params: { base } })
    },
  )
}

/** `own/<title>.yml`, told apart by the id where there is such a file. */
function freePath(title: string, id: string, services: Services): string {
  const words = title.normalize('NFD').toLowerCase().replaceAll('đ', 'd').replaceAll(/\p{M}/gu, '')
  const slug = words
    .replaceAll(/[^a-z0-9]+/g, '-')
    .replaceAll(/^-+|-+$/g, '')
    .slice(0, 60)
  const taken = new Set(services.ruleFiles().map(({ path }) => path))
  const path = `own/${slug === '' ? 'rule' : slug}.yml`
  return taken.has(path) ? path.replace(/\.yml$/, `-${id.replaceAll(/[^A-Za-z0-9]/g, '').slice(0, 8)}.yml`) : path
}
