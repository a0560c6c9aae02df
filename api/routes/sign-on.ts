import type { FastifyReply } from 'fastify'
import { Type } from 'typebox'
import { addHistory } from '../../store/local/history.ts'
import { closeSession, openSession } from '../../store/local/sessions.ts'
import { inTransaction } from '../../store/local/transaction.ts'
import { noteSeen } from '../../store/local/users.ts'
import { sessionCookie, signOnCookie } from '../access/session-cookie.ts'
import { SignOnError, type SignOnFailure } from '../access/sign-on-error.ts'
import { type Unwelcome, welcome } from '../access/signed-on.ts'
import { Problem } from '../problem.ts'
import type { ApiServer } from '../server.ts'
import type { Services } from '../services.ts'

const rateLimit = { max: 20, timeWindow: 60_000 }
const tags = ['session']
/** A browser is sent on; programs have no business here. */
const response = { 303: Type.Null({ description: 'On to `Location`.' }) }

/** Log-in by single sign-on. A browser comes here by a link and back by the provider, so every answer sends it on to a page. */
export function signOnRoutes(app: ApiServer, { local, clock, secureCookies, sessionLimits, signOn }: Services): void {
  app.get(
    '/login/methods',
    {
      config: { action: 'public' },
      schema: {
        tags,
        summary: 'How one may log in: by password, and where it is set up by single sign-on',
        security: [],
        response: {
          200: Type.Object({
            password: Type.Boolean(),
            signOn: Type.Optional(
              Type.Object({
                vi: Type.String({ description: 'What the button says.' }),
                en: Type.String(),
                start: Type.String({ description: 'Where it leads: a link to be followed, not a request to be made.' }),
                end: Type.String({ description: 'Ends the session with the provider, after POST /logout.' }),
              }),
            ),
          }),
        },
      },
    },
    () => ({
      password: true,
      ...(signOn !== undefined && {
        signOn: {
          vi: signOn.map.vi,
          en: signOn.map.en,
          start: '/api/v1/login/sign-on',
          end: '/api/v1/login/sign-on/end',
        },
      }),
    }),
  )

  app.get(
    '/login/sign-on',
    {
      config: { action: 'public', rateLimit },
      schema: { tags, summary: 'Go to the single sign-on', security: [], response },
    },
    async (request, reply) => {
      if (signOn === undefined) throw new Problem('not_found')
      try {
        const { url, secret } = await signOn.provider.begin()
        signOnCookie.set(reply, secret, secureCookies)
        return reply.redirect(url.href, 303)
      } catch (error) {
        return back(reply, failure(error, request.log))
      }
    },
  )

  app.get(
    '/login/sign-on/callback',
    {
      config: { action: 'public', rateLimit },
      schema: {
        tags,
        summary: 'The way back from the single sign-on: opens a session, or says why not as `?signOn=` of the page',
        security: [],
        response,
      },
    },
    async (request, reply) => {
      if (signOn === undefined) throw new Problem('not_found')
      const secret = signOnCookie.read(request, secureCookies)
      signOnCookie.clear(reply, secureCookies)
      const at = new Date(clock()).toISOString()
      const [, query = ''] = request.url.split('?', 2)
      try {
        const identity = await signOn.provider.finish(secret, query)
        const user = welcome(local, identity, signOn.map, { at, address: request.ip })
        if (typeof user === 'string') {
          request.log.warn({ why: user, name: identity.name, address: request.ip }, 'nobody was logged in')
          return back(reply, user)
        }
        const former = sessionCookie.read(request, secureCookies)
        const session = inTransaction(local, () => {
          if (former !== null) closeSession(local, former)
          noteSeen(local, user.name, at)
          const params = { address: request.ip, issuer: identity.issuer }
          addHistory(local, [
            { at, actor: user.name, subject: { kind: 'user', id: user.name }, code: 'logged_in', params },
          ])
          return openSession(local, user.name, clock(), sessionLimits)
        })
        sessionCookie.set(reply, session, secureCookies)
        return reply.redirect('/', 303)
      } catch (error) {
        return back(reply, failure(error, request.log))
      }
    },
  )

  app.get(
    '/login/sign-on/end',
    {
      config: { action: 'public', rateLimit },
      schema: { tags, summary: 'Go to where the provider ends its own session', security: [], response },
    },
    async (_request, reply) => {
      if (signOn === undefined) throw new Problem('not_found')
      const url = await signOn.provider.end().catch(() => null)
      return reply.redirect(url?.href ?? '/', 303)
    },
  )
}

function back(reply: FastifyReply, why: SignOnFailure | Unwelcome): FastifyReply {
  return reply.redirect(`/?signOn=${why}`, 303)
}

/** What the page is told; the log has the provider's own code, and no token. @throws what nobody foresaw */
function failure(error: unknown, log: { warn: (what: object, text: string) => void }): SignOnFailure {
  if (!(error instanceof SignOnError)) throw error
  const { code, error: said } = (error.cause ?? {}) as { code?: string; error?: string }
  log.warn({ why: error.code, code, said }, 'nobody was logged in')
  return error.code
}
