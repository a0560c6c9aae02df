import type { Context } from './parser.ts'
import { inferYear, instant, millis, monthOf } from './time.ts'

export type ReadTime = (text: string, context: Context) => number | undefined

const TOKEN = /YYYY|MMM|MM|DD|hh|mm|ss|SSS/g
const PARTS: { readonly [token: string]: string } = {
  YYYY: String.raw`(\d{4})`,
  MMM: '([A-Z][a-z]{2})',
  MM: String.raw`(\d{1,2})`,
  DD: String.raw` ?(\d{1,2})`,
  hh: String.raw`(\d{1,2})`,
  mm: String.raw`(\d{2})`,
  ss: String.raw`(\d{2})`,
  SSS: String.raw`(\d{1,9})`,
}

/**
 * What reads times of a form such as `DD/MM/YYYY hh:mm:ss`; undefined where the form names no month, day or hour. All other characters
 * stand for themselves. Without a year it is the newest such moment not more than a day after the record came.
 */
export function compileTime(form: string): ReadTime | undefined {
  const tokens: string[] = form.match(TOKEN) ?? []
  const has = (token: string): boolean => tokens.includes(token)
  if (!has('DD') || !has('hh') || !(has('MM') || has('MMM')) || new Set(tokens).size < tokens.length) return undefined
  const literal = (text: string): string => text.replace(/[\\^$.*+?()[\]{}|/]/g, String.raw`\$&`)
  let source = ''
  let at = 0
  for (const token of form.matchAll(TOKEN)) {
    source += literal(form.slice(at, token.index)) + PARTS[token[0]]!
    at = token.index + token[0].length
  }
  const pattern = new RegExp(`^${source}${literal(form.slice(at))}$`)
  return (text, { receivedAtMs, zone }) => {
    const found = text.length > 64 ? null : pattern.exec(text)
    if (found === null) return undefined
    const of = (token: string): string | undefined => {
      const index = tokens.findIndex((each) => each === token)
      return index < 0 ? undefined : found[index + 1]
    }
    const month = has('MMM') ? (monthOf(of('MMM')!) ?? 0) : Number(of('MM'))
    const wall = [
      month,
      Number(of('DD')),
      Number(of('hh')),
      Number(of('mm') ?? 0),
      Number(of('ss') ?? 0),
      millis(of('SSS')),
    ] as const
    return has('YYYY') ? instant([Number(of('YYYY')), ...wall], zone) : inferYear(wall, receivedAtMs, zone)
  }
}
