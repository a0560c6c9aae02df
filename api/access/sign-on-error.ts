/** Why nobody was logged in: a code for the page that the browser is sent back to. */
export type SignOnFailure = 'expired' | 'denied' | 'refused' | 'unavailable'

export class SignOnError extends Error {
  override readonly name = 'SignOnError'
  readonly code: SignOnFailure

  constructor(code: SignOnFailure, cause?: unknown) {
    super(code, { cause })
    this.code = code
  }
}
