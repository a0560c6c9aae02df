import { notFor, type Modifier } from '../modifier.ts'

/** Sigma spec, «re»: a regular expression, case-sensitive, searched anywhere; the text is taken as written. */
export default {
  value(value) {
    if (value.kind === 'number') return { kind: 'regex', source: value.text, flags: new Set() }
    if (value.kind !== 'text' || value.raw === undefined) throw notFor('re', value)
    return { kind: 'regex', source: value.raw, flags: new Set() }
  },
} satisfies Modifier
