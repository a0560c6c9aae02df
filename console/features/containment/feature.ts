import type { Feature } from '../../lib/feature.ts'
import { t } from './messages.ts'

export default {
  nav: {
    order: 15,
    label: () => t('nav'),
    icon: 'ban',
    to: '/containment',
    key: 'c',
    needs: 'containment:request',
  },
  pages: [
    { path: '/containment', load: () => import('./blocks-page.tsx') },
    { path: '/containment/lists', load: () => import('./lists-page.tsx') },
    { path: '/containment/never', load: () => import('./never-page.tsx') },
  ],
} satisfies Feature
