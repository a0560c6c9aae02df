import ipaddr from 'ipaddr.js'
import type { Alert } from '../../model/alert.ts'
import type { Observable } from '../../store/local/observables.ts'

/** Of an alert's lines the first are read, and of each its beginning: the work for one alert is bounded. */
const LINES_MAX = 10
const LINE_CHARS_MAX = 4_096
const VALUE_CHARS_MAX = 256
const FOUND_MAX = 50

/** Each with bounded repetition and no nesting, so that hostile text costs what its length does. */
const PATTERNS: readonly [Observable['kind'], RegExp][] = [
  ['url', /\bhttps?:\/\/[^\s"'<>\\^`{|}]{3,200}/gi],
  ['email', /(?<![\w.+-])[\w.+-]{1,64}@[a-z0-9-]{1,63}(?:\.[a-z0-9-]{1,63}){1,4}(?![\w@-])/gi],
  ['ip', /(?<![\w.:])(?:\d{1,3}\.){3}\d{1,3}(?![\w.])/g],
  ['ip', /(?<![\w.:])(?:[0-9a-f]{1,4}:){2,7}(?::?[0-9a-f]{1,4}){1,6}(?![\w.:])/gi],
  ['sha256', /(?<![0-9a-f])[0-9a-f]{64}(?![0-9a-f])/gi],
  ['sha1', /(?<![0-9a-f])[0-9a-f]{40}(?![0-9a-f])/gi],
  ['md5', /(?<![0-9a-f])[0-9a-f]{32}(?![0-9a-f])/gi],
]

/** Things in an alert's entities and raw lines that can be looked for elsewhere, each once, in the order of their kinds. */
export function observablesIn(alert: Alert): Observable[] {
  const found = new Map<string, Observable>()
  const add = (kind: Observable['kind'], text: string): void => {
    const value = canonical(kind, text.slice(0, VALUE_CHARS_MAX))
    if (value !== null && found.size < FOUND_MAX) found.set(`${kind}\0${value}`, { kind, value })
  }
  for (const { kind, value } of alert.entities) add(kind, value)
  for (const { original } of alert.evidence.slice(0, LINES_MAX)) {
    const text = original.slice(0, LINE_CHARS_MAX)
    for (const [kind, pattern] of PATTERNS) for (const [match] of text.matchAll(pattern)) add(kind, match)
  }
  return [...found.values()]
}

/** One spelling for one thing; null where it only looked like one. */
function canonical(kind: Observable['kind'], text: string): string | null {
  if (text === '') return null
  if (kind === 'ip') return ipaddr.isValid(text) ? ipaddr.process(text).toString() : null
  if (kind === 'url') return text.replace(/[.,;:!?)\]]+$/, '')
  return text.toLowerCase()
}
