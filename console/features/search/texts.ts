import { visible } from '../../lib/highlight.ts'

/** The values of a field as texts, one for each element of a list; objects as JSON, which no search looks into. */
export function textsOf(value: unknown): { text: string; searchable: boolean }[] {
  return [value]
    .flat()
    .filter((one) => one !== undefined && one !== null)
    .map((one) =>
      typeof one === 'object'
        ? { text: JSON.stringify(one), searchable: false }
        : { text: String(one as string | number | boolean), searchable: true },
    )
}

/** The beginning of a text as it may be shown: no character that is not seen, none that turns the others. */
export function shown(text: string, charsMax: number): string {
  return text.length <= charsMax ? visible(text) : `${visible(text.slice(0, charsMax))}…`
}
