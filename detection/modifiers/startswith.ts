import { wildcards } from '../wildcards.ts'

/** Sigma spec, «startswith»: the field begins with the value. */
export default wildcards('startswith', false, true)
