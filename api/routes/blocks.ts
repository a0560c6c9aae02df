import { createHash } from 'node:crypto'
import type { FastifyRequest } from 'fastify'
import { Type } from 'typebox'
import { normalIndicator } from '../../detection/indicators/normal.ts'
import {
  BLOCK_KINDS,
  BLOCK_STATES,
  type Block,
  type BlockState,
  addBlock,
  blockedValues,
  getBlock,
  listBlocks,
  openBlock,
  setBlockState,
} from '../../store/local/blocks.ts'
import { addHistory } from '../../store/local/history.ts'
import { observablesOf } from '../../store/local/observables.ts'
import { inTransaction } from '../../store/local/transaction.ts'
import { asker } from '../access/authenticate.ts'
import { visibleIncident } from '../access/incident.ts'
import { may, scopeOf } from '../access/policy.ts'
import { candidatesOf } from '../containment/candidates.ts'
import { impactOf } from '../containment/impact.ts'
import { LIST_NAMES, blockList } from '../containment/lists.ts'
import { pageWithNext, readCursor } from '../cursor.ts'
import { Problem } from '../problem.ts'
import { Cursor, Key, Time, exact, limit, oneOf, pageOf, said } from '../schemas/types.ts'
import { isoRange } from '../searches/query-text.ts'
import { SearchTurns } from '../searches/turns.ts'
import type { ApiServer } from '../server.ts'
import type { Services } from '../services.ts'
import { refuseEmptyRange, timeOf } from '../time-range.ts'

const DAY_MS = 86_400_000
const IMPACT_DAYS = 7

const Kind = oneOf(BLOCK_KINDS)
const Value = Type.String({ minLength: 1, maxLength: 2_000 })
const Reason = said(1_000)
const BlockShape = Type.Object({
  id: Type.String(),
  incidentId: Type.String(),
  agency: Type.String(),
  kind: Kind,
  value: Type.String(),
  everywhere: Type.Boolean(),
  reason: Type.String(),
  state: oneOf(BLOCK_STATES),
  requestedBy: Type.String(),
  requestedAt: Type.String(),
  decidedBy: Type.Optional(Type.String()),
  decidedAt: Type.Optional(Type.String()),
  expiresAt: Type.String(),
})
const Named = Type.Object({
  items: Type.Array(Type.Object({ value: Type.String(), count: Type.Integer() })),
  more: Type.Boolean(),
})

