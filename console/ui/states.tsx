import { Button, Loader } from '@mantine/core'
import type { ReactNode } from 'react'
import { Icon, type IconName } from './icon.tsx'
import { problemText } from './problem.ts'
import classes from './states.module.css'
import { t } from './words.ts'

/** Nothing there, in words that say why and what may help. */
export function Empty({ icon = 'info', title, children }: { icon?: IconName; title: string; children?: ReactNode }) {
  return (
    <div className={classes.state}>
      <Icon name={icon} size={30} className={classes.icon} />
      <strong>{title}</strong>
      {children !== undefined && <div className={classes.hint}>{children}</div>}
    </div>
  )
}

/** Something could not be read. */
export function Failure({ error, retry }: { error: unknown; retry?: () => void }) {
  return (
    <div className={classes.state} role="alert">
      <Icon name="alert" size={30} className={classes.icon} />
      <strong>{problemText(error)}</strong>
      {retry !== undefined && (
        <Button size="xs" variant="default" onClick={retry}>
          {t('retry')}
        </Button>
      )}
    </div>
  )
}

/** Shown only when it takes long enough to be noticed. */
export function Loading() {
  return (
    <div className={`${classes.state} ${classes.waiting}`} role="status">
      <Loader size="sm" color="var(--accent)" aria-hidden="true" />
      <span className={classes.hint}>{t('loading')}</span>
    </div>
  )
}
