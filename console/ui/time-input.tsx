import { ActionIcon, TextInput, type TextInputProps } from '@mantine/core'
import { useRef, useState } from 'react'
import { localTime, writtenTime } from '../lib/time.ts'
import { Icon } from './icon.tsx'
import classes from './time-input.module.css'
import { t as w } from './words.ts'

interface TimeInputProps extends Omit<TextInputProps, 'value' | 'onChange' | 'type' | 'min'> {
  /** `2026-11-22`, with the clock `2026-11-22T14:05`; empty where there is none. */
  value: string
  onChange: (value: string) => void
  /** Nothing before it does; written as `value`. */
  min?: string
  withClock?: boolean
}

/**
 * A day, or a minute of one, written as everywhere here: the browser's own field follows the browser's language, and where
 * that is English 03/04 is in March. Its calendar is offered beside.
 */
export function TimeInput({ value, onChange, min = '', withClock = false, error, ...rest }: TimeInputProps) {
  const [typed, setTyped] = useState<string | null>(null)
  const [isLeft, setLeft] = useState(false)
  const calendar = useRef<HTMLInputElement>(null)
  const text = typed ?? writtenTime(value)
  const local = localTime(text, withClock)
  let refused = ''
  if (text !== '' && local === null) refused = w(withClock ? 'time.wrong' : 'day.wrong')
  else if (local !== null && local < min) refused = w('time.early', { time: writtenTime(min) })
  return (
    <TextInput
      {...rest}
      inputMode="numeric"
      autoComplete="off"
      placeholder={w(withClock ? 'time.form' : 'day.form')}
      value={text}
      // Said when the field is left; the form refuses it all the while.
      error={isLeft && refused !== '' ? refused : error}
      ref={(input) => input?.setCustomValidity(refused)}
      onChange={({ currentTarget }) => {
        setLeft(false)
        setTyped(currentTarget.value)
        onChange(localTime(currentTarget.value, withClock) ?? '')
      }}
      onBlur={() => {
        setLeft(true)
        if (text === '' || local !== null) setTyped(null)
      }}
      rightSection={
        <>
          <input
            ref={calendar}
            className={classes.calendar}
            type={withClock ? 'datetime-local' : 'date'}
            tabIndex={-1}
            aria-hidden
            min={min}
            value={value}
            onChange={({ currentTarget }) => {
              setTyped(null)
              onChange(currentTarget.value)
            }}
          />
          <ActionIcon
            variant="subtle"
            size={24}
            tabIndex={-1}
            aria-label={w('calendar')}
            title={w('calendar')}
            onClick={() => calendar.current?.showPicker()}
          >
            <Icon name="calendar" size={15} />
          </ActionIcon>
        </>
      }
    />
  )
}
