/** The three ways of writing that `case` and `field_name_transform` know. */
export const LETTER_CASES = ['lower', 'upper', 'snake_case'] as const

export function inLetterCase(text: string, way: (typeof LETTER_CASES)[number]): string {
  if (way === 'lower') return text.toLowerCase()
  if (way === 'upper') return text.toUpperCase()
  return text.replace(/(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])/g, '_').toLowerCase()
}
