import { Button, PasswordInput, TextInput } from '@mantine/core'
import { type FormEvent, useRef, useState } from 'react'
import { RequestError } from '../api/request.ts'
import { type Credentials, logIn } from '../api/session.ts'
import { problemText } from '../ui/problem.ts'
import { queryClient } from '../api/query-client.ts'
import classes from './gate.module.css'
import { Brand, GateCard } from './gate-card.tsx'
import { t } from './messages.ts'

/** The log-in; `over` the page of a user whose session has ended, which stays as it is below. */
export default function Login({ over }: { over?: string }) {
  const [said, setSaid] = useState(over === undefined ? '' : t('login.expired'))
  const [wrong, setWrong] = useState(false)
  const [busy, setBusy] = useState(false)
  const [first, setFirst] = useState<Credentials | null>(null)
  const form = useRef<HTMLFormElement>(null)

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
      </form>
    </GateCard>
  )
}
