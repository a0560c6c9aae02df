import { ActionIcon, Button } from '@mantine/core'
import { Link, Outlet, lazyRouteComponent, useRouterState } from '@tanstack/react-router'
import { Suspense, lazy, useEffect, useState } from 'react'
import icon from '../ui/icon.svg'
import { useAgencies } from '../api/agencies.ts'
import { useMe } from '../api/session.ts'
import { useNow } from '../lib/clock.ts'
import { useAhead } from '../lib/ahead.ts'
import { listenForKeys, useShortcuts } from '../lib/keys.ts'
import { currentLanguage, named, setLanguage } from '../lib/language.ts'
import { useGo } from '../lib/location.ts'
import { setTheme, useTheme } from '../lib/theme.ts'
import { vietnamTime } from '../lib/time.ts'
import { Icon } from '../ui/icon.tsx'
import { t as w } from '../ui/words.ts'
import { FEATURES } from './features.ts'
import { t } from './messages.ts'
import classes from './shell.module.css'

/** The menu's code places things over the page; it comes when it is first asked for. */
const UserMenu = lazy(() => import('./user-menu.tsx'))
const Palette = lazyRouteComponent(() => import('./palette.tsx'))
const PasswordDialog = lazy(() => import('./password-dialog.tsx'))
const KeysHelp = lazyRouteComponent(() => import('./keys-help.tsx'))

/** Navigation, bar, and the page between them. */
export function Shell() {
  const [open, setOpen] = useState<'palette' | 'keys' | 'password' | null>(null)
  const { actions } = useMe()
  const entries = FEATURES.flatMap(({ nav }) => (nav !== undefined && actions.includes(nav.needs) ? [nav] : []))
  const go = useGo()
  const theme = useTheme()

  useAhead(Palette, KeysHelp)
  useEffect(listenForKeys, [])
  useEffect(() => {
    const pressed = (event: KeyboardEvent): void => {
      if (event.isComposing || event.key.toLowerCase() !== 'k' || !(event.ctrlKey || event.metaKey)) return
      event.preventDefault()
      setOpen('palette')
    }
    addEventListener('keydown', pressed)
    return () => removeEventListener('keydown', pressed)
  }, [])
  useShortcuts({
    heading: t('keys.everywhere'),
    shortcuts: [
      { keys: '?', label: t('keys.help'), run: () => setOpen('keys') },
      ...entries.map(({ key, label, to }) => ({
        keys: `g ${key}`,
        label: t('keys.go', { page: label() }),
        run: () => go(to),
      })),
      { keys: 'g t', label: t('keys.theme'), run: () => setTheme(theme === 'dark' ? 'light' : 'dark') },
    ],
  })

  return (
    <div className={classes.shell}>
      <a
        href="#content"
        className={classes.skip}
        onClick={(event) => {
          event.preventDefault()
          document.getElementById('content')?.focus()
        }}
      >
        {t('skip')}
      </a>
      <Bar
        openPalette={() => setOpen('palette')}
        openKeys={() => setOpen('keys')}
        changePassword={() => setOpen('password')}
      />
      <nav className={classes.nav} aria-label={t('navigation')}>
        {entries.map(({ to, icon, label, key }) => (
          <Link key={to} to={to} className={classes.entry} title={`g ${key}`}>
            <Icon name={icon} size={19} />
            <span>{label()}</span>
          </Link>
        ))}
      </nav>
      <main id="content" className={classes.content} tabIndex={-1}>
        <Outlet />
      </main>
      <Suspense>
        {open === 'palette' && <Palette close={() => setOpen(null)} />}
        {open === 'keys' && <KeysHelp close={() => setOpen(null)} />}
        {open === 'password' && <PasswordDialog close={() => setOpen(null)} />}
      </Suspense>
    </div>
  )
}

function Bar(props: { openPalette: () => void; openKeys: () => void; changePassword: () => void }) {
  const { names } = useAgencies()
  const me = useMe()
  const theme = useTheme()
  const other = currentLanguage() === 'vi' ? 'en' : 'vi'
  const [menu, setMenu] = useState(false)
  return (
    <header className={classes.bar}>
      <Link to="/" className={classes.brand}>
        <img src={icon} alt="" width={26} height={26} />
        <strong>{w('name')}</strong>
      </Link>
      <span className={classes.centre}>{named(names)}</span>
      <span className={classes.grow} />
      <button type="button" className={classes.palette} onClick={props.openPalette}>
        <Icon name="search" size={15} />
        <span>{t('keys.palette')}</span>
        <kbd>Ctrl K</kbd>
      </button>
      <Clock />
      <Button
        size="compact-sm"
        variant="subtle"
        className={classes.tool}
        lang={other}
        aria-label={`${other.toUpperCase()}: ${t('language.switch')}`}
        title={t('language.switch')}
        onClick={() => setLanguage(other)}
      >
        {other.toUpperCase()}
      </Button>
      <Tool
        icon={theme === 'dark' ? 'sun' : 'moon'}
        label={t(theme === 'dark' ? 'theme.light' : 'theme.dark')}
        run={() => setTheme(theme === 'dark' ? 'light' : 'dark')}
      />
      <Tool icon="keyboard" label={t('keys.title')} run={props.openKeys} />
      {menu ? (
        <Suspense fallback={<UserButton name={me.displayName} />}>
          <UserMenu changePassword={props.changePassword} />
        </Suspense>
      ) : (
        <UserButton name={me.displayName} open={() => setMenu(true)} />
      )}
      <Progress />
    </header>
  )
}

function UserButton({ name, open }: { name: string; open?: () => void }) {
  return (
    <ActionIcon
      variant="subtle"
      className={classes.tool}
      aria-label={t('user.menu', { name })}
      aria-haspopup="menu"
      aria-expanded={false}
      onClick={open}
    >
      <Icon name="user" />
    </ActionIcon>
  )
}

function Tool({ icon, label, run }: { icon: Parameters<typeof Icon>[0]['name']; label: string; run: () => void }) {
  return (
    <ActionIcon variant="subtle" className={classes.tool} aria-label={label} title={label} onClick={run}>
      <Icon name={icon} />
    </ActionIcon>
  )
}

function Clock() {
  const nowMs = useNow()
  const [date, clock] = vietnamTime(nowMs).split(' ')
  return (
    <time
      className={classes.clock}
      dateTime={new Date(nowMs).toISOString()}
      title={t('clock.title', { utc: new Date(nowMs).toISOString().slice(0, 16).replace('T', ' ') })}
    >
      <b>{clock}</b> {date}
    </time>
  )
}

/** A thin line while the next page is on its way. */
function Progress() {
  const loading = useRouterState({ select: ({ isLoading }) => isLoading })
  return loading ? <span className={classes.progress} /> : null
}