/** Blocks asked for with an incident, agreed to by a second person, and pulled by firewalls as lists. */
export function blockRoutes(app: ApiServer, services: Services): void {
  const { local, store, clock, cursorSecret, containment, never } = services
  const now = (): string => new Date(clock()).toISOString()
  const turns = new SearchTurns()
  const tags = ['containment']
  const ById = exact({ id: Key })

  /** What may be blocked for an incident, in its normal form. @throws {Problem} */
  const named = (incidentId: string, kind: Block['kind'], text: string): Pick<Block, 'kind' | 'value'> => {
    const read = normalIndicator(text, kind)
    const value = typeof read === 'string' ? null : read.value
    const found = candidatesOf(observablesOf(local, incidentId)).find(
      (each) => each.kind === kind && each.value === value,
    )
    if (found === undefined) throw new Problem('bad_block', 'the incident shows no such thing')
    if (never().has(kind, found.value)) throw new Problem('bad_block', 'it is on the never-list')
    return found
  }
  const noted = (request: FastifyRequest, block: Block, code: string, before?: object): void => {
    const { incidentId, id, kind, value, state, everywhere, expiresAt } = block
    addHistory(local, [
      {
        at: now(),
        actor: asker(request).name,
        subject: { kind: 'incident', id: incidentId },
        code,
        params: { block: id, kind, value },
        ...(before !== undefined && { before: { ...before } }),
        after: { state, everywhere, expiresAt },
      },
    ])
  }

  app.get(
    '/incidents/:id/blocks',
    {
      config: { action: 'incidents:read' },
      schema: {
        tags,
        summary: 'What was asked to be blocked for it, the newest first, and what could be',
        params: ById,
        response: {
          200: Type.Object({
            items: Type.Array(BlockShape),
            candidates: Type.Array(Type.Object({ kind: Kind, value: Type.String(), never: Type.Boolean() })),
          }),
        },
      },
    },
    (request) => {
      const { incident } = visibleIncident(services, request, request.params.id)
      const list = never()
      return {
        items: listBlocks(local, { scope: scopeOf(asker(request)), incidentId: incident.id, limit: 500 }),
        candidates: candidatesOf(observablesOf(local, incident.id)).map((each) => ({
          ...each,
          never: list.has(each.kind, each.value),
        })),
      }
    },
  )

  app.get(
    '/incidents/:id/blocks/impact',
    {
      config: { action: 'containment:request' },
      schema: {
        tags,
        summary:
          'Dry run: who stands in the stored events with it, by default of the last 7 days. A record of the audit.',
        params: ById,
        querystring: exact({ kind: Kind, value: Value, from: Type.Optional(Time), to: Type.Optional(Time) }),
        response: {
          200: Type.Object({
            from: Type.String(),
            to: Type.String(),
            events: Type.Integer(),
            agencies: Named,
            users: Named,
            hosts: Named,
          }),
        },
      },
    },
    async (request) => {
      const principal = asker(request)
      if (!may(principal, 'events:read')) throw new Problem('forbidden', 'events:read')
      const { incident } = visibleIncident(services, request, request.params.id)
      const { kind, value: text, from, to } = request.query
      const block = named(incident.id, kind, text)
      const toMs = timeOf(to, clock() + 1, '/to')
      const fromMs = timeOf(from, toMs - IMPACT_DAYS * DAY_MS, '/from')
      refuseEmptyRange(fromMs, toMs)
      const range = isoRange(fromMs, toMs)
      return turns.take(principal.id, request, async (signal) => {
        const impact = await impactOf(store, block, { scope: scopeOf(principal), range, signal })
        const params = { kind, value: block.value, ...range, events: impact.events }
        const subject = { kind: 'incident' as const, id: incident.id }
        addHistory(local, [{ at: now(), actor: principal.name, subject, code: 'block_impact_counted', params }])
        return { ...range, ...impact }
      })
    },
  )

  app.post(
    '/incidents/:id/blocks',
    {
      config: { action: 'containment:request' },
      schema: {
        tags,
        summary: 'Ask that firewalls stop one of its observables; in force once a second person approves',
        params: ById,
        body: exact({
          kind: Kind,
          value: Value,
          reason: Reason,
          days: Type.Integer({
            minimum: 1,
            maximum: 3_650,
            description: 'How long; the setting containment.daysMax at most.',
          }),
          everywhere: Type.Optional(
            Type.Boolean({ description: 'For every agency, not only the incident’s: for who sees all.' }),
          ),
        }),
        response: { 201: BlockShape },
      },
    },
    (request, reply) => {
      const principal = asker(request)
      const block = inTransaction(local, () => {
        const { incident } = visibleIncident(services, request, request.params.id)
        const { kind, value: text, reason, days, everywhere = false } = request.body
        if (everywhere && scopeOf(principal) !== 'all') throw new Problem('forbidden', 'everywhere')
        if (days > containment.daysMax) throw new Problem('bad_block', `at most ${containment.daysMax} days`)
        const wanted = { ...named(incident.id, kind, text), agency: incident.agency, everywhere }
        if (openBlock(local, wanted, now()) !== null)
          throw new Problem('bad_block', 'it is asked for, or blocked, already')
        const added = addBlock(local, {
          ...wanted,
          incidentId: incident.id,
          reason: reason.normalize('NFC'),
          requestedBy: principal.name,
          requestedAt: now(),
          expiresAt: new Date(clock() + days * DAY_MS).toISOString(),
        })
        noted(request, added, 'block_requested')
        return added
      })
      reply.status(201)
      return block
    },
  )

  app.get(
    '/blocks',
    {
      config: { action: 'incidents:read' },
      schema: {
        tags,
        summary: 'Blocks of the asker’s agencies, the newest first',
        querystring: exact({
          state: Type.Optional(oneOf(BLOCK_STATES)),
          limit: Type.Optional(limit(200, 50)),
          cursor: Type.Optional(Cursor),
        }),
        response: { 200: pageOf(BlockShape) },
      },
    },
    (request) => {
      const principal = asker(request)
      const { state, limit: size = 50, cursor } = request.query
      const context = { principal: principal.id, query: { list: 'blocks', state } }
      const [at, id] = cursor === undefined ? [] : readCursor(cursorSecret, context, cursor)
      const rows = listBlocks(local, {
        scope: scopeOf(principal),
        ...(state !== undefined && { state }),
        limit: size + 1,
        ...(at !== undefined && { before: { at: String(at), id: String(id) } }),
      })
      return pageWithNext(rows, size, {
        secret: cursorSecret,
        context,
        keyOf: (last) => [last.requestedAt, last.id],
      })
    },
  )

  const Texts = Type.Array(Type.String())
  app.get(
    '/blocks/never',
    {
      config: { action: 'containment:request' },
      schema: {
        tags,
        summary:
          'What no list ever holds, whoever asks: the file’s entries, and the networks of the registry’s sources',
        response: {
          200: Type.Object({ networks: Texts, domains: Texts, domainsBelow: Texts, hashes: Texts }),
        },
      },
    },
    (request) => {
      // It names the networks of every agency.
      if (scopeOf(asker(request)) !== 'all')
        throw new Problem('forbidden', 'the never-list is for who sees all agencies')
      const { networks, domains, domainsBelow, hashes } = never().list
      return { networks: [...networks], domains: [...domains], domainsBelow: [...domainsBelow], hashes: [...hashes] }
    },
  )

  /** Decides about a block that is in one of `from`. @throws {Problem} */
  const decide = (
    request: FastifyRequest<{ Params: { id: string } }>,
    from: BlockState[],
    state: BlockState,
  ): Block => {
    const { name, agencies } = asker(request)
    const block = getBlock(local, request.params.id, agencies)
    if (block === null) throw new Problem('not_found')
    if (!from.includes(block.state)) throw new Problem('bad_block', `it is ${block.state}`)
    if (block.everywhere && agencies !== 'all') throw new Problem('forbidden', 'everywhere')
    if (state === 'approved') {
      if (block.requestedBy === name) throw new Problem('same_person')
      if (block.expiresAt <= now()) throw new Problem('bad_block', 'its time is over')
      if (never().has(block.kind, block.value)) throw new Problem('bad_block', 'it is on the never-list')
      const there = blockedValues(local, { kind: block.kind, scope: 'all', at: now() }).length
      if (there >= containment.entriesMax)
        throw new Problem('too_many', `at most ${containment.entriesMax} entries in a list`)
    }
    setBlockState(local, block.id, { state, by: name, at: now() })
    const decided = { ...block, state, decidedBy: name, decidedAt: now() }
    noted(request, decided, `block_${state}`, { state: block.state })
    return decided
  }
  const decisions = [
    {
      verb: 'approve',
      from: ['requested'],
      state: 'approved',
      summary: 'Agree: in the lists from now on. Never by who asked',
    },
    { verb: 'refuse', from: ['requested'], state: 'refused', summary: 'Do not agree; who asked may take it back so' },
    { verb: 'lift', from: ['approved'], state: 'lifted', summary: 'Take it out of the lists' },
  ] as const
  for (const { verb, from, state, summary } of decisions) {
    app.post(
      `/blocks/:id/${verb}`,
      {
        config: { action: verb === 'approve' ? 'containment:approve' : 'containment:request' },
        schema: { tags, summary, params: ById, response: { 200: BlockShape } },
      },
      (request) => inTransaction(local, () => decide(request, [...from], state)),
    )
  }

  app.get(
    '/blocklists/:list',
    {
      config: { action: 'blocklists:read', basic: true },
      schema: {
        tags,
        summary: 'What is blocked, a line each, for firewalls: Bearer, or Basic with the token as password',
        produces: ['text/plain'],
        params: exact({ list: oneOf(LIST_NAMES) }),
        headers: Type.Object({ 'if-none-match': Type.Optional(Type.String({ maxLength: 1_000 })) }),
        response: {
          200: { description: 'The list.', content: { 'text/plain': { schema: Type.String() } } },
          304: { description: 'The list is as it was.', content: { 'text/plain': { schema: Type.String() } } },
        },
      },
    },
    (request, reply) => {
      const text = blockList(local, request.params.list, {
        scope: scopeOf(asker(request)),
        at: now(),
        never: never(),
        entriesMax: containment.entriesMax,
      })
      const etag = `"${createHash('sha256').update(text).digest('base64url').slice(0, 27)}"`
      reply.header('etag', etag).header('cache-control', 'private, no-cache').type('text/plain; charset=utf-8')
      const known = request.headers['if-none-match']?.split(',').some((tag) => tag.trim().replace(/^W\//, '') === etag)
      if (known) reply.status(304)
      return known ? '' : text
    },
  )
}
