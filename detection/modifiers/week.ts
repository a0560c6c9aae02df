import { datePart, isoWeek } from '../date-part.ts'

/** Sigma spec 2.1, «week»: ISO 8601 week of the year, as the field writes its date. */
export default datePart('week', [1, 53], isoWeek)
