import { Button, Modal } from '@mantine/core'
import type { ReactNode } from 'react'
import classes from './form-dialog.module.css'
import { t as w } from './words.ts'

interface FormDialogProps {
  /** What it does: its title, and the word on its button where `action` is not that. */
  title: string
  action?: string
  size?: 'lg'
  close: () => void
  submit: () => void
  /** What was filled in does not do yet. */
  isIncomplete?: boolean
  isBusy?: boolean
  children: ReactNode
}

/** A form in a dialog: its fields, and the two ways out. */
export function FormDialog(props: FormDialogProps) {
  const { title, action = title, size, close, submit, isIncomplete = false, isBusy = false, children } = props
  return (
    <Modal
      opened
      onClose={close}
      title={title}
      {...(size !== undefined && { size })}
      closeButtonProps={{ 'aria-label': w('close') }}
    >
      <form
        className={classes.form}
        onSubmit={(event) => {
          event.preventDefault()
          if (!isIncomplete && !isBusy) submit()
        }}
      >
        {children}
        <div className={classes.buttons}>
          <Button variant="default" onClick={close}>
            {w('cancel')}
          </Button>
          <Button type="submit" disabled={isIncomplete} loading={isBusy}>
            {action}
          </Button>
        </div>
      </form>
    </Modal>
  )
}
