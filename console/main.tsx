import { StrictMode } from 'react'
import { createRoot } from 'react-dom/client'
import { App } from './app/app.tsx'
import { currentLanguage } from './lib/language.ts'
import { applyTheme } from './lib/theme.ts'

applyTheme()
document.documentElement.lang = currentLanguage()
createRoot(document.getElementById('app')!).render(
  <StrictMode>
    <App />
  </StrictMode>,
)
