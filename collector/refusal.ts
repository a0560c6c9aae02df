export type RefusalCode =
  | 'bad_priority'
  | 'bad_header'
  | 'bad_structured_data'
  | 'bad_time'
  | 'bad_json'
  | 'bad_xml'
  | 'duplicate_key'
  | 'too_deep'
  | 'too_many_fields'

/**
 * Why a record is no event: it claims a format and breaks it. A class only so that it cannot be taken for a JSON object
 * that happens to have the same keys.
 */
export class Refusal {
  readonly code: RefusalCode
  /** For a person: what is wrong, and where. */
  readonly reason: string
  constructor(code: RefusalCode, reason: string) {
    this.code = code
    this.reason = reason
  }
}
