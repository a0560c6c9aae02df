import type { Feature } from '../../lib/feature.ts'
import { t } from './messages.ts'

export default {
  nav: { order: 40, label: () => t('nav'), icon: 'sources', to: '/sources', key: 'n', needs: 'sources:read' },
  pages: [
    { path: '/sources', load: () => import('./sources-page.tsx') },
    { path: '/sources/agencies', load: () => import('./agencies-page.tsx') },
    { path: '/sources/registry', load: () => import('./registry-page.tsx') },
    { path: '/sources/coverage', load: () => import('./coverage-page.tsx') },
    { path: '/sources/dead-letters', load: () => import('./dead-letters-page.tsx') },
    { path: '/sources/add', load: () => import('./add-page.tsx') },
  ],
} satisfies Feature
