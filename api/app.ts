import { STATUS_CODES } from 'node:http'
import type { Socket } from 'node:net'
import cookie from '@fastify/cookie'
import helmet from '@fastify/helmet'
import rateLimit from '@fastify/rate-limit'
import swagger from '@fastify/swagger'
import Fastify, {
  type ConnectionError,
  type FastifyBaseLogger,
  type FastifyError,
  type FastifyReply,
  type FastifyRequest,
  type FastifyServerFactory,
} from 'fastify'
import { productVersion } from '../model/root.ts'
import { FiguresReader } from '../store/local/figures-reader.ts'
import { SESSION_LIMITS } from '../store/local/sessions.ts'
import { admit } from './access/authenticate.ts'
import { pageRoutes } from './page.ts'
import { Problem, problemOf } from './problem.ts'
import { attachmentRoutes } from './routes/attachments.ts'
import { idempotency } from './idempotency.ts'
import { blockRoutes } from './routes/blocks.ts'
import { bulkRoutes } from './routes/bulk.ts'
import { streamRoutes } from './routes/stream.ts'
import { auditRoutes } from './routes/audit.ts'
import { clockRoutes } from './routes/clocks.ts'
import { collaborationRoutes } from './routes/collaboration.ts'
import { incidentMergeRoutes } from './routes/incident-merge.ts'
import { webhookRoutes } from './routes/webhooks.ts'
import { agencyRoutes } from './routes/agencies.ts'
import { Problem as ProblemSchema } from './schemas/problem.ts'
import { completenessRoutes } from './routes/completeness.ts'
import { deadLetterRoutes } from './routes/dead-letters.ts'
import { eventRoutes } from './routes/events.ts'
import { backtestRoutes } from './routes/backtests.ts'
import { exceptionRoutes } from './routes/exceptions.ts'
import { exportRoutes } from './routes/exports.ts'
import { handoverRoutes } from './routes/handover.ts'
import { holdRoutes } from './routes/holds.ts'
import { integrityRoutes } from './routes/integrity.ts'
import { healthRoutes } from './routes/health.ts'
import { indicatorRoutes } from './routes/indicators.ts'
import { incidentRoutes } from './routes/incidents.ts'
import { ruleDraftRoutes } from './routes/rule-drafts.ts'
import { ruleLifeRoutes } from './routes/rule-life.ts'
import { ruleQualityRoutes } from './routes/rule-quality.ts'
import { ruleSuggestionRoutes } from './routes/rule-suggestions.ts'
import { overviewRoutes } from './routes/overview.ts'
import { retentionRoutes } from './routes/retention.ts'
import { registryRoutes } from './routes/registry.ts'
import { reportRoutes } from './routes/reports.ts'
import { ruleRoutes } from './routes/rules.ts'
import { notificationRoutes } from './routes/notifications.ts'
import { sessionRoutes } from './routes/sessions.ts'
import { signOnRoutes } from './routes/sign-on.ts'
import { shippingRoutes } from './routes/shipping.ts'
import { sourceRoutes } from './routes/sources.ts'
import { tokenRoutes } from './routes/tokens.ts'
import { userRoutes } from './routes/users.ts'
import { wallRoutes } from './routes/wall.ts'
import type { ApiServer } from './server.ts'
import type { Services } from './services.ts'
import { validator } from './validator.ts'

export interface AppOptions extends Omit<Services, 'sessionLimits' | 'clock' | 'figures'> {
  sessionLimits?: Services['sessionLimits']
  clock?: Services['clock']
  /** Makes the HTTP or HTTPS server, where the default plain one is not wanted. */
  serverFactory?: FastifyServerFactory
  logger?: FastifyBaseLogger
  /** Addresses of the proxies whose `X-Forwarded-*` is believed; none by default. */
  trustProxy?: string[]
}

const BODY_BYTES_MAX = 64 * 1024
/** Per address and minute, over all routes: a page makes a few per second, a script that polls one. */
const REQUESTS_PER_MINUTE = 3_000

/** Every route's other answers; that they fit their schema is for the tests, so nothing of an error is left out here. */
const REFUSALS = Object.fromEntries(
  ['4xx', '5xx'].map((status) => [
    status,
    { description: 'A problem (RFC 9457).', content: { 'application/problem+json': { schema: ProblemSchema } } },
  ]),
)

