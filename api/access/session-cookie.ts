import '@fastify/cookie' // its types add cookies to requests and replies
import type { FastifyReply, FastifyRequest } from 'fastify'

/** A cookie that holds 32 random bytes, base64url, which scripts cannot read. */
interface SecretCookie {
  /** Null where there is none of that shape. */
  read(request: FastifyRequest, secure: boolean): string | null
  /** Lives as long as the browser does; how long what it opens lives, the server decides. */
  set(reply: FastifyReply, secret: string, secure: boolean): void
  clear(reply: FastifyReply, secure: boolean): void
}

/** `__Host-` makes browsers refuse the cookie unless it is Secure, for this host alone and for the whole of it. */
function secretCookie(name: string): SecretCookie {
  const nameOf = (secure: boolean): string => (secure ? `__Host-${name}` : name)
  // Lax: it comes along when a single sign-on sends the browser back, and with no change that another site asks for.
  const options = (secure: boolean) => ({ path: '/', httpOnly: true, sameSite: 'lax', secure }) as const
  return {
    read: (request, secure) => {
      const secret = request.cookies[nameOf(secure)] ?? ''
      return /^[A-Za-z0-9_-]{43}$/.test(secret) ? secret : null
    },
    set: (reply, secret, secure) => void reply.setCookie(nameOf(secure), secret, options(secure)),
    clear: (reply, secure) => void reply.clearCookie(nameOf(secure), options(secure)),
  }
}

export const sessionCookie = secretCookie('soc_session')
/** Between the way to a single sign-on and the way back. */
export const signOnCookie = secretCookie('soc_sign_on')
