import type { Feature } from '../../lib/feature.ts'
import { t } from './messages.ts'

export default {
  nav: { order: 50, label: () => t('nav'), icon: 'overview', to: '/overview', key: 'o', needs: 'incidents:read' },
  pages: [
    { path: '/overview', load: () => import('./overview-page.tsx') },
    { path: '/overview/reports', load: () => import('./reports-page.tsx') },
    { path: '/wall', load: () => import('./wall-page.tsx') },
    { path: '/kiosk', load: () => import('./kiosk-page.tsx'), isOutside: true },
  ],
} satisfies Feature
