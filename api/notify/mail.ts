import { createTransport } from 'nodemailer'
import type { Way } from './way.ts'

export interface MailSettings {
  host: string
  port: number
  /** `tls`: from the first byte; `starttls`: before anything is said that matters, or not at all; `none`: to this machine only. */
  security: 'tls' | 'starttls' | 'none'
  user?: string
  password?: string
  from: string
  /** Certificates to trust instead of the system's, PEM. */
  ca?: string
  /** Domains that mail may go to; none: any. */
  recipientDomains: readonly string[]
}

const TIMEOUT_MS = 20_000

/** An address of one mailbox and nothing else: no name, no list, no control character, nothing that a header could be made of. */
const ADDRESS =
  /^[A-Za-z0-9._%+-]{1,64}@(?=.{4,253}$)(?:[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?\.)+[A-Za-z]{2,63}$/

export function isMailAddress(text: string): boolean {
  return ADDRESS.test(text)
}

/** Mail by SMTP (RFC 5321), a connection for each: notices are few, and a server that restarts is then no matter. */
export function mailWay(settings: MailSettings): Way {
  const { host, port, security, user, password, from, ca, recipientDomains } = settings
  const transport = createTransport({
    host,
    port,
    secure: security === 'tls',
    requireTLS: security === 'starttls',
    ignoreTLS: security === 'none',
    ...(user !== undefined && { auth: { user, pass: password ?? '' } }),
    tls: { minVersion: 'TLSv1.2', ...(ca !== undefined && { ca }) },
    connectionTimeout: TIMEOUT_MS,
    greetingTimeout: TIMEOUT_MS,
    socketTimeout: TIMEOUT_MS,
    disableFileAccess: true,
    disableUrlAccess: true,
    logger: false,
  })
  const domain = from.split('@')[1]!
  return {
    key: 'mail',
    takes: (address) =>
      isMailAddress(address) &&
      (recipientDomains.length === 0 || recipientDomains.includes(address.split('@')[1]!.toLowerCase())),
    async send(address, { id, subject, text, html }) {
      try {
        await transport.sendMail({
          from: { name: 'Vọng Gác', address: from },
          to: { name: '', address },
          subject,
          text,
          html,
          // The same at every try, so that a mailbox which got one twice can tell.
          messageId: `<${id}@${domain}>`,
          headers: { 'auto-submitted': 'auto-generated' }, // RFC 3834: nobody's absence answers it
        })
        return { sent: true }
      } catch (error) {
        return failure(error)
      }
    },
  }
}

/** A mailbox that is refused for good is not asked again; everything else may be mended. */
function failure(error: unknown): { error: string; final: boolean } {
  const {
    code = 'failed',
    responseCode = 0,
    command = '',
  } = error as Partial<Record<'code' | 'command', string>> & {
    responseCode?: number
  }
  const ofMessage = /^(RCPT|MAIL|DATA)/.test(command)
  const status = responseCode === 0 ? '' : `_${responseCode}`
  return { error: `${code.toLowerCase()}${status}`, final: ofMessage && responseCode >= 500 }
}
