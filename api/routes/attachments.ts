import { Readable } from 'node:stream'
import { Type } from 'typebox'
import {
  AttachmentTooLarge,
  addAttachment,
  attachmentsOf,
  contentOf,
  findAttachment,
  keepContent,
} from '../../store/local/attachments.ts'
import { addHistory } from '../../store/local/history.ts'
import { inTransaction } from '../../store/local/transaction.ts'
import { asker } from '../access/authenticate.ts'
import { visibleIncident } from '../access/incident.ts'
import { Problem } from '../problem.ts'
import { Attachment } from '../schemas/collaboration.ts'
import { FileBody, Key, exact } from '../schemas/types.ts'
import type { ApiServer } from '../server.ts'
import type { Services } from '../services.ts'

const FILE_BYTES_MAX = 25 * 1024 * 1024
const FILES_MAX = 100
const BYTES_OF_INCIDENT_MAX = 200 * 1024 * 1024

const ById = exact({ id: Key })

/** Files kept with an incident. They are samples of what attackers use: never shown by a browser, only saved. */
export function attachmentRoutes(app: ApiServer, services: Services): void {
  const { local, clock, attachmentsFolder } = services

  app.get(
    '/incidents/:id/attachments',
    {
      config: { action: 'incidents:read' },
      schema: {
        tags: ['incidents'],
        summary: 'Files kept with it',
        params: ById,
        response: { 200: Type.Object({ items: Type.Array(Attachment) }) },
      },
    },
    (request) => ({
      items: attachmentsOf(local, visibleIncident(services, request, request.params.id).incident.id),
    }),
  )

  // In a scope of its own: here, and nowhere else, a body is a stream of bytes whatever it is called.
  void app.register((scope: ApiServer, _options, done) => {
    scope.removeAllContentTypeParsers()
    scope.addContentTypeParser('*', { bodyLimit: FILE_BYTES_MAX }, (_request, payload, parsed) => parsed(null, payload))
    scope.post(
      '/incidents/:id/attachments',
      {
        config: { action: 'incidents:comment' },
        bodyLimit: FILE_BYTES_MAX,
        schema: {
          tags: ['incidents'],
          summary: 'Keep a file with it: the body, at most 25 MiB, is the file',
          body: FileBody,
          params: ById,
          querystring: exact({
            name: Type.String({ minLength: 1, maxLength: 200, description: 'For whoever saves it.' }),
          }),
          response: { 201: Attachment },
        },
      },
      async (request, reply) => {
        const { incident } = visibleIncident(services, request, request.params.id)
        const announced = Math.min(Number(request.headers['content-length'] ?? FILE_BYTES_MAX), FILE_BYTES_MAX)
        const release = reserve(incident.id, announced)
        try {
          if (!(request.body instanceof Readable)) throw new Problem('bad_request', 'there is no file')
          const { sha256, bytes } = await keepContent(attachmentsFolder, request.body, FILE_BYTES_MAX)
          const kept = inTransaction(local, () => {
            const at = new Date(clock()).toISOString()
            const { name: author } = asker(request)
            const name = plainName(request.query.name)
            const added = addAttachment(local, incident.id, { name, bytes, sha256, at, author })
            const subject = { kind: 'incident' as const, id: incident.id }
            const after = { name, bytes, sha256 }
            addHistory(local, [{ at, actor: author, subject, code: 'attachment_added', params: after, after }])
            return added
          })
          reply.status(201)
          return kept
        } catch (error) {
          throw error instanceof AttachmentTooLarge ? new Problem('payload_too_large') : error
        } finally {
          release()
        }
      },
    )
    done()
  })

  app.get(
    '/incidents/:id/attachments/:attachment',
    {
      config: { action: 'incidents:read' },
      schema: {
        tags: ['incidents'],
        summary: 'The bytes of a file, to be saved',
        produces: ['application/octet-stream'],
        params: exact({ id: Key, attachment: Type.Integer({ minimum: 1 }) }),
        response: { 200: Type.Any({ description: 'The file.' }) },
      },
    },
    (request, reply) => {
      const { incident } = visibleIncident(services, request, request.params.id)
      const found = findAttachment(local, incident.id, request.params.attachment)
      const content = found === null ? null : contentOf(attachmentsFolder, found.sha256)
      if (found === null || content === null) throw new Problem('not_found')
      return reply
        .header('content-disposition', `attachment; filename="attachment"; filename*=UTF-8''${encoded(found.name)}`)
        .header('content-security-policy', "default-src 'none'; sandbox")
        .header('content-length', found.bytes)
        .header('etag', `"${found.sha256}"`)
        .type('application/octet-stream')
        .send(content)
    },
  )

  /** Bytes on their way to an incident: they are on the disk before anything says so, and would else be nobody's to count. */
  const arriving = new Map<string, number[]>()

  /**
   * Keeps room for so many bytes, beside what the incident has and what is arriving. @returns what gives it back
   * @throws {Problem} where there is none
   */
  function reserve(incidentId: string, bytes: number): () => void {
    const others = arriving.get(incidentId) ?? []
    const taken = [...attachmentsOf(local, incidentId).map((file) => file.bytes), ...others]
    if (taken.length >= FILES_MAX || taken.reduce((sum, n) => sum + n, bytes) > BYTES_OF_INCIDENT_MAX) {
      throw new Problem('too_many', `at most ${FILES_MAX} files and ${BYTES_OF_INCIDENT_MAX} bytes`)
    }
    arriving.set(incidentId, [...others, bytes])
    return () => {
      const left = arriving.get(incidentId)!.toSpliced(arriving.get(incidentId)!.indexOf(bytes), 1)
      if (left.length === 0) arriving.delete(incidentId)
      else arriving.set(incidentId, left)
    }
  }
}

/** What follows the last slash of either kind, without control characters and without what turns text around. */
function plainName(name: string): string {
  const last = name.normalize('NFC').split(/[\\/]/).at(-1) ?? ''
  return last.replace(/[\p{Cc}\p{Cf}\p{Co}\p{Cs}]/gu, '').trim() || 'attachment'
}

/** RFC 8187: a value of an extended parameter. */
function encoded(name: string): string {
  return encodeURIComponent(name).replace(/['()*]/g, (char) => `%${char.charCodeAt(0).toString(16).toUpperCase()}`)
}
