import { Button, Modal } from '@mantine/core'
import { useState } from 'react'
import { useAgencies } from '../../api/agencies.ts'
import { request } from '../../api/request.ts'
import { visible } from '../../lib/highlight.ts'
import { vietnamTime } from '../../lib/time.ts'
import { BlockImpact } from '../../ui/impact.tsx'
import { toast, toastProblem } from '../../ui/toasts.tsx'
import { t as w } from '../../ui/words.ts'
import type { Block, Verb } from './blocks-page.tsx'
import classes from './containment.module.css'
import { t } from './messages.ts'

/** The second person's decision, with what it will do before it is taken. */
export default function DecideDialog({ block, verb, close }: { block: Block; verb: Verb; close: () => void }) {
  const { agencyName } = useAgencies()
  const [busy, setBusy] = useState(false)
  const { id, kind, incidentId, agency, everywhere } = block
  const value = visible(block.value)
  const decide = async (): Promise<void> => {
    setBusy(true)
    try {
      const { state } = await request(`POST /blocks/{id}/${verb}`, { params: { id } })
      if (state === 'approved' || state === 'refused' || state === 'lifted') toast(t(`done.${state}`, { value }))
    } catch (error) {
      toastProblem(error)
    }
    close()
  }
  const until = vietnamTime(block.expiresAt)
  const where = everywhere ? t('everywhere') : agencyName(agency)
  return (
    <Modal
      opened
      onClose={close}
      size="lg"
      title={t(`${verb}.title`, { value })}
      closeButtonProps={{ 'aria-label': w('close') }}
    >
      <div className={classes.dialog}>
        <p>
          {verb === 'approve'
            ? t('approve.means', { where, until, reason: visible(block.reason) })
            : t(`${verb}.means`)}
        </p>
        {verb === 'approve' && <BlockImpact incidentId={incidentId} kind={kind} value={block.value} />}
        <div className={classes.buttons}>
          <Button variant="default" onClick={close}>
            {w('cancel')}
          </Button>
          <Button loading={busy} data-autofocus onClick={() => void decide()}>
            {t(verb)}
          </Button>
        </div>
      </div>
    </Modal>
  )
}
