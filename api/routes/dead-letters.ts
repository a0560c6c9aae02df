import { Type } from 'typebox'
import type { DeadLetter } from '../../model/record.ts'
import { addHistory } from '../../store/local/history.ts'
import type { Scope, Store } from '../../store/store.ts'
import { asker } from '../access/authenticate.ts'
import { scopeOf } from '../access/policy.ts'
import { pageWithNext, readCursor } from '../cursor.ts'
import { Problem } from '../problem.ts'
import { Cursor, Key, exact, limit, pageOf } from '../schemas/types.ts'
import type { ApiServer } from '../server.ts'
import type { Services } from '../services.ts'

const Letter = Type.Object({
  record: Type.String(),
  seq: Type.Integer(),
  source: Type.String(),
  agency: Type.String(),
  receivedAt: Type.String(),
  code: Type.String(),
  reason: Type.String(),
  bytes: Type.String({ description: 'The raw bytes, base64.' }),
  origin: Type.Object({
    input: Type.String(),
    address: Type.String(),
    agency: Type.Optional(Type.String()),
    stream: Type.Optional(Type.String()),
    certificate: Type.Optional(Type.String()),
  }),
})

const Page = exact({ limit: Type.Optional(limit(200, 50)), cursor: Type.Optional(Cursor) })

export function deadLetterRoutes(app: ApiServer, services: Services): void {
  const { local, store, cursorSecret, masking } = services

  app.get(
    '/dead-letters',
    {
      config: { action: 'dead_letters:read' },
      schema: {
        tags: ['dead letters'],
        summary: 'Records that became no event, whole and with the reason, newest first',
        querystring: Page,
        response: { 200: pageOf(Letter) },
      },
    },
    async (request) => {
      const principal = asker(request)
      const { limit: size = 50, cursor } = request.query
      const context = { principal: principal.id, query: { list: 'dead_letters' } }
      const [beforeSeq] = cursor === undefined ? [] : readCursor(cursorSecret, context, cursor)
      const items = await store.searchDeadLetters({
        scope: scopeOf(principal),
        limit: size + 1,
        ...(beforeSeq !== undefined && { beforeSeq: Number(beforeSeq) }),
      })
      const page = pageWithNext(items, size, { secret: cursorSecret, context, keyOf: ({ seq }) => [seq] })
      return { ...page, items: page.items.map((letter) => ({ ...letter, bytes: masking().base64(letter.bytes) })) }
    },
  )

  app.post(
    '/dead-letters/replay',
    {
      config: { action: 'dead_letters:replay' },
      schema: {
        tags: ['dead letters'],
        summary: 'Sends records through once more, after the parser or the source was mended; each is stored once',
        description: 'A record that breaks again becomes a dead letter again, under a new name.',
        body: exact({ records: Type.Array(Key, { minItems: 1, maxItems: 200, uniqueItems: true }) }),
        response: { 202: Type.Object({ replayed: Type.Integer() }) },
      },
    },
    async (request, reply) => {
      const principal = asker(request)
      const { records } = request.body
      const letters = await Promise.all(records.map((record) => findLetter(store, scopeOf(principal), record)))
      await services.replay(letters)
      const at = new Date(services.clock()).toISOString()
      addHistory(
        local,
        letters.map(({ record, code }) => ({
          at,
          actor: principal.name,
          subject: { kind: 'dead_letter', id: record },
          code: 'dead_letter_replayed',
          params: { code },
        })),
      )
      return reply.status(202).send({ replayed: letters.length })
    },
  )
}

/** By its record's name, which ends in its position. */
async function findLetter(store: Store, scope: Scope, record: string): Promise<DeadLetter> {
  const seq = Number(/-(\d{1,15})$/.exec(record)?.[1])
  const [letter] = Number.isNaN(seq) ? [] : await store.searchDeadLetters({ scope, limit: 1, beforeSeq: seq + 1 })
  if (letter?.record !== record) throw new Problem('not_found', record)
  return letter
}
