import { type Ask, addressOf, ask } from './client.ts'
import type { Routes } from './routes.ts'

export type Route = keyof Routes

/** What a route answers when all is well. */
export type Answer<R extends Route> = Routes[R]['answer']

/** What a route is asked with; nothing else compiles. */
export type Asked<R extends Route> = Omit<Routes[R], 'answer'> & Pick<Ask, 'signal' | 'version' | 'idempotencyKey'>

/** May be left out where the route asks for nothing. */
type Rest<R extends Route> = object extends Asked<R> ? [asked?: Asked<R>] : [asked: Asked<R>]

/**
 * Asks one route: `request('GET /incidents/{id}', { params: { id } })`.
 * @throws {RequestError}
 */
export function request<R extends Route>(route: R, ...[asked]: Rest<R>): Promise<Answer<R>> {
  const { params, ...rest } = (asked ?? {}) as Loose
  return ask(route.slice(0, route.indexOf(' ')), pathOf(route, params), rest)
}

/** Where the route is, for a link that the browser itself follows: a download. */
export function hrefOf<R extends Route>(route: R, ...[asked]: Rest<R>): string {
  const { params, query } = (asked ?? {}) as Loose
  return addressOf(pathOf(route, params), query)
}

/** The options of any route. */
type Loose = Ask & { params?: Readonly<Record<string, string | number>> }

function pathOf(route: Route, params: Loose['params'] = {}): string {
  const path = route.slice(route.indexOf(' ') + 1)
  return path.replaceAll(/\{(\w+)\}/g, (_whole, name: string) => encodeURIComponent(String(params[name])))
}
