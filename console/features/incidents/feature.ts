import type { Feature } from '../../lib/feature.ts'
import { t } from './messages.ts'

export default {
  nav: { order: 10, label: () => t('nav'), icon: 'incidents', to: '/incidents', key: 'i', needs: 'incidents:read' },
  pages: [
    { path: '/incidents', load: () => import('./list-page.tsx') },
    { path: '/incidents/$id', load: () => import('./incident-page.tsx') },
  ],
} satisfies Feature
