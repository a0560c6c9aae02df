import { createHash } from 'node:crypto'
import { Readable } from 'node:stream'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { Type } from 'typebox'
import { startOfDay, zoneOffset } from '../../model/time-zone.ts'
import { contentOf } from '../../store/local/attachments.ts'
import { addHistory } from '../../store/local/history.ts'
import { findKeptReport, listKeptReports } from '../../store/local/kept-reports.ts'
import { asker } from '../access/authenticate.ts'
import { visibleIncident } from '../access/incident.ts'
import { scopeOf } from '../access/policy.ts'
import { evidencePack } from '../evidence/pack.ts'
import { zip } from '../evidence/zip.ts'
import { Problem } from '../problem.ts'
import { PERIODS } from '../reports/layout.ts'
import {
  INCIDENT_FORMATS,
  PERIOD_FORMATS,
  REPORT_ENDINGS,
  REPORT_TYPES,
  makeIncidentReport,
  makePeriodReport,
} from '../reports/make.ts'
import { periodBefore } from '../reports/period-facts.ts'
import { Key, exact, limit, oneOf } from '../schemas/types.ts'
import type { ApiServer } from '../server.ts'
import type { Services } from '../services.ts'
import { LANGUAGES } from '../words.ts'

const tags = ['reports']
const ById = exact({ id: Key })
const day = (description: string) =>
  Type.Optional(Type.String({ pattern: '^[0-9]{4}-[0-9]{2}-[0-9]{2}$', description }))
const File = Type.Any({ description: 'The file, to be saved.' })
const Lang = Type.Optional(oneOf(LANGUAGES, 'Default vi.'))
/** Setting a report takes tenths of a second, on the thread that serves everybody. */
const rateLimit = { max: 30, timeWindow: 60_000 }
const DAYS_MAX = 366
const DAY_MS = 86_400_000

