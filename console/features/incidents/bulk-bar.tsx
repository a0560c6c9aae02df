import { Button } from '@mantine/core'
import { Icon } from '../../ui/icon.tsx'
import classes from './bulk-bar.module.css'
import { t } from './messages.ts'

interface BulkBarProps {
  count: number
  /** How many fit the filter, where all that are loaded are chosen and there are more. */
  offerAll: (() => void) | null
  isAll: boolean
  busy: string
  assignMe: () => void
  decide: (focus: 'state' | 'verdict') => void
  clear: () => void
}

/** What can be done with the chosen incidents. */
export function BulkBar({ count, offerAll, isAll, busy, assignMe, decide, clear }: BulkBarProps) {
  return (
    <div className={classes.bar} role="toolbar" aria-label={t('bulk.title')}>
      <strong aria-live="polite">{isAll ? t('bulk.all', { n: count }) : t('bulk.count', { n: count })}</strong>
      {offerAll !== null && (
        <Button size="compact-sm" variant="subtle" onClick={offerAll}>
          {t('bulk.choose_all')}
        </Button>
      )}
      <span className={classes.grow} />
      {busy !== '' && <span role="status">{busy}</span>}
      <Button size="compact-sm" variant="default" leftSection={<Icon name="user" size={15} />} onClick={assignMe}>
        {t('act.take')} <kbd>a</kbd>
      </Button>
      <Button
        size="compact-sm"
        variant="default"
        leftSection={<Icon name="flag" size={15} />}
        onClick={() => decide('state')}
      >
        {t('act.state')} <kbd>s</kbd>
      </Button>
      <Button
        size="compact-sm"
        variant="default"
        leftSection={<Icon name="check" size={15} />}
        onClick={() => decide('verdict')}
      >
        {t('act.verdict')} <kbd>v</kbd>
      </Button>
      <Button size="compact-sm" variant="subtle" onClick={clear}>
        {t('bulk.clear')}
      </Button>
    </div>
  )
}
