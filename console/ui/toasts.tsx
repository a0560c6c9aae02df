import { ActionIcon, Button } from '@mantine/core'
import { useSyncExternalStore } from 'react'
import { Icon } from './icon.tsx'
import { problemText } from './problem.ts'
import classes from './toasts.module.css'
import { t } from './words.ts'

interface Toast {
  id: number
  kind: 'done' | 'failed'
  text: string
  action?: { label: string; run: () => void }
}

const SHOWN_MS = 8_000
const WITH_ACTION_MS = 20_000

let toasts: readonly Toast[] = []
let lastId = 0
const listeners = new Set<() => void>()

function set(to: readonly Toast[]): void {
  toasts = to
  for (const listener of listeners) listener()
}

function dismiss(id: number): void {
  set(toasts.filter((toast) => toast.id !== id))
}

/** Says for a while what was done, and offers to take it back where that goes. */
export function toast(text: string, action?: { label: string; run: () => void }): void {
  show(
    { kind: 'done', text, ...(action !== undefined && { action }) },
    action === undefined ? SHOWN_MS : WITH_ACTION_MS,
  )
}

/** Says what went wrong. */
export function toastProblem(error: unknown): void {
  show({ kind: 'failed', text: problemText(error) }, WITH_ACTION_MS)
}

function show(toast: Omit<Toast, 'id'>, forMs: number): void {
  const id = ++lastId
  set([...toasts.slice(-2), { id, ...toast }])
  setTimeout(() => dismiss(id), forMs)
}

/** Where they appear; once in the page. */
export function Toasts() {
  const shown = useSyncExternalStore(
    (listener) => {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
    () => toasts,
  )
  return (
    <div className={classes.toasts} role="status" aria-live="polite">
      {shown.map(({ id, kind, text, action }) => (
        <div key={id} className={`${classes.toast} ${classes[kind]}`}>
          <Icon name={kind === 'done' ? 'check' : 'alert'} />
          <span className={classes.text}>{text}</span>
          {action !== undefined && (
            <Button
              size="compact-sm"
              variant="default"
              onClick={() => {
                dismiss(id)
                action.run()
              }}
            >
              {action.label}
            </Button>
          )}
          <ActionIcon variant="subtle" color="gray" size="sm" aria-label={t('close')} onClick={() => dismiss(id)}>
            <Icon name="close" size={14} />
          </ActionIcon>
        </div>
      ))}
    </div>
  )
}
