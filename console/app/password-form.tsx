import { Button, PasswordInput } from '@mantine/core'
import { type FormEvent, useRef, useState } from 'react'
import { changePassword, useMe } from '../api/session.ts'
import { problemText } from '../ui/problem.ts'
import classes from '../ui/gate.module.css'
import { t } from './messages.ts'

/** Two fields: the present password and the next. */
export function PasswordForm({ why, done }: { why: string; done: () => void }) {
  const { name } = useMe()
  const [wrong, setWrong] = useState('')
  const [busy, setBusy] = useState(false)
  const form = useRef<HTMLFormElement>(null)

  const send = async (event: FormEvent): Promise<void> => {
    event.preventDefault()
    const given = new FormData(form.current!)
    setBusy(true)
    try {
      await changePassword(given.get('current') as string, given.get('new') as string)
      done()
    } catch (error) {
      setWrong(problemText(error))
      setBusy(false)
    }
  }

  return (
    <form ref={form} onSubmit={(event) => void send(event)} className={classes.form}>
      <h1>{t('password.title')}</h1>
      {why !== '' && <p className={classes.said}>{why}</p>}
      <p role="alert" className={classes.wrong}>
        {wrong}
      </p>
      {/* For password managers: whose password this is. */}
      <input type="text" autoComplete="username" value={name} readOnly hidden />
      <PasswordInput
        id="current"
        name="current"
        label={t('password.current')}
        autoFocus
        autoComplete="current-password"
        visibilityToggleButtonProps={{ 'aria-label': t('login.show') }}
        required
        withAsterisk={false}
      />
      <PasswordInput
        id="new"
        name="new"
        label={t('password.new')}
        minLength={12}
        autoComplete="new-password"
        visibilityToggleButtonProps={{ 'aria-label': t('login.show') }}
        required
        withAsterisk={false}
      />
      <Button type="submit" loading={busy} fullWidth>
        {t('password.submit')}
      </Button>
    </form>
  )
}
