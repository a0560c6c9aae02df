import type { Item } from '../rule.ts'

/** What a condition of fields looks at. */
export interface FieldSubject {
  /** Empty for keywords. */
  name: string
  applied: ReadonlySet<string>
  state: ReadonlyMap<string, string>
}

/** What a condition of detection items looks at. */
export interface ItemSubject extends FieldSubject {
  item: Item
}
