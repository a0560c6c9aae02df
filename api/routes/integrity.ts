import { Readable } from 'node:stream'
import { Type } from 'typebox'
import { keyId, pemOf } from '../../store/integrity/keys.ts'
import { placeOf, prover } from '../../store/integrity/proof.ts'
import { signChain } from '../../store/integrity/signing.ts'
import { verifyDay } from '../../store/integrity/verify.ts'
import { chainEnd, dayEvidence, entriesOf, linksOf, MarksFolder } from '../../store/local/integrity.ts'
import { asker } from '../access/authenticate.ts'
import { scopeOf } from '../access/policy.ts'
import { Problem } from '../problem.ts'
import { Day, Key, exact } from '../schemas/types.ts'
import type { ApiServer } from '../server.ts'
import type { Services } from '../services.ts'

/** The proof that the log is as it came. About all agencies, but for the proof of one event. */
export function integrityRoutes(app: ApiServer, services: Services): void {
  const { store, local, clock, integrityFolder } = services
  const now = (): string => new Date(clock()).toISOString()
  const forAll = (request: Parameters<typeof asker>[0]): void => {
    if (asker(request).agencies !== 'all') throw new Problem('forbidden', 'audit:read for all agencies')
  }

  app.get(
    '/integrity',
    {
      config: { action: 'audit:read' },
      schema: {
        tags: ['integrity'],
        summary: 'Where the chain of Merkle roots ends, who signs it, and what was purged',
        response: {
          200: Type.Object({
            head: Type.Object({ n: Type.Integer(), hash: Type.String() }),
            keys: Type.Array(Type.Object({ id: Type.String(), at: Type.String(), pem: Type.String() })),
            purged: Type.Array(
              Type.Object({ day: Type.String(), levels: Type.String(), at: Type.String(), keptDays: Type.Integer() }),
            ),
          }),
        },
      },
    },
    (request) => {
      forAll(request)
      const { n, hash } = chainEnd(local)
      return {
        head: { n, hash },
        keys: entriesOf(local, 'key').map(({ key, at }) => ({ id: keyId(key), at, pem: pemOf(key) })),
        purged: entriesOf(local, 'purge').map(({ day, levels, at, keptDays }) => ({ day, levels, at, keptDays })),
      }
    },
  )

  app.get(
    '/integrity/chain',
    {
      config: { action: 'audit:read' },
      schema: {
        tags: ['integrity'],
        summary: 'The whole chain, signed, as NDJSON: with the public key it is all that verifying elsewhere needs',
        produces: ['application/x-ndjson'],
        response: { 200: Type.Any() },
      },
    },
    (request, reply) => {
      forAll(request)
      signChain(local, integrityFolder, now())
      return reply.type('application/x-ndjson').send(Readable.from(chainLines(services, chainEnd(local).n)))
    },
  )

  app.get(
    '/integrity/days/:day',
    {
      config: { action: 'audit:read', rateLimit: { max: 12, timeWindow: 60_000 } },
      schema: {
        tags: ['integrity'],
        summary: 'Holds every raw line of a day against the chain',
        description:
          'NDJSON: now and then `{"records": n}`, how many were read, and last the report. `ok` says whether the day is as it came.',
        produces: ['application/x-ndjson'],
        params: exact({ day: Day }),
        response: { 200: Type.Any() },
      },
    },
    (request, reply) => {
      forAll(request)
      const { day } = request.params
      if (Number.isNaN(Date.parse(day))) throw new Problem('validation', 'no day')
      return reply.type('application/x-ndjson').send(Readable.from(reportLines(services, day)))
    },
  )

  app.get(
    '/integrity/proofs/:record',
    {
      config: { action: 'events:read', rateLimit: { max: 60, timeWindow: 60_000 } },
      schema: {
        tags: ['integrity'],
        summary: 'That one event stood in the log: a proof that holds without this product',
        params: exact({ record: Key }),
        response: { 200: Type.Any() },
      },
    },
    async (request) => {
      const { record } = request.params
      const [event] = await store.getEvents([record], scopeOf(asker(request)))
      if (event === undefined) throw new Problem('not_found')
      const proof = await prover(store, local, integrityFolder, now())(placeOf(event))
      if (typeof proof === 'string') throw new Problem('unproved', proof)
      return proof
    },
  )
}

async function* chainLines({ local }: Services, through: number): AsyncGenerator<string> {
  for await (const link of linksOf(local, through)) yield `${JSON.stringify(link)}\n`
}

async function* reportLines({ store, local, integrityFolder, logEnd }: Services, day: string): AsyncGenerator<string> {
  const marks = new MarksFolder(integrityFolder)
  const work = verifyDay(store, await dayEvidence(local, day, { marks, logEnd: logEnd() }))
  for (;;) {
    const { done, value } = await work.next()
    yield `${JSON.stringify(done === true ? value : { records: value })}\n`
    if (done === true) return
  }
}
