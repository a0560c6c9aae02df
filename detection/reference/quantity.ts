import { isIP } from 'node:net'

/** A decimal number: `digits` × 10^-`scale`. */
export interface Decimal {
  digits: bigint
  scale: number
}

/** Decimal numbers of up to 400 characters, with an exponent of up to three digits; anything else is none. */
export function decimalOf(text: string): Decimal | undefined {
  if (text.length > 400) return undefined
  const [found, sign, integer = '', fraction = '', exponent = '0'] =
    /^([+-]?)(\d+)(?:\.(\d+))?(?:[eE]([+-]?\d{1,3}))?$/.exec(text) ?? []
  if (found === undefined) return undefined
  const digits = BigInt(integer + fraction)
  return { digits: sign === '-' ? -digits : digits, scale: fraction.length - Number(exponent) }
}

/** Negative, zero or positive, as `a` is less than, equal to or greater than `b`. */
export function compareDecimals(a: Decimal, b: Decimal): number {
  const scale = Math.max(a.scale, b.scale)
  const [left, right] = [a, b].map((own) => own.digits * 10n ** BigInt(scale - own.scale)) as [bigint, bigint]
  return left < right ? -1 : left > right ? 1 : 0
}

/** The bits of an address, most significant first: 32 of IPv4 (also where IPv6 maps it), else 128. */
export function addressBits(written: string): string | undefined {
  const bare = /^\[.*\]$/.test(written) ? written.slice(1, -1) : written
  const [address = '', zone, ...more] = bare.split('%')
  if (more.length > 0 || (zone !== undefined && !/^[\w.-]+$/.test(zone))) return undefined
  if (isIP(address) === 4) return zone === undefined ? quadBits(address) : undefined
  if (isIP(address) !== 6) return undefined
  const quad = /\d+\.\d+\.\d+\.\d+$/.exec(address)?.[0]
  const tail = quad === undefined ? '' : quadBits(quad)
  const hex = quad === undefined ? address : address.slice(0, -quad.length).replace(/(?<!:):$/, '')
  const [left = '', right] = hex.split('::')
  const [before, after] = [left, right ?? ''].map((side) =>
    side
      .split(':')
      .filter((group) => group !== '')
      .map(groupBits),
  )
  const known = [...before!, ...after!].join('').length + tail.length
  const bits = before!.join('') + '0'.repeat(128 - known) + after!.join('') + tail
  const mapped = '0'.repeat(80) + '1'.repeat(16)
  return bits.startsWith(mapped) ? bits.slice(96) : bits
}

const groupBits = (group: string): string => Number.parseInt(group, 16).toString(2).padStart(16, '0')
const quadBits = (quad: string): string =>
  quad
    .split('.')
    .map((part) => Number(part).toString(2).padStart(8, '0'))
    .join('')

/** The parts of the date and time that a timestamp shows, its offset not applied; an epoch is UTC. */
export function clockParts(text: string): Record<string, number> | undefined {
  const epoch = /^(?:(\d{9,10})(?:\.\d{1,9})?|(\d{12,13}))$/.exec(text)
  if (epoch)
    return clockParts(new Date(epoch[1] === undefined ? Number(epoch[2]) : Number(epoch[1]) * 1000).toISOString())
  const found = /^(\d{4})-(\d\d)-(\d\d)[T ](\d\d):(\d\d)(?::(\d\d)(?:[.,]\d{1,9})?)? ?(?:Z|UTC|[+-]\d\d:?\d\d)?$/.exec(
    text,
  )
  if (!found) return undefined
  const [year, month, day, hour, minute, second] = found.slice(1).map((part) => Number(part ?? 0)) as number[] & {
    length: 6
  }
  const leap = year! % 4 === 0 && (year! % 100 !== 0 || year! % 400 === 0)
  const lengths = [31, leap ? 29 : 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31]
  const exists = month! >= 1 && month! <= 12 && day! >= 1 && day! <= lengths[month! - 1]!
  if (!exists || hour! > 23 || minute! > 59 || second! > 60) return undefined
  const yearDay = lengths.slice(0, month! - 1).reduce((sum, days) => sum + days, day!)
  return { year: year!, month: month!, week: weekOf(year!, yearDay), day: day!, hour: hour!, minute: minute! }
}

/** ISO 8601: weeks begin on Monday, and week 1 is the one with 4 January in it. */
function weekOf(year: number, yearDay: number): number {
  const week = Math.floor((yearDay - weekday(year, yearDay) + 10) / 7)
  if (week === 0) return weekOf(year - 1, yearDay + daysIn(year - 1))
  return week === 53 && weekday(year, daysIn(year)) < 4 ? 1 : week
}

const daysIn = (year: number): number => (year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0) ? 366 : 365)

/** 1 is Monday. Day 1 of year 1 was one. */
function weekday(year: number, yearDay: number): number {
  const before = year - 1
  const days = before * 365 + Math.floor(before / 4) - Math.floor(before / 100) + Math.floor(before / 400) + yearDay
  return ((days - 1) % 7) + 1
}
