import { datePart } from '../date-part.ts'

/** Sigma spec 2.1, «hour»: hour of the day, as the field writes it. */
export default datePart('hour', [0, 23], (clock) => clock.getUTCHours())
