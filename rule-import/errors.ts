export type ImportErrorCode =
  | 'bad_zip'
  | 'unsafe_path'
  | 'too_large'
  | 'no_rules'
  | 'bad_base'
  | 'busy'
  | 'changed_meanwhile'

/** Why nothing was imported; the rules folder is as it was. */
export class ImportError extends Error {
  readonly code: ImportErrorCode

  constructor(code: ImportErrorCode, message: string, options?: ErrorOptions) {
    super(message, options)
    this.name = 'ImportError'
    this.code = code
  }
}
