import { Brand, GateCard } from '../ui/gate-card.tsx'
import { t } from './messages.ts'
import { PasswordForm } from './password-form.tsx'

/** Before anything else, a one-time password becomes one of the user's own. */
export default function NewPassword() {
  return (
    <GateCard over={false} label={t('password.title')}>
      <Brand />
      <PasswordForm why={t('password.why')} done={() => undefined} />
    </GateCard>
  )
}
