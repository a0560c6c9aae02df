import { Button, Modal } from '@mantine/core'
import type { ReactNode } from 'react'
import { t as w } from '../../ui/words.ts'
import classes from './administration.module.css'

interface FormDialogProps {
  /** What it does: its title, and the word on its button. */
  title: string
  close: () => void
  submit: () => void
  children: ReactNode
}

/** A form in a dialog: its fields, and the two ways out. */
export function FormDialog({ title, close, submit, children }: FormDialogProps) {
  return (
    <Modal opened onClose={close} title={title} closeButtonProps={{ 'aria-label': w('close') }}>
      <form
        className={classes.form}
        onSubmit={(event) => {
          event.preventDefault()
          submit()
        }}
      >
        {children}
        <div className={classes.buttons}>
          <Button variant="default" onClick={close}>
            {w('cancel')}
          </Button>
          <Button type="submit">{title}</Button>
        </div>
      </form>
    </Modal>
  )
}
