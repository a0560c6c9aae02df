import { createReadStream, type ReadStream } from 'node:fs'
import { Type } from 'typebox'
import { asker } from '../access/authenticate.ts'
import { may, scopeOf } from '../access/policy.ts'
import { CONTENT_TYPES, FORMATS } from '../exports/formats.ts'
import { ExportJobs } from '../exports/jobs.ts'
import { Problem } from '../problem.ts'
import { Key, Time, exact, oneOf } from '../schemas/types.ts'
import { withoutHidden } from '../searches/hidden.ts'
import { isoRange, readSearch, wrongOutput } from '../searches/query-text.ts'
import type { ApiServer } from '../server.ts'
import type { Services } from '../services.ts'
import { refuseEmptyRange, timeOf } from '../time-range.ts'
import { QueryText } from './events.ts'

const Binary = Type.Unsafe<ReadStream>({ type: 'string', format: 'binary' })

const Export = Type.Object({
  id: Type.String(),
  q: Type.String(),
  from: Type.String(),
  to: Type.String(),
  format: oneOf(FORMATS),
  state: oneOf(['running', 'done', 'failed', 'cancelled']),
  events: Type.Integer({ description: 'Written so far.' }),
  total: Type.Integer({ description: 'Counted at the start.' }),
  bytes: Type.Integer(),
  createdAt: Type.String(),
  expiresAt: Type.Optional(Type.String()),
  reason: Type.Optional(Type.String()),
})

const File = {
  description: 'The file.',
  content: Object.fromEntries(Object.values(CONTENT_TYPES).map((type) => [type, { schema: Binary }])),
}

export function exportRoutes(app: ApiServer, services: Services): void {
  const { store, local, clock, exportFolder, masking } = services
  const jobs = new ExportJobs({
    folder: exportFolder,
    store,
    local,
    clock,
    mask: (event) => masking().event(event),
  })
  app.addHook('onClose', () => jobs.close())
  const config = { action: 'events:export' } as const
  const tags = ['exports']
  const params = exact({ id: Key })

  app.post(
    '/exports',
    {
      config,
      schema: {
        tags,
        summary:
          'Writes the events of a search into a file, in the background. Is a record of the audit, as is each download.',
        body: exact({ q: QueryText, from: Time, to: Time, format: oneOf(FORMATS) }),
        response: { 202: Export },
      },
    },
    async (request, reply) => {
      const { q, from, to, format } = request.body
      const principal = asker(request)
      const [fromMs, toMs] = [timeOf(from, 0, '/from'), timeOf(to, 0, '/to')]
      refuseEmptyRange(fromMs, toMs)
      const { where: asked, output } = readSearch(q)
      const where = may(principal, 'personal:reveal') ? asked : withoutHidden(asked)
      if (output.kind !== 'events') throw wrongOutput(q, 'only events are exported')
      const { order, fields } = output
      const started = jobs.start({
        owner: { id: principal.id, name: principal.name },
        scope: scopeOf(principal),
        range: isoRange(fromMs, toMs),
        q,
        ...(where !== undefined && { where }),
        order,
        ...(fields !== undefined && { fields }),
        format,
      })
      return reply.status(202).header('location', `/api/v1/exports/${started.id}`).send(started)
    },
  )

  app.get(
    '/exports',
    {
      config,
      schema: { tags, summary: 'Your exports', response: { 200: Type.Object({ items: Type.Array(Export) }) } },
    },
    (request) => ({ items: jobs.list(asker(request).id) }),
  )

  app.get(
    '/exports/:id',
    { config, schema: { tags, summary: 'How far one of your exports has come', params, response: { 200: Export } } },
    (request) => {
      const found = jobs.get(asker(request).id, request.params.id)
      if (found === null) throw new Problem('not_found')
      return found
    },
  )

  app.get(
    '/exports/:id/file',
    { config, schema: { tags, summary: 'The file of a finished export', params, response: { 200: File } } },
    async (request, reply) => {
      const principal = asker(request)
      const { id } = request.params
      const file = jobs.download(principal, scopeOf(principal), id)
      if (file === null) throw new Problem('not_found')
      reply
        .type(CONTENT_TYPES[file.format])
        .header('content-disposition', `attachment; filename="events-${id}.${file.format}"`)
      return createReadStream(file.path)
    },
  )

  app.delete(
    '/exports/:id',
    {
      config,
      schema: {
        tags,
        summary: 'Ends one of your exports and deletes its file',
        params,
        response: { 204: Type.Null() },
      },
    },
    async (request, reply) => {
      if (!(await jobs.remove(asker(request).id, request.params.id))) throw new Problem('not_found')
      return reply.status(204).send(null)
    },
  )
}
