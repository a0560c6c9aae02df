import { ActionIcon, Button, TextInput } from '@mantine/core'
import { useState } from 'react'
import { useMe } from '../../api/session.ts'
import type { Search } from '../../lib/feature.ts'
import { Icon } from '../../ui/icon.tsx'
import { t as w } from '../../ui/words.ts'
import { type View, only, saveViews, savedViews, viewKey } from './filter.ts'
import { t } from './messages.ts'
import classes from './views-bar.module.css'

/** Filters by name: those that everybody has, and one's own. */
export function ViewsBar({ search, change }: { search: Search; change: (to: Search) => void }) {
  const { name: me } = useMe()
  const [own, setOwn] = useState(savedViews)
  const builtIn: View[] = [
    { name: t('view.open'), search: {} },
    { name: t('view.mine'), search: { assignee: me } },
    { name: t('view.unassigned'), search: { assignee: '' } },
    { name: t('view.handled'), search: { state: ['resolved', 'closed'] } },
    { name: t('view.all'), search: { state: 'any' } },
  ]
  const now = viewKey(search)
  const isKnown = [...builtIn, ...own].some((view) => viewKey(view.search) === now)
  const keep = (views: View[]): void => {
    saveViews(views)
    setOwn(views)
  }
  return (
    <div className={classes.views} role="group" aria-label={t('view.title')}>
      {builtIn.map((view) => (
        <button
          key={view.name}
          type="button"
          className={classes.view}
          aria-pressed={viewKey(view.search) === now}
          onClick={() => change(only(view.search))}
        >
          {view.name}
        </button>
      ))}
      {own.map((view) => (
        <span key={view.name} className={classes.own}>
          <button
            type="button"
            className={classes.view}
            aria-pressed={viewKey(view.search) === now}
            onClick={() => change(only(view.search))}
          >
            <Icon name="star" size={13} /> {view.name}
          </button>
          <ActionIcon
            size="xs"
            variant="subtle"
            color="gray"
            aria-label={t('view.forget', { name: view.name })}
            title={t('view.forget', { name: view.name })}
            onClick={() => keep(own.filter((other) => other !== view))}
          >
            <Icon name="close" size={12} />
          </ActionIcon>
        </span>
      ))}
      {!isKnown && (
        <SaveView
          save={(name) => keep([...own.filter((view) => view.name !== name), { name, search: filterPart(search) }])}
        />
      )}
    </div>
  )
}

/** What of an address belongs to the filter. */
function filterPart(search: Search): Search {
  return Object.fromEntries(Object.keys(only({})).flatMap((name) => (name in search ? [[name, search[name]]] : [])))
}

function SaveView({ save }: { save: (name: string) => void }) {
  const [open, setOpen] = useState(false)
  const [name, setName] = useState('')
  if (!open) {
    return (
      <Button
        size="compact-xs"
        variant="subtle"
        leftSection={<Icon name="star" size={13} />}
        onClick={() => setOpen(true)}
      >
        {t('view.save')}
      </Button>
    )
  }
  return (
    <form
      className={classes.save}
      onSubmit={(event) => {
        event.preventDefault()
        if (name.trim() !== '') save(name.trim())
      }}
    >
      <TextInput
        size="xs"
        autoFocus
        aria-label={t('view.name')}
        placeholder={t('view.name')}
        value={name}
        maxLength={60}
        onChange={(event) => setName(event.currentTarget.value)}
        onKeyDown={(event) => event.key === 'Escape' && setOpen(false)}
      />
      <Button size="compact-sm" type="submit">
        {w('save')}
      </Button>
    </form>
  )
}
