import * as fc from 'fast-check'
import { FACTOR, runs } from './runs.ts'

/**
 * The ordinary run asks the same questions each time: it is to say whether the change at hand broke something. New ones are
 * asked where there is time to follow up an answer: with FUZZ other than 1, or the seed given.
 */
const SEED = process.env['SEED'] ?? (FACTOR === 1 ? '20201210' : undefined)

fc.configureGlobal({ numRuns: runs(100), ...(SEED !== undefined && { seed: Number(SEED) }) })
