import { messages } from '../../lib/language.ts'

export const { t, has, say } = messages(
  {
    nav: 'Sự cố',
    'list.empty': 'Không có sự cố nào',
  },
  {
    nav: 'Incidents',
    'list.empty': 'No incidents',
  },
)
