import { ActionIcon, Button, Popover, TextInput } from '@mantine/core'
import { useState } from 'react'
import { useMe } from '../../api/session.ts'
import { Icon } from '../../ui/icon.tsx'
import { t as word } from '../../ui/words.ts'
import { t } from './messages.ts'
import { forgetSearch, saveSearch, savedSearches } from './saved.ts'
import { shown } from './texts.ts'
import classes from './saved-menu.module.css'

interface SavedMenuProps {
  q: string
  /** The address as it is now, without the event that is open. */
  address: string
  open: (address: string) => void
}

/** Searches that the user kept, and a way to keep this one. */
export function SavedMenu({ q, address, open }: SavedMenuProps) {
  const { name: user } = useMe()
  const [opened, setOpened] = useState(false)
  const [saved, setSaved] = useState(() => savedSearches(user))
  const [name, setName] = useState('')
  return (
    <Popover opened={opened} onChange={setOpened} position="bottom-end" width={320} trapFocus returnFocus>
      <Popover.Target>
        <Button
          size="xs"
          variant="default"
          leftSection={<Icon name="star" size={14} />}
          onClick={() => {
            setName(shown(q, 60))
            setOpened(!opened)
          }}
        >
          {t('saved')}
        </Button>
      </Popover.Target>
      <Popover.Dropdown aria-label={t('saved')}>
        <form
          className={classes.form}
          onSubmit={(event) => {
            event.preventDefault()
            if (name.trim() !== '') setSaved(saveSearch(user, { name: name.trim(), address }))
          }}
        >
          <TextInput
            size="xs"
            className={classes.name}
            label={t('saved.name')}
            maxLength={80}
            value={name}
            onChange={(event) => setName(event.currentTarget.value)}
          />
          <Button size="xs" type="submit" disabled={name.trim() === ''}>
            {word('save')}
          </Button>
        </form>
        {saved.length === 0 && <p className={classes.quiet}>{t('saved.none')}</p>}
        <ul className={classes.list}>
          {saved.map((one) => (
            <li key={one.name} className={classes.row}>
              <button
                type="button"
                className={classes.open}
                onClick={() => {
                  setOpened(false)
                  open(one.address)
                }}
              >
                {one.name}
              </button>
              <ActionIcon
                variant="subtle"
                size="sm"
                aria-label={t('saved.delete', { name: one.name })}
                onClick={() => setSaved(forgetSearch(user, one.name))}
              >
                <Icon name="trash" size={14} />
              </ActionIcon>
            </li>
          ))}
        </ul>
        <p className={classes.quiet}>{t('saved.hint')}</p>
      </Popover.Dropdown>
    </Popover>
  )
}
