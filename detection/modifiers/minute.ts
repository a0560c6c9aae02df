import { datePart } from '../date-part.ts'

/** Sigma spec 2.1, «minute»: minute of the hour, as the field writes it. */
export default datePart('minute', [0, 59], (clock) => clock.getUTCMinutes())
