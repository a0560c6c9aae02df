import { Modal } from '@mantine/core'
import { toast } from '../ui/toasts.tsx'
import { t } from './messages.ts'
import { PasswordForm } from './password-form.tsx'

export default function PasswordDialog({ close }: { close: () => void }) {
  return (
    <Modal
      opened
      onClose={close}
      withCloseButton={false}
      attributes={{ content: { 'aria-label': t('password.title') } }}
      size="sm"
    >
      <PasswordForm
        why=""
        done={() => {
          close()
          toast(t('password.changed'))
        }}
      />
    </Modal>
  )
}
