import { Modal } from '@mantine/core'
import { activeShortcuts } from '../lib/keys.ts'
import classes from './keys-help.module.css'
import { t } from './messages.ts'

/** What the keyboard does here and now. */
export default function KeysHelp({ close }: { close: () => void }) {
  const groups = activeShortcuts().reverse()
  return (
    <Modal
      opened
      onClose={close}
      title={t('keys.title')}
      size="lg"
      closeButtonProps={{ 'aria-label': t('keys.title') }}
    >
      <div className={classes.groups}>
        {groups.map(({ heading, shortcuts }, index) => (
          <section key={heading}>
            <h3>{heading}</h3>
            <dl className={classes.keys}>
              {shortcuts.map(({ keys, label }) => (
                <Row key={keys} keys={keys.split(' ')} label={label} />
              ))}
              {index === groups.length - 1 && <Row keys={['Ctrl', 'K']} label={t('keys.palette')} />}
            </dl>
          </section>
        ))}
      </div>
      <p className={classes.note}>{t('keys.typing')}</p>
    </Modal>
  )
}

function Row({ keys, label }: { keys: string[]; label: string }) {
  return (
    <div>
      <dt>
        {keys.map((key) => (
          <kbd key={key}>{key}</kbd>
        ))}
      </dt>
      <dd>{label}</dd>
    </div>
  )
}
