import { createHash } from 'node:crypto'
import { Type } from 'typebox'
import { addHandoverNote, listHandoverNotes } from '../../store/local/handover.ts'
import { addHistory } from '../../store/local/history.ts'
import { inTransaction } from '../../store/local/transaction.ts'
import { asker } from '../access/authenticate.ts'
import { covers, scopeOf } from '../access/policy.ts'
import { Problem } from '../problem.ts'
import { exact, limit, said } from '../schemas/types.ts'
import type { ApiServer } from '../server.ts'
import type { Services } from '../services.ts'

const DAY_MS = 86_400_000
const tags = ['handover']
const NoteShape = Type.Object({
  id: Type.Integer(),
  at: Type.String(),
  author: Type.String(),
  body: Type.String(),
})

/**
 * Notes from one shift to the next. Nobody says which agencies a note is about, so it may be about all that its author sees: it is
 * read by who sees as much.
 */
export function handoverRoutes(app: ApiServer, { local, clock }: Services): void {
  app.get(
    '/handover/notes',
    {
      config: { action: 'incidents:comment' },
      schema: {
        tags,
        summary: 'What shifts told the next, the newest first',
        querystring: exact({
          days: Type.Optional(Type.Integer({ minimum: 1, maximum: 90, description: 'Back from now; default 7.' })),
          limit: Type.Optional(limit(200, 50)),
        }),
        response: { 200: Type.Object({ items: Type.Array(NoteShape) }) },
      },
    },
    (request) => {
      const scope = scopeOf(asker(request))
      const { days = 7, limit: size = 50 } = request.query
      const from = new Date(clock() - days * DAY_MS).toISOString()
      const mayRead = (agencies: typeof scope): boolean => covers(scope, agencies)
      const notes = listHandoverNotes(local, { from, limit: size, mayRead })
      return { items: notes.map(({ id, at, author, body }) => ({ id, at, author, body })) }
    },
  )

  app.post(
    '/handover/notes',
    {
      config: { action: 'incidents:comment' },
      schema: {
        tags,
        summary: 'Tell the next shift something; it is neither edited nor deleted',
        body: exact({ body: said(4_000) }),
        response: { 201: NoteShape },
      },
    },
    (request, reply) => {
      const principal = asker(request)
      const body = request.body.body.normalize('NFC').trim()
      if (body === '') throw new Problem('validation', 'a note of nothing')
      const at = new Date(clock()).toISOString()
      const note = inTransaction(local, () => {
        const added = addHandoverNote(local, { at, author: principal.name, agencies: scopeOf(principal), body })
        addHistory(local, [
          {
            at,
            actor: principal.name,
            subject: { kind: 'handover', id: String(added.id) },
            code: 'handover_noted',
            // Not the text: the history is read by others than the note is.
            params: { sha256: createHash('sha256').update(body).digest('hex') },
          },
        ])
        return added
      })
      reply.status(201)
      return { id: note.id, at, author: note.author, body }
    },
  )
}
