import { Type } from 'typebox'
import { oneOf } from './types.ts'

/** What is wrong in a text of rules, and where in it. */
export const ruleProblem = {
  line: Type.Integer(),
  column: Type.Integer(),
  severity: oneOf(['error', 'warning']),
  code: Type.String(),
  message: Type.String(),
}
