import { Type } from 'typebox'
import { addToken, listTokens, revokeToken } from '../../store/local/tokens.ts'
import { asker } from '../access/authenticate.ts'
import { networkOf } from '../access/addresses.ts'
import { TOKEN_SCOPES } from '../access/policy.ts'
import { refuseUnknownAgencies } from '../access/known-agencies.ts'
import { Problem } from '../problem.ts'
import { AgencyList, Key, Time, exact, oneOf } from '../schemas/types.ts'
import type { ApiServer } from '../server.ts'
import type { Services } from '../services.ts'

const TOKEN = {
  id: Type.String(),
  kind: oneOf(['ingest', 'api']),
  name: Type.String(),
  agencies: AgencyList,
  scopes: Type.Array(Type.String()),
  createdAt: Type.String(),
  createdBy: Type.String(),
  expiresAt: Type.Optional(Type.String()),
  lastUsedAt: Type.Optional(Type.String()),
  addresses: Type.Optional(Type.Array(Type.String())),
}

const NewToken = exact({
  kind: oneOf(['ingest', 'api']),
  name: Type.String({ minLength: 1, maxLength: 100, description: 'What it is for.' }),
  agency: Type.Optional(Type.String({ minLength: 1, maxLength: 100, description: 'Of an ingest token: whose logs.' })),
  agencies: Type.Optional(AgencyList),
  scopes: Type.Optional(Type.Array(oneOf(TOKEN_SCOPES), { maxItems: 20 })),
  expiresAt: Type.Optional(Time),
  addresses: Type.Optional(
    Type.Array(Type.String({ maxLength: 60 }), {
      minItems: 1,
      maxItems: 50,
      description: 'Addresses and networks (CIDR) that it may be used from; of an api token.',
    }),
  ),
})

export function tokenRoutes(app: ApiServer, services: Services): void {
  const { local, clock } = services
  const now = (): string => new Date(clock()).toISOString()

  app.get(
    '/tokens',
    {
      config: { action: 'tokens:manage' },
      schema: {
        tags: ['tokens'],
        summary: 'Tokens in force; never their secrets',
        response: { 200: Type.Object({ items: Type.Array(Type.Object(TOKEN)) }) },
      },
    },
    () => ({ items: listTokens(local).map(shown) }),
  )

  app.post(
    '/tokens',
    {
      config: { action: 'tokens:manage' },
      schema: {
        tags: ['tokens'],
        summary: 'Make a token; its text is in this answer and nowhere else',
        body: NewToken,
        response: { 201: Type.Object({ ...TOKEN, token: Type.String() }) },
      },
    },
    (request, reply) => {
      const { kind, name, agency, agencies, scopes = [], expiresAt, addresses } = request.body
      const principal = asker(request)
      if (kind === 'ingest' && (agency === undefined || agencies !== undefined || scopes.length > 0)) {
        throw new Problem('bad_account', 'an ingest token has one agency, and no scopes')
      }
      if (kind === 'api' && (agency !== undefined || agencies === undefined || scopes.length === 0)) {
        throw new Problem('bad_account', 'an api token has agencies ("all" or a list) and at least one scope')
      }
      const stranger = addresses?.find((text) => networkOf(text) === null)
      if (stranger !== undefined || (addresses !== undefined && kind === 'ingest')) {
        throw new Problem('bad_account', stranger === undefined ? 'an ingest token has no addresses' : 'no address')
      }
      if (expiresAt !== undefined && !(Date.parse(expiresAt) > clock())) {
        throw new Problem('bad_account', 'expiresAt is not in the future')
      }
      const scope = kind === 'ingest' ? [agency ?? ''] : (agencies ?? [])
      refuseUnknownAgencies(services, scope)
      const { token, text } = addToken(local, {
        kind,
        name,
        agencies: scope,
        scopes,
        createdAt: now(),
        createdBy: principal.name,
        ...(addresses !== undefined && { addresses }),
        ...(expiresAt !== undefined && { expiresAt: new Date(expiresAt).toISOString() }),
      })
      reply.status(201)
      return { ...shown(token), token: text }
    },
  )

  app.delete(
    '/tokens/:id',
    {
      config: { action: 'tokens:manage' },
      schema: {
        tags: ['tokens'],
        summary: 'Revoke a token, at once',
        params: exact({ id: Key }),
        response: { 204: Type.Null() },
      },
    },
    (request, reply) => {
      if (!revokeToken(local, request.params.id, now(), asker(request).name)) throw new Problem('not_found')
      void reply.status(204).send(null)
    },
  )
}

function shown(token: ReturnType<typeof listTokens>[number]) {
  const { agencies, scopes } = token
  return {
    ...token,
    scopes: [...scopes],
    agencies: agencies === 'all' ? ('all' as const) : [...agencies],
  }
}
