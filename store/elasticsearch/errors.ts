import { errors } from '@elastic/elasticsearch'
import { StoreError } from '../store.ts'

/** What the client threw, in the contract's terms, with the server's own words. */
export function storeError(error: unknown, doing: string): StoreError {
  if (error instanceof StoreError) return error
  const options = { cause: error }
  if (error instanceof errors.RequestAbortedError)
    return new StoreError('cancelled', 'the search was cancelled', options)
  if (error instanceof errors.ProductNotSupportedError) {
    return new StoreError('refused', `${doing}: the server is not Elasticsearch`, options)
  }
  if (error instanceof errors.ResponseError) {
    const status = error.statusCode ?? 0
    const reason = reasonOf(error)
    if (status === 401)
      return new StoreError('refused', `${doing}: the credentials are not accepted (401): ${reason}`, options)
    if (status === 403) return new StoreError('refused', `${doing}: a right is missing (403): ${reason}`, options)
    if (isDiskFull(reason)) return new StoreError('disk_full', `${doing}: ${reason}`, options)
    if (/circuit_breaking_exception|too_many_clauses|too_complex/.test(reason)) {
      return new StoreError('too_large', `${doing}: ${reason}`, options)
    }
    if (status >= 400 && status < 500 && status !== 408 && status !== 429 && status !== 404) {
      return new StoreError('refused', `${doing}: Elasticsearch answered ${status}: ${reason}`, options)
    }
    return new StoreError('unavailable', `${doing}: Elasticsearch answered ${status}: ${reason}`, options)
  }
  const message = error instanceof Error ? error.message : String(error)
  return new StoreError('unavailable', `${doing}: Elasticsearch cannot be reached: ${message}`, options)
}

/** The flood-stage watermark puts a block on every index of a full node. */
export function isDiskFull(reason: string): boolean {
  return /flood-stage|no space left/i.test(reason)
}

function reasonOf(error: errors.ResponseError): string {
  const body = error.body as
    | { error?: { type?: string; reason?: string; root_cause?: { reason?: string }[] } }
    | undefined
  const { type, reason, root_cause: causes } = typeof body?.error === 'object' ? body.error : {}
  return (
    [type, reason, causes?.[0]?.reason === reason ? undefined : causes?.[0]?.reason]
      .filter((text) => text !== undefined)
      .join(': ') || error.message
  )
}
