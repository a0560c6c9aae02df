import { createServer } from 'node:tls'
import { Type } from 'typebox'
import { FRAME_BYTES_DEFAULT, FRAME_BYTES_MAX } from '../framing.ts'
import type { Input } from '../input.ts'
import { ClientCa, HANDSHAKE_TIMEOUT_MS, Path, readSecrets } from '../listener.ts'
import { serveStreams } from '../stream.ts'

const OPTIONS = Type.Object(
  {
    host: Type.String({ default: '127.0.0.1' }),
    port: Type.Integer({ minimum: 0, maximum: 65_535, default: 6514 }), // RFC 5425 §4.1
    /** PEM files. */
    certificate: Path,
    key: Path,
    clientCa: ClientCa,
    frameBytesMax: Type.Integer({ minimum: 480, maximum: FRAME_BYTES_MAX, default: FRAME_BYTES_DEFAULT }),
    connectionsMax: Type.Integer({ minimum: 1, default: 1024 }),
  },
  { additionalProperties: false },
)

/** Syslog over TLS 1.2 or 1.3, RFC 5425. It asks for octet counting; LF is understood all the same. */
export default {
  options: OPTIONS,
  byDefault: false,

  async start(options, context) {
    const server = createServer({
      ...(await readSecrets(options)),
      requestCert: options.clientCa !== undefined,
      rejectUnauthorized: options.clientCa !== undefined,
      handshakeTimeout: HANDSHAKE_TIMEOUT_MS,
    })
    return {
      ...(await serveStreams(server, options, context)),
      async reloadCertificates() {
        server.setSecureContext(await readSecrets(options))
      },
    }
  },
} satisfies Input<typeof OPTIONS>
