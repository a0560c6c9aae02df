import { readFile } from 'node:fs/promises'
import type { Socket } from 'node:net'
import { createServer, type SecureContextOptions, type TLSSocket } from 'node:tls'
import { Type, type Static } from 'typebox'
import type { Origin } from '../../model/record.ts'
import { FRAME_BYTES_DEFAULT, FRAME_BYTES_MAX } from '../framing.ts'
import { peerAddress, type Input } from '../input.ts'
import { serveStreams } from '../stream.ts'

const Path = Type.String({ minLength: 1 })

const OPTIONS = Type.Object(
  {
    host: Type.String({ default: '127.0.0.1' }),
    port: Type.Integer({ minimum: 0, maximum: 65_535, default: 6514 }), // RFC 5425 §4.1
    /** PEM files. */
    certificate: Path,
    key: Path,
    /** PEM file of the authorities that may issue client certificates; with it, a client without one is turned away. */
    clientCa: Type.Optional(Path),
    frameBytesMax: Type.Integer({ minimum: 480, maximum: FRAME_BYTES_MAX, default: FRAME_BYTES_DEFAULT }),
    connectionsMax: Type.Integer({ minimum: 1, default: 1024 }),
  },
  { additionalProperties: false },
)

const HANDSHAKE_TIMEOUT_MS = 10_000

/** Syslog over TLS 1.2 or 1.3, RFC 5425. It asks for octet counting; LF is understood all the same. */
export default {
  options: OPTIONS,
  byDefault: false,

  async start(options, context) {
    const counters = context.tally.input(context.name)
    const server = createServer({
      ...(await readSecrets(options)),
      minVersion: 'TLSv1.2',
      requestCert: options.clientCa !== undefined,
      rejectUnauthorized: options.clientCa !== undefined,
      handshakeTimeout: HANDSHAKE_TIMEOUT_MS,
    })
    server.on('tlsClientError', (error, socket) => {
      counters.connectionsRefused++
      const address = peerAddress(socket.remoteAddress)
      context.log.warn({ input: context.name, address, reason: error.message }, 'TLS handshake failed')
    })
    const origin = (socket: Socket): Origin => originOf(socket as TLSSocket, context.name)
    const streams = await serveStreams(server, 'secureConnection', origin, options, context)
    return {
      ...streams,
      async reloadCertificates() {
        server.setSecureContext({ ...(await readSecrets(options)), minVersion: 'TLSv1.2' })
      },
    }
  },
} satisfies Input<typeof OPTIONS>

async function readSecrets({ certificate, key, clientCa }: Static<typeof OPTIONS>): Promise<SecureContextOptions> {
  return {
    cert: await readFile(certificate),
    key: await readFile(key),
    ...(clientCa === undefined ? {} : { ca: await readFile(clientCa) }),
  }
}

function originOf(socket: TLSSocket, input: string): Origin {
  const origin: Origin = { input, address: peerAddress(socket.remoteAddress) }
  if (socket.authorized) {
    origin.certificate = socket.getPeerCertificate().fingerprint256.replaceAll(':', '').toLowerCase()
  }
  return origin
}
