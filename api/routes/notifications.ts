import { Type } from 'typebox'
import { addHistory } from '../../store/local/history.ts'
import {
  type Message,
  type NoticeSettings,
  WAYS,
  addMessage,
  listMessages,
  noticeSettingsOf,
  resendMessage,
  setNoticeSettings,
} from '../../store/local/notices.ts'
import { inTransaction } from '../../store/local/transaction.ts'
import { getUser } from '../../store/local/users.ts'
import { asker } from '../access/authenticate.ts'
import { HOUR } from '../notify/rules.ts'
import { Problem } from '../problem.ts'
import { Key, Level, exact, limit, oneOf } from '../schemas/types.ts'
import type { ApiServer } from '../server.ts'
import type { Services } from '../services.ts'
import { LANGUAGES } from '../words.ts'

const Hour = Type.String({ pattern: HOUR, description: 'HH:MM.' })
const Address = Type.Optional(Type.String({ minLength: 1, maxLength: 254 }))
const Settings = exact({
  language: oneOf(LANGUAGES),
  addresses: exact({ mail: Address, chat: Address }),
  levelMin: Level,
  quiet: Type.Optional(exact({ from: Hour, to: Hour })),
  urgentInQuiet: Type.Boolean(),
})
const MessageShape = Type.Object({
  id: Type.String(),
  user: Type.String(),
  way: oneOf(WAYS),
  at: Type.String(),
  notices: Type.Integer(),
  attempts: Type.Integer(),
  state: oneOf(['pending', 'sent', 'failed', 'dropped']),
  sentAt: Type.Optional(Type.String()),
  error: Type.Optional(Type.String()),
})
const Own = Type.Object({
  settings: Settings,
  ways: Type.Array(oneOf(WAYS), { description: 'Ways that are set up.' }),
  messages: Type.Array(MessageShape, { description: 'The newest.' }),
})
const ByName = exact({ name: Type.String({ maxLength: 100 }) })
const OWN_SHOWN = 20

