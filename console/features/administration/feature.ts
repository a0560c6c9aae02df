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
    { path: '/administration/holds', load: () => import('./holds-page.tsx') },
    { path: '/administration/retention', load: () => import('./retention-page.tsx') },
    { path: '/administration/notifications', load: () => import('./notifications-page.tsx') },
    { path: '/administration/webhooks', load: () => import('./webhooks-page.tsx') },
  ],
} satisfies Feature
