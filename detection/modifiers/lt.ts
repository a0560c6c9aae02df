import { comparison } from '../compare.ts'

/** Sigma spec, «lt»: the field is a number less than the value. */
export default comparison('lt', (order) => order < 0)
