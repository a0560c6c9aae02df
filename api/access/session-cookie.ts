import '@fastify/cookie' // its types add cookies to requests and replies
import type { FastifyReply, FastifyRequest } from 'fastify'

/** `__Host-` makes browsers refuse the cookie unless it is Secure, for this host alone and for the whole of it. */
function cookieName(secure: boolean): string {
  return secure ? '__Host-soc_session' : 'soc_session'
}

export function readSessionCookie(request: FastifyRequest, secure: boolean): string | null {
  const secret = request.cookies[cookieName(secure)] ?? ''
  return /^[A-Za-z0-9_-]{43}$/.test(secret) ? secret : null
}

/** Lives as long as the browser does; how long the session lives, the server decides. */
export function setSessionCookie(reply: FastifyReply, secret: string, secure: boolean): void {
  reply.setCookie(cookieName(secure), secret, { path: '/', httpOnly: true, sameSite: 'lax', secure })
}

export function clearSessionCookie(reply: FastifyReply, secure: boolean): void {
  reply.clearCookie(cookieName(secure), { path: '/', httpOnly: true, sameSite: 'lax', secure })
}
