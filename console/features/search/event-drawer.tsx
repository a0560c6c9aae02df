import { ActionIcon, Button, Tabs } from '@mantine/core'
import { useEffect, useRef, useState } from 'react'
import { useAgencies } from '../../api/agencies.ts'
import { visible } from '../../lib/highlight.ts'
import { Icon } from '../../ui/icon.tsx'
import { Time } from '../../ui/time.tsx'
import { t as word } from '../../ui/words.ts'
import { t } from './messages.ts'
import type { Event } from './search-api.ts'
import { shown, textsOf } from './texts.ts'
import { Value } from './value-menu.tsx'
import classes from './event-drawer.module.css'

/** What is drawn of a text before somebody asks for all of it: a line may have a million characters. */
const CHARS_MAX = 8_000

interface EventDrawerProps {
  event: Event
  close: () => void
  /** To the event before or after it, where there is one. */
  step: (by: 1 | -1) => void
  around: (event: Event) => void
}

/** One event whole: its raw line, its fields with what can be done with each value, and its JSON. */
export function EventDrawer({ event, close, step, around }: EventDrawerProps) {
  const panel = useRef<HTMLElement>(null)
  const { agencyName } = useAgencies()
  const record = String(event['soc.record'])
  const original = textsOf(event['event.original'])[0]?.text ?? ''
  const host = textsOf(event['host.name'])[0]?.text
  useEffect(() => {
    if (record !== '') panel.current?.querySelector<HTMLElement>('[data-value]')?.focus()
  }, [record])

  /** The arrows go from value to value, as they go from row to row in the table. */
  const pressed = (key: React.KeyboardEvent): void => {
    const by = key.key === 'ArrowDown' ? 1 : key.key === 'ArrowUp' ? -1 : 0
    if (by === 0 || !(key.target instanceof HTMLElement) || !key.target.matches('[data-value]')) return
    const values = [...(panel.current?.querySelectorAll<HTMLElement>('[data-value]') ?? [])]
    values[values.indexOf(key.target) + by]?.focus()
    key.preventDefault()
  }

  return (
    // oxlint-disable-next-line jsx-a11y/no-noninteractive-element-interactions -- the values inside have the focus
    <aside ref={panel} className={classes.drawer} aria-label={t('event.title')} onKeyDown={pressed}>
      <header className={classes.head}>
        <div className={classes.title}>
          <h2>
            <Time at={String(event['@timestamp'])} seconds />
          </h2>
          <p className={classes.about}>
            {agencyName(textsOf(event['soc.agency'])[0]?.text ?? '')}
            {host !== undefined && ` · ${shown(host, 60)}`}
          </p>
        </div>
        <ActionIcon
          variant="subtle"
          aria-label={t('event.previous')}
          title={t('event.previous')}
          onClick={() => step(-1)}
        >
          <Icon name="up" />
        </ActionIcon>
        <ActionIcon variant="subtle" aria-label={t('event.next')} title={t('event.next')} onClick={() => step(1)}>
          <Icon name="down" />
        </ActionIcon>
        <ActionIcon variant="subtle" aria-label={word('close')} title={word('close')} onClick={close}>
          <Icon name="close" />
        </ActionIcon>
      </header>
      <div className={classes.body}>
        <div className={classes.actions}>
          {host !== undefined && (
            <Button
              size="compact-xs"
              variant="default"
              leftSection={<Icon name="clock" size={14} />}
              onClick={() => around(event)}
            >
              {t('event.around', { host: shown(host, 40) })}
            </Button>
          )}
          <Button
            size="compact-xs"
            variant="default"
            leftSection={<Icon name="copy" size={14} />}
            onClick={() => void navigator.clipboard.writeText(original).catch(() => undefined)}
          >
            {t('event.copy')}
          </Button>
        </div>
        <Tabs defaultValue="fields" keepMounted={false}>
          <Tabs.List>
            <Tabs.Tab value="fields">{t('event.fields')}</Tabs.Tab>
            <Tabs.Tab value="json">{t('event.json')}</Tabs.Tab>
          </Tabs.List>
          <Tabs.Panel value="fields">
            <h3 className={classes.heading}>{t('event.raw')}</h3>
            <Long key={record} text={original} label={t('event.raw')} />
            <table className={classes.fields}>
              <tbody>
                {Object.keys(event)
                  .filter((name) => name !== 'event.original')
                  .sort()
                  .map((name) => (
                    <tr key={name}>
                      <th scope="row">{name}</th>
                      <td>
                        {textsOf(event[name]).map(({ text, searchable }, index) => (
                          <div key={index}>
                            <Value field={name} value={text} searchable={searchable} />
                          </div>
                        ))}
                      </td>
                    </tr>
                  ))}
              </tbody>
            </table>
          </Tabs.Panel>
          <Tabs.Panel value="json">
            <Long key={record} text={JSON.stringify(event, null, 2)} label={t('event.json')} />
          </Tabs.Panel>
        </Tabs>
      </div>
    </aside>
  )
}

/** Text as it is, inert; of a very long one the beginning, until all of it is asked for. */
function Long({ text, label }: { text: string; label: string }) {
  const [whole, setWhole] = useState(false)
  const cut = !whole && text.length > CHARS_MAX
  return (
    <div className={classes.long}>
      <pre className={classes.text} dir="ltr" tabIndex={0} role="region" aria-label={label}>
        {visible(cut ? text.slice(0, CHARS_MAX) : text)}
        {cut && '…'}
      </pre>
      {cut && (
        <Button size="compact-xs" variant="default" onClick={() => setWhole(true)}>
          {t('event.whole', { n: text.length })}
        </Button>
      )}
    </div>
  )
}
