import { ActionIcon, Button, Popover } from '@mantine/core'
import { useState } from 'react'
import { useNow } from '../../lib/clock.ts'
import { vietnamTime } from '../../lib/time.ts'
import { Icon } from '../../ui/icon.tsx'
import { TimeInput } from '../../ui/time-input.tsx'
import { t } from './messages.ts'
import { LASTS, type Last, type Range, localMs, localText, moved, widened } from './time-range.ts'
import classes from './range-picker.module.css'

interface RangePickerProps {
  range: Range
  choose: (range: Range) => void
}

/** Which stretch of time is searched. */
export function RangePicker({ range, choose }: RangePickerProps) {
  const [open, setOpen] = useState(false)
  const nowMs = useNow()
  const label =
    range.last === undefined ? `${vietnamTime(range.fromMs)} – ${vietnamTime(range.toMs)}` : t(`range.${range.last}`)
  const pick = (to: Range): void => {
    setOpen(false)
    choose(to)
  }
  const tools = [
    ['left', 'range.earlier', () => choose(moved(range, -1))],
    ['right', 'range.later', () => choose(moved(range, 1))],
    ['zoomOut', 'range.wider', () => choose(widened(range, nowMs))],
  ] as const
  return (
    <div className={classes.picker}>
      <Popover opened={open} onChange={setOpen} position="bottom-end" trapFocus returnFocus>
        <Popover.Target>
          <Button
            size="sm"
            variant="default"
            className={classes.target}
            leftSection={<Icon name="clock" size={15} />}
            onClick={() => setOpen(!open)}
          >
            {label}
          </Button>
        </Popover.Target>
        <Popover.Dropdown aria-label={t('range')}>
          <Choices range={range} nowMs={nowMs} pick={pick} />
        </Popover.Dropdown>
      </Popover>
      {tools.map(([icon, key, run]) => (
        <ActionIcon key={key} variant="default" size={36} aria-label={t(key)} title={t(key)} onClick={run}>
          <Icon name={icon} size={15} />
        </ActionIcon>
      ))}
    </div>
  )
}

function Choices({ range, nowMs, pick }: { range: Range; nowMs: number; pick: (range: Range) => void }) {
  const [from, setFrom] = useState(localText(range.fromMs))
  const [to, setTo] = useState(localText(range.toMs))
  const [fromMs, toMs] = [localMs(from), localMs(to)]
  const good = fromMs < toMs
  return (
    <div className={classes.choices}>
      <div className={classes.lasts}>
        {(Object.keys(LASTS) as Last[]).map((last) => (
          <Button
            key={last}
            size="xs"
            variant={last === range.last ? 'filled' : 'default'}
            onClick={() => pick({ fromMs: nowMs - LASTS[last], toMs: nowMs, last })}
          >
            {t(`range.${last}`)}
          </Button>
        ))}
      </div>
      <form
        className={classes.form}
        onSubmit={(event) => {
          event.preventDefault()
          if (good) pick({ fromMs, toMs })
        }}
      >
        <TimeInput withClock size="xs" label={t('range.from')} value={from} onChange={setFrom} />
        <TimeInput
          withClock
          size="xs"
          label={t('range.to')}
          value={to}
          error={toMs <= fromMs && t('range.bad')}
          onChange={setTo}
        />
        <Button size="xs" type="submit" disabled={!good}>
          {t('range.apply')}
        </Button>
      </form>
    </div>
  )
}
