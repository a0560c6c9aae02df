import { Problem } from './problem.ts'

/** Epoch milliseconds of a `Time` of the request. @throws {Problem} `validation` for a 13th month and the like */
export function timeOf(text: string | undefined, otherwise: number, pointer: string): number {
  if (text === undefined) return otherwise
  const ms = Date.parse(text)
  if (!Number.isNaN(ms)) return ms
  throw new Problem('validation', '', { errors: [{ pointer, code: 'bad_time', message: 'is no time' }] })
}

/** @throws {Problem} `validation` where the range has no length */
export function refuseEmptyRange(fromMs: number, toMs: number): void {
  if (fromMs < toMs) return
  const part = { pointer: '/from', code: 'not_before_to', message: 'must be before `to`' }
  throw new Problem('validation', '', { errors: [part] })
}
