import type { AddressInfo } from 'node:net'
import { SMTPServer } from 'smtp-server'

export interface Mail {
  to: string[]
  tls: boolean
  user: string | undefined
  /** As it came over the wire. */
  raw: string
  headers: Record<string, string>
  text: string
  html: string
}

export interface Smtp {
  port: number
  mails: Mail[]
  /** Envelopes that were begun, taken or not. */
  tried: number
  /** Refuses recipients with this status from now on; 0: takes them. */
  refuse: number
  /** Takes a mail, and never says so. */
  mute: boolean
  close: () => Promise<void>
}

/** A mail server on loopback with one account, `soc` / `mat-khau-thu`. */
export async function startSmtp(options: {
  key: string
  cert: string
  security: 'tls' | 'starttls' | 'none'
}): Promise<Smtp> {
  const { key, cert, security } = options
  const smtp: Smtp = { port: 0, mails: [], tried: 0, refuse: 0, mute: false, close: () => Promise.resolve() }
  const server = new SMTPServer({
    key,
    cert,
    secure: security === 'tls',
    authOptional: true,
    disabledCommands: security === 'none' ? ['STARTTLS'] : [],
    onAuth: ({ username, password }, _session, done) =>
      username === 'soc' && password === 'mat-khau-thu' ? done(null, { user: 'soc' }) : done(new Error('wrong')),
    onRcptTo: (_address, _session, done) => {
      smtp.tried++
      done(
        smtp.refuse === 0 ? null : Object.assign(new Error('no, and here is a secret'), { responseCode: smtp.refuse }),
      )
    },
    onData: (stream, session, done) => {
      const chunks: Buffer[] = []
      stream.on('data', (chunk: Buffer) => chunks.push(chunk))
      stream.on('end', () => {
        const to = session.envelope.rcptTo.map(({ address }) => address)
        const { user } = session as { user?: string }
        smtp.mails.push({ to, tls: session.secure, user, ...readMail(Buffer.concat(chunks).toString()) })
        if (!smtp.mute) done()
      })
    },
  })
  server.on('error', () => undefined) // clients that are told to go
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  smtp.port = (server.server.address() as AddressInfo).port
  smtp.close = () => new Promise((resolve) => server.close(() => resolve()))
  return smtp
}

function readMail(raw: string): Pick<Mail, 'raw' | 'headers' | 'text' | 'html'> {
  const { headers, body } = divided(raw)
  const [, boundary = ''] = /boundary="([^"]+)"/.exec(headers['content-type'] ?? '') ?? []
  const parts = body
    .split(`--${boundary}`)
    .slice(1, -1)
    .map((part) => divided(part.replace(/^\r\n/, '')))
  const part = (type: string): string => {
    const found = parts.find((each) => each.headers['content-type']?.startsWith(type))
    return found === undefined ? '' : decoded(found.body, found.headers['content-transfer-encoding'] ?? '')
  }
  return { raw, headers, text: part('text/plain'), html: part('text/html') }
}

function divided(text: string): { headers: Record<string, string>; body: string } {
  const end = text.indexOf('\r\n\r\n')
  const lines = text
    .slice(0, end)
    .replaceAll(/\r\n[ \t]+/g, ' ')
    .split('\r\n')
  const headers = Object.fromEntries(
    lines.map((line) => {
      const colon = line.indexOf(':')
      return [line.slice(0, colon).toLowerCase(), words(line.slice(colon + 1).trim())] as const
    }),
  )
  return { headers, body: text.slice(end + 4) }
}

/** RFC 2047. */
function words(value: string): string {
  return value
    .replaceAll(/\?=\s+=\?/g, '?==?')
    .replaceAll(/=\?UTF-8\?([BQ])\?([^?]*)\?=/gi, (_whole, kind: string, text: string) =>
      decoded(text.replaceAll('_', ' '), kind.toUpperCase() === 'B' ? 'base64' : 'quoted-printable'),
    )
}

function decoded(text: string, encoding: string): string {
  if (encoding === 'base64') return Buffer.from(text, 'base64').toString()
  if (encoding !== 'quoted-printable') return text
  const bytes = text
    .replaceAll(/=\r?\n/g, '')
    .replaceAll(/=([0-9A-F]{2})/gi, (_whole, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)))
  return Buffer.from(bytes, 'latin1').toString()
}
