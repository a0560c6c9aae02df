import { MantineProvider } from '@mantine/core'
import { QueryClientProvider } from '@tanstack/react-query'
import { RouterProvider } from '@tanstack/react-router'
import { Suspense, lazy, useEffect, useState } from 'react'
import { RequestError } from '../api/request.ts'
import { resume, useSession } from '../api/session.ts'
import { useLanguage } from '../lib/language.ts'
import { useTheme } from '../lib/theme.ts'
import { theme } from '../ui/mantine.ts'
import { Failure, Loading } from '../ui/states.tsx'
import { Toasts } from '../ui/toasts.tsx'
import { queryClient } from '../api/query-client.ts'
import { PAGES } from './features.ts'
import { preload, router } from './router.tsx'

const Login = lazy(() => import('./login.tsx'))
const NewPassword = lazy(() => import('./new-password.tsx'))

const outside = PAGES.find(({ path, isOutside }) => isOutside === true && path === location.pathname)
const Outside = outside === undefined ? null : lazy(outside.load)

export function App() {
  const language = useLanguage()
  return (
    <MantineProvider theme={theme} forceColorScheme={useTheme()} withCssVariables={false} withGlobalClasses={false}>
      <QueryClientProvider client={queryClient}>
        {/* Another language is another page: everything is drawn anew, and what was read stays. */}
        <Suspense fallback={<Loading />}>
          {Outside === null ? <Gate key={language} /> : <Outside key={language} />}
        </Suspense>
      </QueryClientProvider>
    </MantineProvider>
  )
}

/** What stands there before the page proper: the question who asks, the log-in, a password to be changed. */
function Gate() {
  const session = useSession()
  const [asked, setAsked] = useState<{ error?: unknown } | null>(session.state === 'none' ? null : {})
  const ask = (): void => {
    setAsked(null)
    preload()
    resume().then(
      () => setAsked({}),
      (error: unknown) => {
        const nobody = error instanceof RequestError && error.code === 'unauthenticated'
        setAsked(nobody ? {} : { error })
      },
    )
  }
  useEffect(() => {
    if (asked === null) ask()
    // eslint-disable-next-line react-hooks/exhaustive-deps -- once
  }, [])

  if (asked === null) return <Loading />
  if (asked.error !== undefined) return <Failure error={asked.error} retry={ask} />
  if (session.state === 'none') return <Login />
  if (session.me.mustChangePassword) return <NewPassword />
  return (
    <>
      <RouterProvider router={router} />
      <Toasts />
      <Suspense>{session.state === 'ended' && <Login over={session.me.name} />}</Suspense>
    </>
  )
}