const ROUTES = [
  sessionRoutes,
  signOnRoutes,
  incidentRoutes,
  collaborationRoutes,
  clockRoutes,
  overviewRoutes,
  wallRoutes,
  attachmentRoutes,
  incidentMergeRoutes,
  bulkRoutes,
  streamRoutes,
  auditRoutes,
  integrityRoutes,
  handoverRoutes,
  holdRoutes,
  retentionRoutes,
  eventRoutes,
  exportRoutes,
  indicatorRoutes,
  blockRoutes,
  ruleRoutes,
  ruleDraftRoutes,
  ruleLifeRoutes,
  ruleQualityRoutes,
  ruleSuggestionRoutes,
  completenessRoutes,
  exceptionRoutes,
  backtestRoutes,
  sourceRoutes,
  shippingRoutes,
  deadLetterRoutes,
  agencyRoutes,
  registryRoutes,
  tokenRoutes,
  userRoutes,
  webhookRoutes,
  notificationRoutes,
  reportRoutes,
]

/** The HTTP server with API, health and console page, ready to listen; it does not listen by itself. */
export async function buildApp(options: AppOptions): Promise<ApiServer> {
  const { serverFactory, logger, trustProxy, ...given } = options
  const figures = new FiguresReader(given.local)
  const services: Services = { sessionLimits: SESSION_LIMITS, clock: Date.now, ...given, figures }
  let methods: ReturnType<typeof methodsByRoute> = () => []
  const app: ApiServer = Fastify({
    bodyLimit: BODY_BYTES_MAX,
    requestTimeout: 30_000,
    routerOptions: { maxParamLength: 200 },
    frameworkErrors: answer,
    clientErrorHandler: (error, socket) => refuseUnread(error, socket, methods),
    ...(logger !== undefined && { loggerInstance: logger }),
    ...(serverFactory !== undefined && { serverFactory }),
    ...(trustProxy !== undefined && trustProxy.length > 0 && { trustProxy }),
  }).withTypeProvider()
  app.setValidatorCompiler(validator)
  app.setErrorHandler((error: FastifyError, request, reply) => {
    // A body that cannot be read, or whose type is not said, of a method that no route there takes.
    const unread = request.is404 && problemOf(error)?.code === 'bad_request'
    answer(unread ? noSuchRoute(methods, request.url) : error, request, reply)
  })
  methods = methodsByRoute(app)
  let page: ReturnType<typeof pageRoutes> = () => false
  app.setNotFoundHandler((request, reply) => {
    const refused = noSuchRoute(methods, request.url)
    if (refused.code !== 'not_found' || !page(request, reply)) throw refused
  })

  await app.register(helmet, {
    contentSecurityPolicy: {
      useDefaults: false,
      directives: {
        defaultSrc: ["'none'"],
        scriptSrc: ["'self'"],
        styleSrc: ["'self'"],
        imgSrc: ["'self'"],
        connectSrc: ["'self'"],
        formAction: ["'self'"],
        baseUri: ["'none'"],
        frameAncestors: ["'none'"],
        requireTrustedTypesFor: ["'script'"],
      },
    },
    strictTransportSecurity: services.secureCookies ? { maxAge: 31_536_000, includeSubDomains: false } : false,
    xFrameOptions: { action: 'deny' },
    referrerPolicy: { policy: 'no-referrer' },
  })
  await app.register(cookie)
  await app.register(rateLimit, {
    max: REQUESTS_PER_MINUTE,
    timeWindow: 60_000,
    enableDraftSpec: true,
    errorResponseBuilder: (_request, { ttl }) =>
      new Problem('rate_limited', `try again in ${Math.ceil(ttl / 1_000)} s`),
  })
  await app.register(swagger, {
    openapi: {
      openapi: '3.1.0',
      info: {
        title: 'Vọng Gác',
        version: productVersion(),
        description: 'Errors are RFC 9457 problems with a stable `code`. Lists give `next`, an opaque cursor.',
      },
      components: {
        securitySchemes: {
          session: {
            type: 'apiKey',
            in: 'cookie',
            name: services.secureCookies ? '__Host-soc_session' : 'soc_session',
          },
          token: { type: 'http', scheme: 'bearer', bearerFormat: 'soc_<id>_<secret>' },
        },
      },
      security: [{ session: [] }, { token: [] }],
    },
  })

  app.addHook('onClose', () => figures.close())
  app.decorateRequest('principal', null)
  healthRoutes(app, services)
  page = pageRoutes(app)
  await app.register(
    (api: ApiServer, _options, done) => {
      api.addHook('onRoute', ({ config, url, schema }) => {
        if (config?.action === undefined) throw new Error(`${url} does not say who may ask it`)
        if (schema !== undefined) schema.response = { ...(schema.response as object), ...REFUSALS }
      })
      // After the rate limit, which hangs on every route's onRequest; before a byte of the body is read.
      api.addHook('preParsing', (request, reply, _payload, next) => {
        reply.header('cache-control', 'no-store')
        admit(request, services)
        next()
      })
      // Whatever a route answers with: nobody can forget it.
      api.addHook('preSerialization', (request, _reply, payload, next) => {
        const { revealed } = request.routeOptions.config
        next(null, revealed === true ? payload : services.masking().deep(payload))
      })
      idempotency(api, services)
      for (const routes of ROUTES) routes(api, services)
      api.get('/openapi.json', { config: { action: 'public', revealed: true }, schema: { hide: true } }, () =>
        app.swagger(),
      )
      done()
    },
    { prefix: '/api/v1' },
  )
  return app
}

