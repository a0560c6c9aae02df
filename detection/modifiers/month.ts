import { datePart } from '../date-part.ts'

/** Sigma spec 2.1, «month»: month of the year, as the field writes it. */
export default datePart('month', [1, 12], (clock) => clock.getUTCMonth() + 1)
