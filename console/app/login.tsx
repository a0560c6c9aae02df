import { Button, PasswordInput, TextInput } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { type FormEvent, useEffect, useRef, useState } from 'react'
import { RequestError, request } from '../api/request.ts'
import { type Credentials, logIn } from '../api/session.ts'
import { named } from '../lib/language.ts'
import { problemText } from '../ui/problem.ts'
import { queryClient } from '../api/query-client.ts'
import classes from '../ui/gate.module.css'
import { Brand, GateCard } from '../ui/gate-card.tsx'
import { has, say, t } from './messages.ts'

/** Why the single sign-on let nobody in, as the server put it into the address; empty where it says nothing. */
function refusal(): string {
  const code = new URLSearchParams(location.search).get('signOn')
  if (code === null) return ''
  const key = `sign_on.${code}`
  return has(key) ? say(key) : t('sign_on.refused')
}

/** The log-in; `over` the page of a user whose session has ended, which stays as it is below. */
export default function Login({ over }: { over?: string }) {
  const [said, setSaid] = useState(over === undefined ? refusal : t('login.expired'))
  const [wrong, setWrong] = useState(over === undefined && said !== '')
  const { data: methods } = useQuery({
    queryKey: ['login-methods'],
    queryFn: ({ signal }) => request('GET /login/methods', { signal }),
    staleTime: Infinity,
  })
  const [busy, setBusy] = useState(false)
  const [first, setFirst] = useState<Credentials | null>(null)
  const form = useRef<HTMLFormElement>(null)
  // Said once: a page that is loaded again, or sent to somebody, does not repeat it.
  useEffect(() => {
    if (location.search.includes('signOn=')) history.replaceState(history.state, '', location.pathname)
  }, [])

  const send = async (event: FormEvent): Promise<void> => {
    event.preventDefault()
    const given = new FormData(form.current!)
    const text = (name: string): string => given.get(name) as string
    const credentials: Credentials =
      first === null ? { name: text('name'), password: text('password') } : { ...first, code: text('code').trim() }
    setBusy(true)
    setSaid('')
    setWrong(false)
    try {
      await logIn(credentials)
      await queryClient.invalidateQueries()
    } catch (error) {
      setBusy(false)
      if (error instanceof RequestError && error.code === 'second_factor_required') return setFirst(credentials)
      setWrong(true)
      setSaid(problemText(error))
    }
  }

  return (
    <GateCard over={over !== undefined} label={t('login.title')}>
      <Brand />
      <form ref={form} onSubmit={(event) => void send(event)} className={classes.form}>
        <h1>{t('login.title')}</h1>
        <p role="alert" className={wrong ? classes.wrong : classes.said}>
          {said}
        </p>
        {first === null ? (
          <>
            <TextInput
              id="name"
              name="name"
              label={t('login.name')}
              defaultValue={over ?? ''}
              autoFocus={over === undefined}
              autoComplete="username"
              autoCapitalize="none"
              spellCheck={false}
              required
              withAsterisk={false}
            />
            <PasswordInput
              id="password"
              name="password"
              label={t('login.password')}
              autoFocus={over !== undefined}
              autoComplete="current-password"
              visibilityToggleButtonProps={{ 'aria-label': t('login.show') }}
              required
              withAsterisk={false}
            />
          </>
        ) : (
          <TextInput
            id="code"
            name="code"
            label={t('login.code')}
            description={t('login.code_hint')}
            autoFocus
            autoComplete="one-time-code"
            inputMode="numeric"
            pattern="[0-9]{6}"
            maxLength={6}
            required
            withAsterisk={false}
          />
        )}
        <Button type="submit" loading={busy} fullWidth>
          {t('login.submit')}
        </Button>
        {first === null && methods?.signOn !== undefined && (
          <>
            <p className={classes.or}>{t('login.or')}</p>
            <Button component="a" href={methods.signOn.start} variant="default" fullWidth>
              {named(methods.signOn)}
            </Button>
          </>
        )}
      </form>
    </GateCard>
  )
}
