import type { Feature } from '../../lib/feature.ts'
import { t } from './messages.ts'

export default {
  nav: { order: 40, label: () => t('nav'), icon: 'rules', to: '/rules', key: 'r', needs: 'rules:read' },
  pages: [
    { path: '/rules', load: () => import('./list-page.tsx') },
    { path: '/rules/exceptions', load: () => import('./exceptions-page.tsx') },
    { path: '/rules/coverage', load: () => import('./coverage-page.tsx') },
    { path: '/rules/gaps', load: () => import('./gaps-page.tsx') },
    { path: '/rules/new', load: () => import('./new-page.tsx') },
    { path: '/rules/$id/edit', load: () => import('./edit-page.tsx') },
    { path: '/rules/$id', load: () => import('./rule-page.tsx') },
  ],
} satisfies Feature
