import { Type } from 'typebox'
import { asker } from '../access/authenticate.ts'
import { scopeOf, sees } from '../access/policy.ts'
import { Problem } from '../problem.ts'
import { Key, exact, oneOf } from '../schemas/types.ts'
import type { ApiServer } from '../server.ts'
import type { Services } from '../services.ts'
import { ownedIn } from './agencies.ts'

const Way = Type.Object({
  shipper: Type.String(),
  transport: Type.String(),
  input: Type.String({ description: 'Of the collector.' }),
  identity: oneOf(['address', 'token'], 'By what the collector knows whose the records are.'),
  acknowledges: Type.Boolean({ description: "The collector's answer means that a record is on its disk." }),
  tested: Type.Optional(Type.String({ description: 'Versions that were run as written; absent: none.' })),
})

/** What stands in a configuration where the secret of a token belongs. */
const TOKEN_PLACE = 'soc_TOKEN'

const Plan = Type.Object({
  ...Way.properties,
  stream: Type.String(),
  configuration: Type.String({ description: `For the sender; with \`${TOKEN_PLACE}\` where a token belongs.` }),
  file: Type.String({ description: 'Where it belongs on the sender.' }),
  tokenPlace: Type.Optional(Type.String({ description: 'What to put the token in place of, where there is one.' })),
  ca: Type.Optional(Type.String({ description: "File on the sender with the collector's authority." })),
  after: Type.Object({ vi: Type.String(), en: Type.String() }),
  registryLine: Type.Optional(Type.String({ description: "Line that the registry's `sources` lacks." })),
  settings: Type.Array(Type.String(), { description: "Lines that the collector's `soc.yaml` lacks." }),
})

export function shippingRoutes(app: ApiServer, { shipping, registry }: Services): void {
  app.get(
    '/shipping',
    {
      config: { action: 'sources:read' },
      schema: {
        tags: ['sources'],
        summary: 'Shippers and their ways to this collector, of each shipper the one to take first',
        response: { 200: Type.Object({ items: Type.Array(Way) }) },
      },
    },
    () => ({ items: [...shipping.ways()] }),
  )

  app.get(
    '/shipping/:shipper/:transport',
    {
      // A configuration with the place of a password in it, and nothing of any record.
      config: { action: 'sources:read', revealed: true },
      schema: {
        tags: ['sources'],
        summary: 'The configuration of one sender, filled in, and what else is to be done for it. Changes nothing.',
        params: exact({ shipper: Key, transport: Key }),
        querystring: exact({
          agency: Key,
          system: Type.Optional(Key),
          host: Type.String({ minLength: 1, maxLength: 253, description: 'Of the collector, as the sender calls it.' }),
          address: Type.Optional(
            Type.String({ minLength: 1, maxLength: 60, description: 'Of the sender, or its network.' }),
          ),
          stream: Type.Optional(Type.String({ minLength: 1, maxLength: 64 })),
        }),
        response: { 200: Plan },
      },
    },
    (request) => {
      const scope = scopeOf(asker(request))
      const { agency, system } = request.query
      if (!sees(scope, agency)) throw refusal('agency')
      const known = system === undefined ? undefined : registry().systems.get(system)
      if (known !== undefined && !ownedIn(scope, known)) throw refusal('system')
      const plan = shipping.plan({ ...request.params, ...request.query })
      if ('refused' in plan) throw refusal(plan.refused)
      const { way, configuration, settings, ...rest } = plan
      return {
        ...way,
        ...rest,
        configuration: configuration(TOKEN_PLACE),
        ...(way.identity === 'token' && { tokenPlace: TOKEN_PLACE }),
        settings: [...settings],
      }
    },
  )
}

function refusal(part: string): Problem {
  if (part === 'shipper' || part === 'transport') return new Problem('not_found')
  if (part === 'agency') return new Problem('unknown_agency')
  const errors = [{ pointer: `/${part}`, code: 'unmet', message: 'cannot be like that' }]
  return new Problem('validation', '', { errors })
}
