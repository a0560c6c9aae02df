import type { Feature } from '../../lib/feature.ts'
import { t } from './messages.ts'

export default {
  nav: {
    order: 12,
    label: () => t('nav'),
    icon: 'tasks',
    to: '/handover',
    key: 'h',
    needs: 'incidents:comment',
  },
  pages: [{ path: '/handover', load: () => import('./handover-page.tsx') }],
} satisfies Feature
