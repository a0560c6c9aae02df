import type { Feature } from '../../lib/feature.ts'
import { t } from './messages.ts'

export default {
  nav: {
    order: 90,
    label: () => t('nav'),
    icon: 'administration',
    to: '/administration/audit',
    key: 'a',
    needs: 'audit:read',
  },
  pages: [
    { path: '/administration/audit', load: () => import('./audit-page.tsx') },
    { path: '/administration/users', load: () => import('./users-page.tsx') },
    { path: '/administration/tokens', load: () => import('./tokens-page.tsx') },
  ],
} satisfies Feature
