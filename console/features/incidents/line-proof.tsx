import { Button } from '@mantine/core'
import { useState } from 'react'
import { RequestError, addressOf, request } from '../../api/request.ts'
import { type Held, type Proof, held } from '../../lib/line-proof.ts'
import { Icon } from '../../ui/icon.tsx'
import { problemText } from '../../ui/problem.ts'
import classes from './alert-detail.module.css'
import { has, say, t } from './incident-messages.ts'

interface Found {
  text: string
  tone: 'good' | 'bad' | 'quiet'
  hasProof: boolean
}

/** That one raw line is as it was received: proved by the server, and computed again in the browser. */
export default function LineProof({ record, raw }: { record: string; raw: string }) {
  const [found, setFound] = useState<Found | null>(null)
  const [busy, setBusy] = useState(false)
  const check = async (): Promise<void> => {
    setBusy(true)
    try {
      // The description of the API has no schema for it: the format is the proof's own.
      const proof = (await request('GET /integrity/proofs/{record}', { params: { record } })) as Proof
      setFound(said(await held(proof, raw), proof))
    } catch (error) {
      setFound(failed(error))
    }
    setBusy(false)
  }
  return (
    <div className={classes.proof} role="status">
      {found === null && (
        <Button
          size="compact-xs"
          variant="default"
          loading={busy}
          leftSection={<Icon name="check" size={13} />}
          onClick={() => void check()}
        >
          {t('proof.check')}
        </Button>
      )}
      {found !== null && <span className={classes[found.tone]}>{found.text}</span>}
      {found?.hasProof === true && (
        <a href={addressOf('GET /integrity/proofs/{record}', { params: { record } })} download={`${record}.proof.json`}>
          {t('proof.save')}
        </a>
      )}
    </div>
  )
}

function said(result: Held, { unit, evidence }: Proof): Found {
  if (result === 'holds') return { text: t('proof.holds', { n: unit.n }), tone: 'good', hasProof: true }
  if (result === 'no_crypto') return { text: t('proof.no_crypto'), tone: 'quiet', hasProof: true }
  if (evidence.raw.includes('*')) return { text: t('proof.hidden'), tone: 'quiet', hasProof: false }
  return { text: t('proof.broken', { what: result }), tone: 'bad', hasProof: true }
}

function failed(error: unknown): Found {
  const why = error instanceof RequestError && error.code === 'unproved' ? `proof.${error.detail}` : ''
  const tone = why === 'proof.not_intact' ? 'bad' : 'quiet'
  return { text: has(why) ? say(why) : problemText(error), tone, hasProof: false }
}
