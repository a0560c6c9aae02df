import type { ComponentProps, ReactNode } from 'react'
import classes from './check.module.css'

interface CheckProps extends ComponentProps<'input'> {
  /** Some of what it stands for is chosen, and some is not. */
  indeterminate?: boolean
  /** Beside it; without it, it has an `aria-label`. */
  label?: ReactNode
}

/** A box to tick, as the browser draws it: a list has dozens, and each is one element. */
export function Check({ indeterminate = false, label, ...box }: CheckProps) {
  const input = (
    <input
      {...box}
      type="checkbox"
      className={classes.box}
      ref={(element) => {
        if (element !== null) element.indeterminate = indeterminate
      }}
    />
  )
  if (label === undefined) return input
  return (
    <label className={classes.labelled}>
      {input}
      {label}
    </label>
  )
}
