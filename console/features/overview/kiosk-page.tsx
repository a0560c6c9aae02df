import { Button, PasswordInput } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { type FormEvent, useState } from 'react'
import { RequestError } from '../../api/request.ts'
import { vietnamTime } from '../../lib/time.ts'
import { useTitle } from '../../lib/title.ts'
import { Brand, GateCard } from '../../ui/gate-card.tsx'
import { Loading } from '../../ui/states.tsx'
import { problemText } from '../../ui/problem.ts'
import gate from '../../ui/gate.module.css'
import { wallQuery } from './figures.ts'
import { t } from './messages.ts'
import classes from './overview.module.css'
import { Wall } from './wall.tsx'

const STORED = 'vong-gac.wall-token'
const FORM = /^soc_[a-z0-9]{12}_[A-Za-z0-9_-]{43}$/

/**
 * The token of this screen. A link has it behind the `#`, which no browser sends and so no log of a server has; it is kept here and taken
 * out of the address, so that it is not read off the screen either.
 */
function keptToken(): string {
  const given = location.hash.slice(1)
  if (given !== '') {
    history.replaceState(null, '', location.pathname)
    if (FORM.test(given)) keep(given)
    return given
  }
  try {
    return localStorage.getItem(STORED) ?? ''
  } catch {
    return '' // storage is switched off: it is asked for at each start
  }
}

function keep(token: string): void {
  try {
    if (token === '') localStorage.removeItem(STORED)
    else localStorage.setItem(STORED, token)
  } catch {
    // It holds until the page is left.
  }
}

/** The wallboard of a screen that nobody is logged in at: by a token that reads these figures and nothing else. */
export default function KioskPage() {
  const [token, setToken] = useState(keptToken)
  const isToken = FORM.test(token)
  const { data, error, dataUpdatedAt } = useQuery({ ...wallQuery(token), enabled: isToken, retry: false, gcTime: 0 })
  useTitle(t('wall'))
  const isRefused = error instanceof RequestError && (error.status === 401 || error.status === 403)
  if (!isToken || isRefused) {
    const use = (next: string): void => {
      keep(next)
      setToken(next)
    }
    return <AskToken wrong={token !== ''} use={use} />
  }
  return (
    <main className={classes.kiosk}>
      <Wall figures={data}>
        {data === undefined && error === null && <Loading />}
        {error !== null && (
          <p className={classes.wallAlarm} role="alert">
            {data === undefined ? problemText(error) : t('kiosk.old', { at: vietnamTime(dataUpdatedAt) })}
          </p>
        )}
      </Wall>
    </main>
  )
}

function AskToken({ wrong, use }: { wrong: boolean; use: (token: string) => void }) {
  const [text, setText] = useState('')
  const send = (event: FormEvent): void => {
    event.preventDefault()
    use(text.trim())
  }
  return (
    <GateCard over={false} label={t('wall')}>
      <Brand />
      <form onSubmit={send} className={gate.form}>
        <h1>{t('wall')}</h1>
        <p role="alert" className={gate.wrong}>
          {wrong ? t('kiosk.refused') : ''}
        </p>
        <PasswordInput
          label={t('kiosk.token')}
          description={t('kiosk.hint')}
          autoComplete="off"
          autoFocus
          required
          withAsterisk={false}
          value={text}
          onChange={({ currentTarget }) => setText(currentTarget.value)}
          visibilityToggleButtonProps={{ 'aria-label': t('kiosk.show') }}
        />
        <Button type="submit" fullWidth>
          {t('kiosk.use')}
        </Button>
      </form>
    </GateCard>
  )
}
