import { Modal } from '@mantine/core'
import { useRef, useState } from 'react'
import { logOut, useMe } from '../api/session.ts'
import type { Command } from '../lib/feature.ts'
import { activeShortcuts } from '../lib/keys.ts'
import { currentLanguage, setLanguage } from '../lib/language.ts'
import { useGo } from '../lib/location.ts'
import { folded } from '../lib/folded.ts'
import { setTheme, useTheme } from '../lib/theme.ts'
import { Icon } from '../ui/icon.tsx'
import { FEATURES } from './features.ts'
import { t } from './messages.ts'
import classes from './palette.module.css'

/** Pages, commands and incidents by name (Ctrl-K): type, choose with the arrows, Enter. */
export default function Palette({ close }: { close: () => void }) {
  const [typed, setTyped] = useState('')
  const [chosen, setChosen] = useState(0)
  const list = useRef<HTMLUListElement>(null)
  const go = useGo()
  const { actions } = useMe()
  const theme = useTheme()
  const other = currentLanguage() === 'vi' ? 'en' : 'vi'

  const own: Command[] = FEATURES.flatMap(({ commands }) => commands?.(typed.trim(), go) ?? [])
  const fixed: Command[] = [
    ...FEATURES.flatMap(({ nav }) =>
      nav !== undefined && actions.includes(nav.needs)
        ? [{ label: nav.label(), icon: nav.icon, run: () => go(nav.to) }]
        : [],
    ),
    ...activeShortcuts()
      .slice(1)
      .flatMap(({ shortcuts }) => shortcuts.map(({ label, run }) => ({ label, run, icon: 'right' as const }))),
    {
      label: t(theme === 'dark' ? 'theme.light' : 'theme.dark'),
      icon: theme === 'dark' ? 'sun' : 'moon',
      run: () => setTheme(theme === 'dark' ? 'light' : 'dark'),
    },
    { label: t('palette.language'), icon: 'language', run: () => setLanguage(other) },
    { label: t('user.logout'), icon: 'logout', run: () => void logOut() },
  ]
  const words = folded(typed).split(/\s+/)
  // What has such a name is meant by it; what has not is looked for.
  const fits = [...fixed.filter(({ label }) => words.every((word) => folded(label).includes(word))), ...own]
  const at = Math.min(chosen, fits.length - 1)
  const run = (command: Command): void => {
    close()
    command.run()
  }
  const choose = (to: number): void => {
    const next = (to + fits.length) % Math.max(1, fits.length)
    setChosen(next)
    list.current?.children[next]?.scrollIntoView({ block: 'nearest' })
  }

  return (
    <Modal
      opened
      onClose={close}
      withCloseButton={false}
      centered={false}
      yOffset="12vh"
      padding={0}
      attributes={{ content: { 'aria-label': t('palette.title') } }}
    >
      <input
        data-autofocus
        className={classes.input}
        role="combobox"
        aria-expanded
        aria-controls="palette-list"
        aria-activedescendant={at >= 0 ? `palette-${at}` : undefined}
        aria-label={t('palette.placeholder')}
        placeholder={t('palette.placeholder')}
        value={typed}
        onChange={(event) => {
          setTyped(event.currentTarget.value)
          setChosen(0)
        }}
        onKeyDown={(event) => {
          if (event.nativeEvent.isComposing) return
          if (event.key === 'ArrowDown') choose(at + 1)
          else if (event.key === 'ArrowUp') choose(at - 1)
          else if (event.key === 'Enter' && fits[at] !== undefined) run(fits[at])
          else return
          event.preventDefault()
        }}
      />
      <ul ref={list} id="palette-list" role="listbox" aria-label={t('palette.title')} className={classes.list}>
        {fits.map((command, index) => (
          // oxlint-disable-next-line jsx-a11y/click-events-have-key-events -- the combobox has the keys
          <li
            key={`${index}-${command.label}`}
            id={`palette-${index}`}
            role="option"
            aria-selected={index === at}
            className={classes.option}
            onClick={() => run(command)}
            onMouseMove={() => setChosen(index)}
          >
            <Icon name={command.icon} />
            {command.label}
          </li>
        ))}
      </ul>
      {fits.length === 0 && <p className={classes.none}>{t('palette.none')}</p>}
    </Modal>
  )
}
