/** Why a rule was refused. The code is stable; `docs/sigma.md` lists what each decision refuses. */
export type RuleErrorCode =
  | 'bad_yaml'
  | 'duplicate_key'
  | 'bad_rule'
  | 'bad_logsource'
  | 'bad_detection'
  | 'unknown_modifier'
  | 'bad_modifier'
  | 'bad_value'
  | 'bad_regex'
  | 'unknown_placeholder'
  | 'bad_condition'
  | 'unknown_reference'
  | 'reference_cycle'
  | 'bad_correlation'
  | 'bad_filter'
  | 'bad_pipeline'
  | 'bad_action'
  | 'duplicate_id'

/** A broken rule. `at` is an offset into the file's text; whoever throws without one is caught by a caller that knows it. */
export class RuleError extends Error {
  readonly code: RuleErrorCode
  readonly at: number | undefined

  constructor(code: RuleErrorCode, message: string, at?: number) {
    super(message)
    this.name = 'RuleError'
    this.code = code
    this.at = at
  }
}

/** Runs `build`, and gives a `RuleError` without a place the place `at`. */
export function placed<T>(at: number, build: () => T): T {
  try {
    return build()
  } catch (error) {
    if (error instanceof RuleError && error.at === undefined) throw new RuleError(error.code, error.message, at)
    throw error
  }
}