/** What people are told of incidents, by which way and when. */
export function notificationRoutes(app: ApiServer, services: Services): void {
  const { local, clock, ways, notifyRules } = services
  const tags = ['notifications']

  const shown = (user: string): { settings: NoticeSettings; ways: Message['way'][]; messages: Message[] } => ({
    settings: noticeSettingsOf(local, user),
    ways: ways.map(({ key }) => key),
    messages: listMessages(local, { user, limit: OWN_SHOWN }),
  })

  const change = (user: string, settings: NoticeSettings, actor: string): void => {
    for (const key of WAYS) {
      const address = settings.addresses[key]
      if (address === undefined || address === noticeSettingsOf(local, user).addresses[key]) continue
      const way = ways.find((each) => each.key === key)
      if (way === undefined) throw new Problem('bad_notifications', `${key} is not set up`)
      if (!way.takes(address)) throw new Problem('bad_notifications', `addresses.${key}`)
    }
    inTransaction(local, () => {
      const before = noticeSettingsOf(local, user)
      setNoticeSettings(local, user, settings)
      addHistory(local, [
        {
          at: new Date(clock()).toISOString(),
          actor,
          subject: { kind: 'user', id: user },
          code: 'notifications_changed',
          params: {},
          before: { ...before },
          after: { ...settings },
        },
      ])
    })
  }

  app.get(
    '/me/notifications',
    {
      config: { action: 'self' },
      schema: { tags, summary: 'What you are told, where and when', response: { 200: Own } },
    },
    (request) => shown(personOf(request)),
  )

  app.put(
    '/me/notifications',
    {
      config: { action: 'self' },
      schema: { tags, summary: 'Say what you are told, where and when', body: Settings, response: { 200: Own } },
    },
    (request) => {
      const name = personOf(request)
      change(name, request.body, name)
      return shown(name)
    },
  )

  app.post(
    '/me/notifications/trial',
    {
      config: { action: 'self', rateLimit: { max: 5, timeWindow: 60_000 } },
      schema: {
        tags,
        summary: 'Send yourself a message by a way, to see whether it arrives',
        body: exact({ way: oneOf(WAYS) }),
        response: { 202: Type.Object({ id: Type.String() }) },
      },
    },
    (request, reply) => {
      const user = personOf(request)
      const { way } = request.body
      if (noticeSettingsOf(local, user).addresses[way] === undefined || !ways.some(({ key }) => key === way)) {
        throw new Problem('bad_notifications', `${way} is not set up, or leads nowhere`)
      }
      reply.status(202)
      return { id: inTransaction(local, () => addMessage(local, { user, way }, clock())) }
    },
  )

  app.get(
    '/users/:name/notifications',
    {
      config: { action: 'users:manage' },
      schema: { tags, summary: 'What a user is told, where and when', params: ByName, response: { 200: Own } },
    },
    (request) => shown(known(request.params.name)),
  )

  app.put(
    '/users/:name/notifications',
    {
      config: { action: 'users:manage' },
      schema: {
        tags,
        summary: 'Say what a user is told, where and when',
        params: ByName,
        body: Settings,
        response: { 200: Own },
      },
    },
    (request) => {
      const name = known(request.params.name)
      change(name, request.body, asker(request).name)
      return shown(name)
    },
  )

  app.get(
    '/notifications',
    {
      config: { action: 'notifications:manage' },
      schema: {
        tags,
        summary: 'Messages that were sent, or are to be, newest first; kept for 30 days',
        querystring: exact({ limit: Type.Optional(limit(200, 50)) }),
        response: { 200: Type.Object({ items: Type.Array(MessageShape) }) },
      },
    },
    (request) => ({ items: listMessages(local, { limit: request.query.limit ?? 50 }) }),
  )

  app.post(
    '/notifications/:id/resend',
    {
      config: { action: 'notifications:manage' },
      schema: {
        tags,
        summary: 'Try one that failed again',
        params: exact({ id: Key }),
        response: { 204: Type.Null() },
      },
    },
    (request, reply) => {
      if (!resendMessage(local, request.params.id, clock())) throw new Problem('not_found')
      void reply.status(204).send(null)
    },
  )

  app.get(
    '/notifications/rules',
    {
      config: { action: 'notifications:manage' },
      schema: {
        tags,
        summary: 'Who is told of what, as the file of the rules has it',
        response: {
          200: Type.Object({
            gatherMs: Type.Integer(),
            perHour: Type.Integer(),
            retryMs: Type.Array(Type.Integer()),
            rules: Type.Array(
              Type.Object({
                key: Type.String(),
                about: Type.Array(Type.String()),
                levels: Type.Optional(Type.Array(Level)),
                rules: Type.Optional(Type.Array(Type.String())),
                agencies: Type.Optional(Type.Array(Type.String())),
                to: Type.Object({
                  roles: Type.Array(Type.String()),
                  users: Type.Array(Type.String()),
                  people: Type.Array(Type.String()),
                }),
                by: Type.Array(oneOf(WAYS)),
                urgent: Type.Boolean(),
                digest: Type.Optional(
                  Type.Object({
                    everyMs: Type.Optional(Type.Integer()),
                    minuteOfDay: Type.Optional(Type.Integer()),
                  }),
                ),
              }),
            ),
          }),
        },
      },
    },
    () => {
      const { gatherMs, perHour, retryMs, rules } = notifyRules()
      return {
        gatherMs,
        perHour,
        retryMs: [...retryMs],
        rules: rules.map(({ about, levels, rules: ids, agencies, to, by, ...rest }) => ({
          ...rest,
          about: [...about],
          by: [...by],
          to: { roles: [...to.roles], users: [...to.users], people: [...to.people] },
          ...(levels !== undefined && { levels: [...levels] }),
          ...(ids !== undefined && { rules: [...ids] }),
          ...(agencies !== undefined && { agencies: [...agencies] }),
        })),
      }
    },
  )

  function known(name: string): string {
    if (getUser(local, name) === null) throw new Problem('not_found')
    return name
  }
}

/** Programs are not told: they read the stream, or have a webhook. */
function personOf(request: Parameters<typeof asker>[0]): string {
  const { name, role } = asker(request)
  if (role === 'service') throw new Problem('forbidden', 'a token is told nothing')
  return name
}
