import { createRootRoute, createRoute, createRouter, lazyRouteComponent, redirect } from '@tanstack/react-router'
import { agenciesQuery } from '../api/agencies.ts'
import { queryClient } from '../api/query-client.ts'
import type { PageEntry } from '../lib/feature.ts'
import { parseSearch, stringifySearch } from '../lib/search-parameters.ts'
import { Loading } from '../ui/states.tsx'
import { FEATURES, PAGES } from './features.ts'
import { Broken, Missing } from './missing.tsx'
import { Shell } from './shell.tsx'

const root = createRootRoute({ component: Shell, notFoundComponent: Missing, errorComponent: Broken })

const start = createRoute({
  getParentRoute: () => root,
  path: '/',
  beforeLoad: () => {
    throw redirect({ href: FIRST })
  },
})

function routeOf({ path, load, prefetch }: PageEntry) {
  return createRoute({
    getParentRoute: () => root,
    path,
    component: lazyRouteComponent(load),
    ...(prefetch !== undefined && {
      loader: ({ params, location }: { params: Record<string, string>; location: { search: object } }) => {
        prefetch({ params, search: { ...location.search } })
      },
    }),
  })
}

const FIRST = FEATURES.find(({ nav }) => nav !== undefined)?.nav?.to ?? '/'

export const router = createRouter({
  routeTree: root.addChildren([start, ...PAGES.filter(({ isOutside }) => isOutside !== true).map(routeOf)]),
  parseSearch,
  stringifySearch,
  defaultPreload: 'intent',
  defaultPendingComponent: Loading,
  defaultErrorComponent: Broken,
  scrollRestoration: true,
  scrollToTopSelectors: ['#content'],
})

/** Fetches the code and the data of the page that is opened, while it is still asked who opens it. */
export function preload(): void {
  const { pathname, search } = location
  void queryClient.prefetchQuery(agenciesQuery)
  void router.preloadRoute({ to: pathname === '/' ? FIRST : pathname, search: parseSearch(search) })
}
