import { wildcards } from '../wildcards.ts'

/** Sigma spec, «endswith»: the field ends with the value. */
export default wildcards('endswith', true, false)