/** Answers any error as a problem. What nobody foresaw is logged whole, and told to nobody. */
function answer(error: FastifyError | Error, request: FastifyRequest, reply: FastifyReply): void {
  const foreseen = problemOf(error)
  if (foreseen === null) request.log.error({ err: error }, 'request failed')
  const problem = foreseen ?? new Problem('internal')
  void reply
    .status(problem.statusCode)
    .headers({ 'cache-control': 'no-store', ...problem.headers })
    .type('application/problem+json')
    .serializer(JSON.stringify)
    .send(problem.body())
}

function noSuchRoute(methods: ReturnType<typeof methodsByRoute>, url: string): Problem {
  const allowed = methods(url.split('?', 1)[0]!).join(', ')
  return allowed === ''
    ? new Problem('not_found')
    : new Problem('method_not_allowed', allowed, { headers: { allow: allowed } })
}

/** Answers what the HTTP reader makes nothing of, before there is a request: a method that it does not know, a broken head. */
function refuseUnread(error: ConnectionError, socket: Socket, methods: ReturnType<typeof methodsByRoute>): void {
  if (error.code === 'ECONNRESET' || !socket.writable) return void socket.destroy()
  const packet: unknown = error.rawPacket // a Buffer, whatever its type says
  const [, url] =
    /^[!#$%&'*+.^_`|~\w-]{1,64} (\S+) HTTP\/1\.[01]\r?\n/.exec(
      Buffer.isBuffer(packet) ? packet.toString('latin1') : '',
    ) ?? []
  const unknownMethod = error.code === 'HPE_INVALID_METHOD' && url !== undefined
  const problem = unknownMethod
    ? noSuchRoute(methods, url)
    : error.code === 'HPE_HEADER_OVERFLOW'
      ? new Problem('headers_too_large')
      : new Problem('bad_request', 'this is no HTTP request')
  const body = JSON.stringify(problem.body())
  const headers = {
    'content-type': 'application/problem+json',
    'content-length': String(Buffer.byteLength(body)),
    'cache-control': 'no-store',
    connection: 'close',
    ...problem.headers,
  }
  const head = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`)
  socket.end(`HTTP/1.1 ${problem.statusCode} ${STATUS_CODES[problem.statusCode]}\r\n${head.join('')}\r\n${body}`)
}

/** Which methods the routes at a path take, of those that spell out most of it; empty where nothing is there. */
function methodsByRoute(app: ApiServer): (path: string) => string[] {
  const routes: { shape: string[]; method: string }[] = []
  app.addHook('onRoute', ({ url, method }) => {
    for (const one of [method].flat()) routes.push({ shape: url.split('/'), method: one })
  })
  return (path) => {
    const parts = path.split('/')
    const at = routes.filter(
      ({ shape }) =>
        shape.length === parts.length &&
        shape.every((part, i) => part === parts[i] || (part.startsWith(':') && parts[i])),
    )
    const spelled = ({ shape }: (typeof at)[number]): number => shape.filter((part, i) => part === parts[i]).length
    const most = Math.max(...at.map(spelled))
    return [...new Set(at.filter((route) => spelled(route) === most).map(({ method }) => method))].sort()
  }
}
