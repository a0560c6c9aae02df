import { Menu } from '@mantine/core'
import { createContext, use } from 'react'
import { VALUE_CHARS_MAX } from '../../../store/query/query.ts'
import { Icon, type IconName } from '../../ui/icon.tsx'
import { shown } from './texts.ts'
import { t } from './messages.ts'
import classes from './value-menu.module.css'

/** A value somebody points at. */
export interface Pointed {
  field: string
  value: string
  /** What was pressed: the menu stands at it, and it has the focus again afterwards. */
  at: HTMLElement
}

/** Opens the menu of a value. */
export const PointContext = createContext<(pointed: Pointed) => void>(() => undefined)

const CELL_CHARS_MAX = 400

interface ValueProps {
  field: string
  value: string
  searchable?: boolean
  /** Whether Tab comes by; in a grid the arrow keys do. */
  tabbable?: boolean
  charsMax?: number
  /** What the value is called, beside it. */
  name?: string | undefined
}

/** A value, inert whatever it holds; pressed, it offers what can be done with it. */
export function Value({
  field,
  value,
  searchable = true,
  tabbable = true,
  charsMax = CELL_CHARS_MAX,
  name,
}: ValueProps) {
  const point = use(PointContext)
  const text = shown(value, charsMax)
  if (!searchable) return <span className={classes.inert}>{text}</span>
  return (
    <button
      type="button"
      className={classes.value}
      tabIndex={tabbable ? 0 : -1}
      dir="ltr"
      data-value={field}
      aria-haspopup="menu"
      onClick={(event) => {
        event.stopPropagation()
        point({ field, value, at: event.currentTarget })
      }}
    >
      {text === '' ? '""' : text}
      {name !== undefined && name !== value && <span className={classes.name}>{name}</span>}
    </button>
  )
}

export type Refinement = 'include' | 'exclude' | 'only' | 'everywhere' | 'count'

const ICONS: Readonly<Record<Refinement, IconName>> = {
  include: 'plus',
  exclude: 'minus',
  only: 'filter',
  everywhere: 'search',
  count: 'overview',
}

interface ValueMenuProps {
  pointed: Pointed | null
  close: () => void
  refine: (how: Refinement, field: string, value: string) => void
}

/** The menu of the value that somebody pointed at; one for the whole page. */
export function ValueMenu({ pointed, close, refine }: ValueMenuProps) {
  if (pointed === null) return null
  const { field, value, at } = pointed
  const rect = at.getBoundingClientRect()
  const place = { left: rect.left, top: rect.top, width: Math.min(rect.width, 240), height: rect.height }
  const leave = (): void => {
    close()
    at.focus()
  }
  const tooLong = value.length > VALUE_CHARS_MAX
  return (
    <Menu
      opened
      onClose={leave}
      position="bottom-start"
      floatingStrategy="fixed"
      withinPortal={false}
      withInitialFocusPlaceholder={false}
      returnFocus={false}
      trapFocus
    >
      <Menu.Target>
        <span role="button" aria-label={field} className={classes.anchor} style={place} />
      </Menu.Target>
      <Menu.Dropdown aria-label={t('value.menu', { field, value: shown(value, 60) })}>
        <Menu.Label>
          <span className={classes.label}>
            {field}: {shown(value, 60)}
          </span>
        </Menu.Label>
        {(Object.keys(ICONS) as Refinement[]).map((how) => (
          <Menu.Item
            key={how}
            disabled={tooLong && how !== 'count'}
            leftSection={<Icon name={ICONS[how]} size={16} />}
            onClick={() => {
              close()
              refine(how, field, value)
            }}
          >
            {how === 'count' ? t('value.count', { field }) : t(`value.${how}`)}
          </Menu.Item>
        ))}
        {tooLong && <Menu.Label>{t('value.long')}</Menu.Label>}
        <Menu.Divider />
        <Menu.Item
          leftSection={<Icon name="copy" size={16} />}
          onClick={() => {
            void navigator.clipboard.writeText(value).catch(() => undefined)
            leave()
          }}
        >
          {t('value.copy')}
        </Menu.Item>
      </Menu.Dropdown>
    </Menu>
  )
}
