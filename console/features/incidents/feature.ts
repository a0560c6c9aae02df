import type { Feature } from '../../lib/feature.ts'
import { queryClient } from '../../api/query-client.ts'
import { filterOf } from './filter.ts'
import { incidentQuery, incidentsQuery } from './incident-api.ts'
import { t } from './messages.ts'

export default {
  nav: { order: 10, label: () => t('nav'), icon: 'incidents', to: '/incidents', key: 'i', needs: 'incidents:read' },
  pages: [
    {
      path: '/incidents',
      load: () => import('./list-page.tsx'),
      prefetch: ({ search }) => void queryClient.prefetchInfiniteQuery(incidentsQuery(filterOf(search))),
    },
    {
      path: '/incidents/$id',
      load: () => import('./incident-page.tsx'),
      prefetch: ({ params }) => void queryClient.prefetchQuery(incidentQuery(params['id'] ?? '')),
    },
  ],
  commands: (typed, go) =>
    typed === ''
      ? []
      : [
          {
            label: t('palette.search', { text: typed }),
            icon: 'search',
            run: () => go(`/incidents?state=any&q=${encodeURIComponent(typed)}`),
          },
        ],
} satisfies Feature
