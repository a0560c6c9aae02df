import { useState } from 'react'
import { segments, visible } from '../lib/highlight.ts'
import { number } from '../lib/language.ts'
import classes from './log-text.module.css'
import { t } from './words.ts'

/** A line may have a million characters: so many are shown at first, and what matched in any case. */
const SHOWN_CHARS = 2_000
const AROUND_CHARS = 200

const NONE: readonly (readonly number[])[] = []

/** Log text, verbatim and inert: what matched is lit, what draws nothing is written out. */
export function LogText({ text, spans = NONE }: { text: string; spans?: readonly (readonly number[])[] }) {
  const [whole, setWhole] = useState(false)
  const parts = segments(text, spans)
  const shown = whole || text.length <= SHOWN_CHARS ? parts : shortened(parts)
  return (
    <>
      <code dir="ltr" className={classes.text}>
        {shown.map(({ text: part, matched }, index) =>
          matched ? <mark key={index}>{visible(part)}</mark> : visible(part),
        )}
      </code>
      {!whole && shown !== parts && (
        <button type="button" className={classes.more} onClick={() => setWhole(true)}>
          {t('whole_line', { n: number(text.length) })}
        </button>
      )}
    </>
  )
}

/** What matched, with a little around it; the first characters where nothing did. */
function shortened(parts: ReturnType<typeof segments>): ReturnType<typeof segments> {
  const last = parts.length - 1
  return parts.map((part, index) => {
    const { text, matched } = part
    const room = matched || parts.length === 1 ? SHOWN_CHARS : AROUND_CHARS * 2
    if (text.length <= room) return part
    if (index === 0 && last > 0) return { matched, text: `… ${text.slice(-AROUND_CHARS)}` }
    if (index === last || matched) return { matched, text: `${text.slice(0, room)} …` }
    return { matched, text: `${text.slice(0, AROUND_CHARS)} … ${text.slice(-AROUND_CHARS)}` }
  })
}
