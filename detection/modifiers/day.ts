import { datePart } from '../date-part.ts'

/** Sigma spec 2.1, «day»: day of the month, as the field writes it. */
export default datePart('day', [1, 31], (clock) => clock.getUTCDate())
