import { datePart } from '../date-part.ts'

/** Sigma spec 2.1, «year»: year, as the field writes it. */
export default datePart('year', [1, 9999], (clock) => clock.getUTCFullYear())
