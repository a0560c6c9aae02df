import { currentLanguage } from './language.ts'

const UNITS = [
  ['day', 86_400_000],
  ['hour', 3_600_000],
  ['minute', 60_000],
  ['second', 1_000],
] as const

/** `10 phút`, `1,5 giờ`: in the largest unit that there is at least one of. */
export function durationText(ms: number): string {
  const [unit, step] = UNITS.find(([, step]) => Math.abs(ms) >= step) ?? UNITS[3]
  const locale = currentLanguage() === 'vi' ? 'vi-VN' : 'en-GB'
  const options = { style: 'unit', unit, unitDisplay: 'long', maximumFractionDigits: 1 } as const
  return new Intl.NumberFormat(locale, options).format(ms / step)
}
