import { Button, Modal } from '@mantine/core'
import { toast, toastProblem } from '../../ui/toasts.tsx'
import { t as w } from '../../ui/words.ts'
import classes from './administration.module.css'
import { t } from './messages.ts'

export interface Secret {
  title: string
  text: string
}

/** A secret that the server tells once. */
export function SecretDialog({ secret, close }: { secret: Secret; close: () => void }) {
  const copy = (): void => {
    navigator.clipboard.writeText(secret.text).then(() => toast(w('copied')), toastProblem)
  }
  return (
    <Modal opened onClose={close} title={secret.title} closeButtonProps={{ 'aria-label': w('close') }}>
      <code className={classes.secret}>{secret.text}</code>
      <p className={classes.note}>{t('secret.note')}</p>
      <div className={classes.buttons}>
        <Button variant="default" onClick={close}>
          {w('close')}
        </Button>
        <Button onClick={copy} data-autofocus>
          {w('copy')}
        </Button>
      </div>
    </Modal>
  )
}
