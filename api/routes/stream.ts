import { Type } from 'typebox'
import { type Change, changesAfter, lastPosition } from '../../store/local/changes.ts'
import { asker, authenticate } from '../access/authenticate.ts'
import { may, scopeOf, sees } from '../access/policy.ts'
import { ChangeFeed } from '../change-feed.ts'
import { Problem } from '../problem.ts'
import { seal, unseal } from '../sealed.ts'
import type { ApiServer } from '../server.ts'
import type { Services } from '../services.ts'

const HEARTBEAT_MS = 15_000
const STREAMS_MAX = 500
const STREAMS_OF_ONE_MAX = 10
/** What is told again after a break; behind more than this, the list is read anew. */
const REPLAY_MAX = 5_000
/** A browser that does not read is let go. */
const UNREAD_BYTES_MAX = 1024 * 1024

/** Changes of incidents as they happen: Server-Sent Events, each agency's to who sees it. */
export function streamRoutes(app: ApiServer, services: Services): void {
  const { local, cursorSecret, masking } = services
  const feed = new ChangeFeed(local)
  const open = new Map<string, number>()
  const ends = new Set<() => void>()
  /** Made once for all who see it; a change is let go with the batch it came in. */
  const made = new WeakMap<Change, string>()
  const eventOf = (change: Change): string => {
    const known = made.get(change)
    if (known !== undefined) return known
    const { position, ...told } = change
    // JSON has no line break of its own, so log text in a title cannot end the event.
    const data = JSON.stringify(masking().deep(told))
    const event = `event: change\nid: ${seal(cursorSecret, position)}\ndata: ${data}\n\n`
    made.set(change, event)
    return event
  }
  app.addHook('preClose', (done) => {
    for (const end of ends) end()
    done()
  })

  app.get(
    '/stream',
    {
      config: { action: 'incidents:read' },
      schema: {
        tags: ['incidents'],
        summary:
          'Changes of incidents as they happen (Server-Sent Events); `Last-Event-ID` tells again what was missed',
        produces: ['text/event-stream'],
        headers: Type.Object({ 'last-event-id': Type.Optional(Type.String({ maxLength: 200 })) }),
        response: { 200: Type.Any({ description: 'Events `change`, and `reset` where too much was missed.' }) },
      },
    },
    (request, reply) => {
      const { id } = asker(request)
      const total = [...open.values()].reduce((sum, n) => sum + n, 0)
      if (total >= STREAMS_MAX || (open.get(id) ?? 0) >= STREAMS_OF_ONE_MAX) throw new Problem('too_many_streams')
      const last = request.headers['last-event-id']
      const from = last === undefined ? lastPosition(local) : unseal(cursorSecret, last)

      reply.hijack()
      const { raw } = reply
      raw.writeHead(200, {
        'content-type': 'text/event-stream; charset=utf-8',
        'cache-control': 'no-store',
        'x-accel-buffering': 'no',
        'x-content-type-options': 'nosniff',
      })
      open.set(id, (open.get(id) ?? 0) + 1)
      /** Who asks, by what holds now: a session that ended, or a role that changed, ends or narrows the stream. */
      const scope = (): ReturnType<typeof scopeOf> | null => {
        const principal = authenticate(request, services, 'look')
        return principal !== null && may(principal, 'incidents:read') ? scopeOf(principal) : null
      }
      let told = from ?? lastPosition(local)
      const tell = (changes: readonly Change[]): void => {
        const seen = scope()
        if (seen === null) return end()
        const events: string[] = []
        for (const change of changes) {
          if (change.position <= told) continue
          told = change.position
          if (sees(seen, change.agency)) events.push(eventOf(change))
        }
        if (events.length > 0) raw.write(events.join(''))
        if (raw.writableLength > UNREAD_BYTES_MAX) raw.destroy() // ended, it would keep all of that for who never reads
      }
      const stop = feed.listen(tell)
      const heartbeat = setInterval(() => (scope() === null ? end() : void raw.write(':\n\n')), HEARTBEAT_MS)
      function end(): void {
        raw.end()
        closed()
      }
      function closed(): void {
        if (!ends.delete(end)) return
        stop()
        clearInterval(heartbeat)
        const left = (open.get(id) ?? 1) - 1
        if (left > 0) open.set(id, left)
        else open.delete(id)
      }
      ends.add(end)
      raw.on('close', closed)
      raw.on('error', closed)

      const missed = from === null ? null : changesAfter(local, from, REPLAY_MAX)
      const lost = missed === null || missed.changes.length === REPLAY_MAX
      if (lost) raw.write(`event: reset\nid: ${seal(cursorSecret, (told = lastPosition(local)))}\ndata: {}\n\n`)
      else {
        raw.write(`id: ${seal(cursorSecret, from ?? 0)}\n:\n\n`)
        tell(missed.changes)
      }
    },
  )
}
