import type { Feature } from '../../lib/feature.ts'
import { t } from './messages.ts'

export default {
  nav: { order: 20, label: () => t('nav'), icon: 'search', to: '/search', key: 's', needs: 'events:read' },
  pages: [{ path: '/search', load: () => import('./search-page.tsx') }],
  commands: (typed, go) =>
    typed.length < 2
      ? []
      : [
          {
            label: t('palette.search', { q: typed }),
            icon: 'search',
            run: () => go(`/search?${new URLSearchParams({ q: typed })}`),
          },
        ],
} satisfies Feature
