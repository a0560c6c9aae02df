import { comparison } from '../compare.ts'

/** Sigma spec, «lte»: the field is a number at most the value. */
export default comparison('lte', (order) => order <= 0)
