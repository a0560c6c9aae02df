import { comparison } from '../compare.ts'

/** Sigma spec, «gt»: the field is a number greater than the value. */
export default comparison('gt', (order) => order > 0)
