import { wildcards } from '../wildcards.ts'

/** Sigma spec, «contains»: the value stands anywhere in the field. */
export default wildcards('contains', true, true)
