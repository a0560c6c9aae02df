import type { ReactNode } from 'react'
import classes from './table.module.css'

/** A box of records that scrolls by itself, and is reached by Tab. */
export function TableBox({ label, children }: { label: string; children: ReactNode }) {
  return (
    <div className={classes.scroll} tabIndex={0} role="region" aria-label={label}>
      {children}
    </div>
  )
}

interface TableProps {
  heads: readonly string[]
  label?: string
  /** Cells have sentences, which break; without it each is one line. */
  hasSentences?: boolean
  className?: string | undefined
  children: ReactNode
}

/** Rows of records under the words that head them. */
export function Table({ heads, label, hasSentences = false, className = '', children }: TableProps) {
  return (
    <table className={`${classes.table} ${hasSentences ? '' : classes.lines} ${className}`} aria-label={label}>
      <thead>
        <tr>
          {heads.map((head) => (
            <th key={head} scope="col">
              {head}
            </th>
          ))}
        </tr>
      </thead>
      <tbody>{children}</tbody>
    </table>
  )
}
