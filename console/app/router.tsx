import { createRootRoute, createRoute, createRouter, lazyRouteComponent, redirect } from '@tanstack/react-router'
import type { PageEntry } from '../lib/feature.ts'
import { parseSearch, stringifySearch } from '../lib/location.ts'
import { Loading } from '../ui/states.tsx'
import { FEATURES } from './features.ts'
import { Broken, Missing } from './missing.tsx'
import { Shell } from './shell.tsx'

const root = createRootRoute({ component: Shell, notFoundComponent: Missing, errorComponent: Broken })

const start = createRoute({
  getParentRoute: () => root,
  path: '/',
  beforeLoad: () => {
    const first = FEATURES.find(({ nav }) => nav !== undefined)?.nav?.to
    throw redirect({ href: first ?? '/' })
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

export const router = createRouter({
  routeTree: root.addChildren([start, ...FEATURES.flatMap(({ pages }) => pages.map(routeOf))]),
  parseSearch,
  stringifySearch,
  defaultPreload: 'intent',
  defaultPendingComponent: Loading,
  defaultErrorComponent: Broken,
  scrollRestoration: true,
  scrollToTopSelectors: ['#content'],
})