/** Files about an incident or a period, for people outside the console. Each that is handed out is an entry of the history. */
export function reportRoutes(app: ApiServer, services: Services): void {
  const { local, clock, registry, reportsFolder } = services

  const noted = (request: FastifyRequest, id: string, code: string, params: Record<string, string | number>): void =>
    addHistory(local, [
      {
        at: new Date(clock()).toISOString(),
        actor: asker(request).name,
        subject: { kind: 'report', id },
        code,
        params,
      },
    ])
  const sent = (
    reply: FastifyReply,
    file: { name: string; type: string; bytes: number; sha256: string },
  ): FastifyReply =>
    reply
      .header('content-disposition', `attachment; filename="${file.name}"`)
      .header('content-security-policy', "default-src 'none'; sandbox")
      .header('content-length', file.bytes)
      .header('etag', `"${file.sha256}"`)
      .type(file.type)

  app.get(
    '/incidents/:id/report',
    {
      config: { action: 'reports:read', rateLimit },
      schema: {
        tags,
        summary: 'A report about the incident: PDF or DOCX as offices send it, STIX 2.1, or its alerts as CSV',
        produces: Object.values(REPORT_TYPES),
        params: ById,
        querystring: exact({ format: oneOf(INCIDENT_FORMATS), lang: Lang }),
        response: { 200: File },
      },
    },
    async (request, reply) => {
      const { incident } = visibleIncident(services, request, request.params.id)
      const { format, lang: language = 'vi' } = request.query
      const bytes = await makeIncidentReport(services, incident, scopeOf(asker(request)), { format, language })
      const sha256 = sha256Of(bytes)
      noted(request, incident.id, 'report_made', {
        format,
        language,
        version: incident.version,
        sha256,
        bytes: bytes.length,
      })
      const name = `su-co-${incident.number}-v${incident.version}.${REPORT_ENDINGS[format]}`
      return sent(reply, { name, type: REPORT_TYPES[format], bytes: bytes.length, sha256 }).send(bytes)
    },
  )

  app.get(
    '/incidents/:id/evidence',
    {
      // Evidence is whole or it is none: who may have it are those who may see what is hidden.
      config: { action: 'personal:reveal', rateLimit },
      schema: {
        tags,
        summary:
          'Everything the incident rests on, as ZIP: raw records, events, alerts with proof, history, files, hashes',
        produces: ['application/zip'],
        params: ById,
        response: { 200: File },
      },
    },
    async (request, reply) => {
      const { incident } = visibleIncident(services, request, request.params.id)
      const files = await evidencePack(services, incident, scopeOf(asker(request)))
      // Once to know what is handed out, so that it can be written down before; once to hand it out.
      const hash = createHash('sha256')
      let bytes = 0
      for await (const chunk of zip(files)) {
        hash.update(chunk)
        bytes += chunk.length
      }
      const sha256 = hash.digest('hex')
      noted(request, incident.id, 'evidence_exported', {
        version: incident.version,
        sha256,
        bytes,
        files: files.length,
      })
      const name = `chung-cu-${incident.number}-v${incident.version}.zip`
      return sent(reply, { name, type: 'application/zip', bytes, sha256 }).send(Readable.from(zip(files)))
    },
  )

  app.get(
    '/reports/period',
    {
      config: { action: 'reports:read', rateLimit },
      schema: {
        tags,
        summary:
          'A report about a stretch of days, over the agencies that the asker sees; without days the last whole week or month',
        produces: PERIOD_FORMATS.map((format) => REPORT_TYPES[format]),
        querystring: exact({
          period: Type.Optional(oneOf(PERIODS, 'Default week.')),
          from: day('YYYY-MM-DD.'),
          to: day('The first day no longer included.'),
          format: oneOf(PERIOD_FORMATS),
          lang: Lang,
        }),
        response: { 200: File },
      },
    },
    async (request, reply) => {
      const { period: kind = 'week', from, to, format, lang: language = 'vi' } = request.query
      const offset = zoneOffset(registry().timeZone)
      if ((from === undefined) !== (to === undefined)) throw badDays('/from', 'both or neither')
      const period = from === undefined || to === undefined ? periodBefore(kind, offset, clock()) : { from, to }
      const [fromMs, toMs] = [startOfDay(offset, period.from), startOfDay(offset, period.to)]
      if (!(fromMs < toMs) || toMs - fromMs > DAYS_MAX * DAY_MS)
        throw badDays('/to', `1 to ${DAYS_MAX} days after from`)
      const bytes = await makePeriodReport(services, period, scopeOf(asker(request)), { format, language })
      const sha256 = sha256Of(bytes)
      noted(request, `${period.from}/${period.to}`, 'report_made', { format, language, sha256, bytes: bytes.length })
      const name = `giam-sat-${period.from}-${period.to}.${REPORT_ENDINGS[format]}`
      return sent(reply, { name, type: REPORT_TYPES[format], bytes: bytes.length, sha256 }).send(bytes)
    },
  )

  app.get(
    '/reports',
    {
      config: { action: 'reports:read' },
      schema: {
        tags,
        summary: 'Reports that were made by themselves, newest first; for who sees all agencies, which they are about',
        querystring: exact({ limit: Type.Optional(limit(200, 50)) }),
        response: {
          200: Type.Object({
            items: Type.Array(
              Type.Object({
                id: Type.Integer(),
                period: oneOf(PERIODS),
                from: Type.String(),
                to: Type.String(),
                language: oneOf(LANGUAGES),
                format: oneOf(PERIOD_FORMATS),
                bytes: Type.Integer(),
                sha256: Type.String(),
                at: Type.String(),
              }),
            ),
          }),
        },
      },
    },
    (request) => ({
      items: scopeOf(asker(request)) === 'all' ? listKeptReports(local, request.query.limit ?? 50) : [],
    }),
  )

  app.get(
    '/reports/:id/file',
    {
      config: { action: 'reports:read' },
      schema: {
        tags,
        summary: 'One of them',
        produces: PERIOD_FORMATS.map((format) => REPORT_TYPES[format]),
        params: exact({ id: Type.Integer({ minimum: 1 }) }),
        response: { 200: File },
      },
    },
    (request, reply) => {
      const found = scopeOf(asker(request)) === 'all' ? findKeptReport(local, request.params.id) : null
      const content = found === null ? null : contentOf(reportsFolder, found.sha256)
      if (found === null || content === null) throw new Problem('not_found')
      const { id, from, to, format, language, bytes, sha256 } = found
      noted(request, String(id), 'report_downloaded', { format, language, sha256, bytes })
      const name = `giam-sat-${from}-${to}-${language}.${REPORT_ENDINGS[format]}`
      return sent(reply, { name, type: REPORT_TYPES[format], bytes, sha256 }).send(content)
    },
  )
}

function badDays(pointer: string, message: string): Problem {
  return new Problem('validation', 'querystring', { errors: [{ pointer, code: 'bad_days', message }] })
}

function sha256Of(bytes: Buffer): string {
  return createHash('sha256').update(bytes).digest('hex')
}
