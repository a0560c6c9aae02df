import type { ReactNode } from 'react'
import classes from './columns.module.css'

/** What a page is about, and beside it what belongs to it; below it where there is no room, and in print. */
export function Columns({ className, children }: { className?: string | undefined; children: ReactNode }) {
  return <div className={`${classes.columns} ${className ?? ''}`}>{children}</div>
}

export function Main({ children }: { children: ReactNode }) {
  return <div className={classes.main}>{children}</div>
}

/** @param label what a screen reader calls it, where it is a landmark of its own */
export function Side({ label, children }: { label?: string; children: ReactNode }) {
  if (label === undefined) return <div className={classes.side}>{children}</div>
  return (
    <aside className={classes.side} aria-label={label}>
      {children}
    </aside>
  )
}
