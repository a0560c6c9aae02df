import { comparison } from '../compare.ts'

/** Sigma spec, «gte»: the field is a number at least the value. */
export default comparison('gte', (order) => order >= 0)
