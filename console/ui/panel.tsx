import type { ReactNode } from 'react'
import { Icon, type IconName } from './icon.tsx'
import classes from './panel.module.css'

interface PanelProps {
  title: string
  icon: IconName
  /** Beside the title: a count, a button. */
  beside?: ReactNode
  id?: string
  className?: string | undefined
  children: ReactNode
}

/** A part of a page, with its heading. */
export function Panel({ title, icon, beside, id, className, children }: PanelProps) {
  return (
    <section className={`${classes.panel} ${className ?? ''}`} aria-label={title} {...(id !== undefined && { id })}>
      <div className={classes.head}>
        <Icon name={icon} size={17} />
        <h2>{title}</h2>
        {beside !== undefined && <div className={classes.beside}>{beside}</div>}
      </div>
      {children}
    </section>
  )
}
