import { fieldAt, placeAt } from './place.ts'

/** Asks the running product for a count of the last day; null: none runs. */
export type Ask = <T>(path: string) => Promise<T | null>

const VALUES_SHOWN = 5
const UNITS_SHOWN = 80

/**
 * How often the field under the cursor, and the value, came in the last day: Markdown.
 * @param eventFields names of the events' fields that a name of the rule stands for
 */
export async function hover(
  text: string,
  at: { line: number; column: number },
  eventFields: (field: string) => readonly string[],
  ask: Ask,
): Promise<string | null> {
  const place = placeAt(text.split(/\r?\n/), at.line, at.column)
  const about = fieldAt(place)
  if (about === undefined) return null
  const names = eventFields(about.field)
  const lines = [`**${code(about.field)}**${names.join() === about.field ? '' : ` → ${names.map(code).join(', ')}`}`]
  for (const name of names) {
    const all = await count(`${quoted(name)}:*`, ask)
    if (all === null)
      return [...lines, 'Sản phẩm không chạy: không đếm được · the product does not run: nothing to count'].join('\n\n')
    lines.push(`${code(name)}: ${all} sự kiện trong 24 giờ · events in 24 hours`)
    const pattern = place.key !== '' && place.inKey ? null : patternOf(place.value, about.modifiers)
    if (pattern !== null) {
      const own = await count(`${quoted(name)}:${pattern}`, ask)
      lines.push(`${code(place.value)}: ${own ?? 0}`)
    } else {
      const found = await ask<{ items: { value: string; count: number }[] }>(
        `/events/values?field=${encodeURIComponent(name)}`,
      )
      const top = (found?.items ?? []).slice(0, VALUES_SHOWN)
      lines.push(...top.map(({ value, count: n }) => `- ${code(value)}: ${n}`))
    }
  }
  return lines.join('\n\n')
}

async function count(query: string, ask: Ask): Promise<number | null> {
  const answer = await ask<{ groups?: { count: number }[] }>(
    `/events/aggregate?q=${encodeURIComponent(`${query} | count`)}`,
  )
  return answer === null ? null : (answer.groups ?? []).reduce((sum, one) => sum + one.count, 0)
}

const WILDCARDS: Record<string, [string, string]> = {
  '': ['', ''],
  contains: ['*', '*'],
  startswith: ['', '*'],
  endswith: ['*', ''],
}

/** The value in the language of searches; null where that cannot say what the modifiers mean. */
function patternOf(value: string, modifiers: readonly string[]): string | null {
  const ends = WILDCARDS[modifiers.filter((name) => name !== 'all').join('|')]
  if (ends === undefined || value === '') return null
  const parts = value.split(/(\*+)/).map((part) => (/^\*+$/.test(part) ? '*' : part === '' ? '' : quoted(part)))
  return `${ends[0]}${parts.join('')}${ends[1]}`.replace(/\*{2,}/g, '*')
}

const quoted = (text: string): string => `"${text.replace(/[\\"]/g, String.raw`\$&`)}"`

/** Log text and names as code on one line: they are hostile, and Markdown is markup. */
function code(text: string): string {
  const line = text.replace(/[\p{Cc}\p{Cf}]/gu, '·').replaceAll('`', 'ˋ')
  return `\`${line.length > UNITS_SHOWN ? `${line.slice(0, UNITS_SHOWN)}…` : line}\``
}
