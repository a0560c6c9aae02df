import { addressOf } from './api/request.ts'
import { askEarly } from './lib/early.ts'
import type { Early } from './lib/feature.ts'
import { currentLanguage } from './lib/language.ts'
import { parseSearch } from './lib/search-parameters.ts'
import { applyTheme } from './lib/theme.ts'

// What the page will show is asked for before the code that shows it has come: so neither waits for the other.
const found = import.meta.glob<{ default: Early }>('./features/*/early.ts', { eager: true })
const addresses = Object.values(found).flatMap((early) =>
  early.default(location.pathname, parseSearch(location.search)),
)
if (addresses.length > 0)
  for (const each of [addressOf('GET /me'), ...addresses, addressOf('GET /agencies')]) askEarly(each)

applyTheme()
document.documentElement.lang = currentLanguage()
// This runs as soon as it is there, before styles are, and maybe before the body has been read.
const start = (): void => void import('./app/start.tsx')
if (document.readyState === 'loading') addEventListener('DOMContentLoaded', start)
else start()
