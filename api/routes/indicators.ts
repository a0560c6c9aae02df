import { randomBytes } from 'node:crypto'
import { createWriteStream } from 'node:fs'
import { mkdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { Readable, Transform } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import type { FastifyRequest } from 'fastify'
import { Type } from 'typebox'
import { INDICATOR_KINDS, TLP } from '../../detection/indicators/indicator.ts'
import { normalIndicator } from '../../detection/indicators/normal.ts'
import { addHistory } from '../../store/local/history.ts'
import { type Hunt, addHunt, endInterrupted, getHunt, hitsOf, huntsOf } from '../../store/local/hunts.ts'
import { inTransaction } from '../../store/local/transaction.ts'
import { asker } from '../access/authenticate.ts'
import { covers, may, scopeOf } from '../access/policy.ts'
import { runHunt } from '../indicators/hunts.ts'
import { Problem } from '../problem.ts'
import { FileBody, Key, Level, Time, exact, limit, oneOf } from '../schemas/types.ts'
import { isoRange } from '../searches/query-text.ts'
import type { ApiServer } from '../server.ts'
import { FaultyFeed, type IndicatorFeed, type Services } from '../services.ts'
import { refuseEmptyRange, timeOf } from '../time-range.ts'

const FILE_BYTES_MAX = 256 * 1024 * 1024
const DAY_MS = 86_400_000
const HUNT_DAYS = 30
const HUNTS_SHOWN = 50
/** Of one asker, at once. */
const HUNTS_AT_ONCE = 1

const FeedName = Type.String({ pattern: '^[a-z0-9][a-z0-9-]{0,62}$', description: 'a-z, 0-9 and dashes' })
const ByName = exact({ name: FeedName })
const Feed = Type.Object({
  name: Type.String(),
  hash: Type.String({ description: 'SHA-256 of its lines: which version it is.' }),
  indicators: Type.Integer(),
  fresh: Type.Integer({ description: 'Of them, those that came with the last import.' }),
  importedAt: Type.String(),
  importedBy: Type.String(),
})
const Confidence = Type.Integer({ minimum: 0, maximum: 100 })
const Found = Type.Object({
  feed: Type.String(),
  kind: oneOf(INDICATOR_KINDS),
  value: Type.String(),
  level: Level,
  confidence: Type.Optional(Confidence),
  tlp: Type.Optional(oneOf(TLP)),
  validFrom: Type.Optional(Type.String()),
  validUntil: Type.Optional(Type.String()),
  name: Type.Optional(Type.String({ description: 'Hostile text.' })),
})
const HuntShape = Type.Object({
  id: Type.String(),
  feed: Type.String(),
  part: oneOf(['all', 'fresh']),
  raises: Type.Boolean({ description: 'What it finds raises alerts.' }),
  from: Type.String(),
  to: Type.String(),
  at: Type.String(),
  state: oneOf(['running', 'done', 'failed', 'stopped']),
  indicators: Type.Integer(),
  events: Type.Integer({ description: 'Looked at so far, the newest first.' }),
  hits: Type.Integer(),
  reached: Type.Optional(Type.String({ description: 'Event time down to which it has come.' })),
  finishedAt: Type.Optional(Type.String()),
})
const Hits = Type.Object({
  items: Type.Array(
    Type.Object({
      n: Type.Integer(),
      record: Type.String(),
      agency: Type.String(),
      at: Type.String(),
      field: Type.String(),
      kind: Type.String(),
      value: Type.String(),
      level: Type.String(),
    }),
  ),
  next: Type.Optional(Type.Integer({ description: 'Ask again with `after`.' })),
})

/** Feeds of indicators, what they say of a value, and the hunt for what came before they did. */
export function indicatorRoutes(app: ApiServer, services: Services): void {
  const { local, store, clock, indicators, sayHunted } = services
  const now = (): string => new Date(clock()).toISOString()
  const tags = ['indicators']
  const reading = { action: 'indicators:read' } as const
  const writing = { action: 'indicators:write' } as const

  app.get(
    '/indicators/feeds',
    {
      config: reading,
      schema: { tags, summary: 'Feeds in force', response: { 200: Type.Object({ items: Type.Array(Feed) }) } },
    },
    () => ({ items: indicators.feeds().map(shown) }),
  )

  app.get(
    '/indicators',
    {
      config: reading,
      schema: {
        tags,
        summary:
          'What the feeds say of one address, network, name, link or hash, and of the names above or the networks around it',
        querystring: exact({
          value: Type.String({ minLength: 1, maxLength: 2_000 }),
          kind: Type.Optional(oneOf(INDICATOR_KINDS)),
        }),
        response: { 200: Type.Object({ items: Type.Array(Found) }) },
      },
    },
    (request) => {
      const named = normalIndicator(request.query.value, request.query.kind)
      if (typeof named === 'string') return { items: [] }
      return { items: indicators.find(named.kind, named.value) }
    },
  )

  // In a scope of its own: here a body is a stream of bytes whatever it is called.
  void app.register((scope: ApiServer, _options, done) => {
    scope.removeAllContentTypeParsers()
    scope.addContentTypeParser('*', { bodyLimit: FILE_BYTES_MAX }, (_request, payload, parsed) => parsed(null, payload))
    scope.put(
      '/indicators/feeds/:name',
      {
        config: writing,
        bodyLimit: FILE_BYTES_MAX,
        schema: {
          tags,
          summary: 'Import a feed: the body, at most 256 MiB, is the file; in force from a position of the log on',
          body: FileBody,
          params: ByName,
          querystring: exact({
            format: Type.Optional(oneOf(['csv', 'stix', 'misp'], 'Default: what the file looks like.')),
            level: Type.Optional(Level),
            confidence: Type.Optional(Confidence),
            tlp: Type.Optional(oneOf(TLP)),
            validDays: Type.Optional(
              Type.Integer({ minimum: 1, maximum: 3_650, description: 'For those whose file says no end.' }),
            ),
            mode: Type.Optional(oneOf(['replace', 'add'])),
          }),
          response: {
            200: Type.Object({
              ...Feed.properties,
              format: Type.String(),
              refused: Type.Record(
                Type.String(),
                Type.Object({ count: Type.Integer(), examples: Type.Array(Type.String()) }),
                { description: 'By code: bad_value, too_broad, unknown_kind, pattern_unsupported …' },
              ),
            }),
          },
        },
      },
      async (request) => {
        const { mode = 'replace', level = 'high', format, ...given } = request.query
        const { name: by } = asker(request)
        await mkdir(indicators.incoming, { recursive: true, mode: 0o700 })
        const path = join(indicators.incoming, `.${randomBytes(12).toString('hex')}`)
        try {
          const body = request.body instanceof Readable ? request.body : Readable.from([])
          await pipeline(body, atMost(FILE_BYTES_MAX), createWriteStream(path, { mode: 0o600 }))
          const {
            feed,
            format: read,
            refused,
          } = await indicators
            .import({
              name: request.params.name,
              path,
              by,
              add: mode === 'add',
              level,
              ...(format !== undefined && { format }),
              ...given,
            })
            .catch((error: unknown) => {
              throw error instanceof FaultyFeed ? new Problem('bad_feed', error.message) : error
            })
          const params = { format: read, mode, indicators: feed.indicators, fresh: feed.fresh.indicators }
          const subject = { kind: 'indicators' as const, id: feed.name }
          addHistory(local, [
            { at: now(), actor: by, subject, code: 'indicators_imported', params, after: { hash: feed.hash } },
          ])
          return { ...shown(feed), format: read, refused }
        } finally {
          await rm(path, { force: true })
        }
      },
    )
    done()
  })

  app.delete(
    '/indicators/feeds/:name',
    {
      config: writing,
      schema: { tags, summary: 'Take a feed out of force', params: ByName, response: { 204: Type.Null() } },
    },
    async (request, reply) => {
      const removed = await indicators.remove(request.params.name)
      if (removed === null) throw new Problem('not_found')
      const subject = { kind: 'indicators' as const, id: removed.name }
      const before = { hash: removed.hash, indicators: removed.indicators }
      addHistory(local, [
        { at: now(), actor: asker(request).name, subject, code: 'indicators_removed', params: {}, before },
      ])
      return reply.status(204).send(null)
    },
  )

  const running = new Map<Promise<void>, string>()
  const ending = new AbortController()
  app.addHook('onReady', (done) => {
    endInterrupted(local, now())
    done()
  })
  app.addHook('onClose', async () => {
    ending.abort()
    await Promise.allSettled(running.keys())
  })
  /** A hunt is its maker's alone, and only while they see all that it looked through. */
  const mine = (request: FastifyRequest<{ Params: { id: string } }>): Hunt => {
    const { id, ...principal } = asker(request)
    const hunt = getHunt(local, request.params.id)
    if (hunt === null || hunt.principal !== id || !covers(principal.agencies, hunt.scope))
      throw new Problem('not_found')
    return hunt
  }

  app.post(
    '/indicators/hunts',
    {
      config: writing,
      schema: {
        tags,
        summary:
          'Look through the stored events for what a feed has, or for what its last import brought, in the background',
        body: exact({
          feed: FeedName,
          part: Type.Optional(oneOf(['all', 'fresh'], 'Default fresh: what came with the last import.')),
          raise: Type.Optional(
            Type.Boolean({ description: 'Default true: what is found raises alerts, as if the feed had been there.' }),
          ),
          from: Type.Optional(Time),
          to: Type.Optional(Time),
        }),
        response: { 202: HuntShape },
      },
    },
    (request, reply) => {
      const principal = asker(request)
      if (!may(principal, 'events:read')) throw new Problem('forbidden', 'events:read')
      const { feed, part = 'fresh', raise = true, from, to } = request.body
      const toMs = timeOf(to, clock() + 1, '/to')
      const fromMs = timeOf(from, toMs - HUNT_DAYS * DAY_MS, '/from')
      refuseEmptyRange(fromMs, toMs)
      const found = indicators.feeds().find(({ name }) => name === feed)
      if (found === undefined) throw new Problem('not_found')
      if ([...running.values()].filter((id) => id === principal.id).length >= HUNTS_AT_ONCE) {
        throw new Problem('rate_limited', 'a hunt of yours is under way')
      }
      const hunt = inTransaction(local, () => {
        const added = addHunt(local, {
          principal: principal.id,
          actor: principal.name,
          at: now(),
          feed,
          part,
          raises: raise,
          scope: scopeOf(principal),
          ...isoRange(fromMs, toMs),
          indicators: part === 'all' ? found.indicators : found.fresh.indicators,
        })
        const subject = { kind: 'indicators' as const, id: feed }
        const params = { hunt: added.id, part, raises: String(raise), from: added.from, to: added.to }
        addHistory(local, [{ at: added.at, actor: principal.name, subject, code: 'hunt_started', params }])
        return added
      })
      const hunter = indicators.hunter(feed, part)
      const work = runHunt(hunt, { store, local, hunter, sayHunted, now, signal: ending.signal }).finally(() =>
        running.delete(work),
      )
      running.set(work, principal.id)
      reply.status(202).header('location', `/api/v1/indicators/hunts/${hunt.id}`)
      return huntShown(hunt)
    },
  )

  app.get(
    '/indicators/hunts',
    {
      config: writing,
      schema: {
        tags,
        summary: 'Your hunts, the newest first',
        response: { 200: Type.Object({ items: Type.Array(HuntShape) }) },
      },
    },
    (request) => ({ items: huntsOf(local, asker(request).id, HUNTS_SHOWN).map(huntShown) }),
  )

  app.get(
    '/indicators/hunts/:id',
    {
      config: writing,
      schema: { tags, summary: 'How far a hunt of yours is', params: exact({ id: Key }), response: { 200: HuntShape } },
    },
    (request) => huntShown(mine(request)),
  )

  app.get(
    '/indicators/hunts/:id/hits',
    {
      config: writing,
      schema: {
        tags,
        summary: 'What a hunt of yours has found, at most the first 10,000',
        params: exact({ id: Key }),
        querystring: exact({
          after: Type.Optional(Type.Integer({ minimum: 0, description: 'Number of a hit.' })),
          limit: Type.Optional(limit(1_000, 200)),
        }),
        response: { 200: Hits },
      },
    },
    (request) => {
      const { id } = mine(request)
      const { after = -1, limit: size = 200 } = request.query
      const items = hitsOf(local, id, { after, limit: size })
      return { items, ...(items.length === size && { next: items.at(-1)!.n }) }
    },
  )
}

function shown({ name, hash, indicators, fresh, importedAt, importedBy }: IndicatorFeed) {
  return { name, hash, indicators, fresh: fresh.indicators, importedAt, importedBy }
}

function huntShown({ principal: _principal, actor: _actor, scope: _scope, ...hunt }: Hunt) {
  return hunt
}

function atMost(bytesMax: number): Transform {
  let bytes = 0
  return new Transform({
    transform(chunk: Buffer, _encoding, done) {
      bytes += chunk.length
      if (bytes > bytesMax) done(new Problem('payload_too_large'))
      else done(null, chunk)
    },
  })
}
