/**
 * Of young objects in the pipeline's thread: two batches and what is made of them have room in a third of it, so that they are not carried over
 * into the old ones. With V8's 48 MiB a stored event cost 163 µs of CPU in all, with this 138 (one run each, 300,000 lines).
 */
export const YOUNG_MIB = 192

/**
 * Of old ones, beside what correlations need: rules, twice while they change, and what is on its way to the store. The
 * lower the limit, the less V8 lets them grow beyond what is in use: the whole product took up to 1,683 MiB without one and 1,557 with this.
 */
const OLD_MIB = 1_024
/** Heap that a byte of correlations takes, as they estimate it: about two when they are full, and one more while they are saved. */
const PER_CORRELATION_BYTE = 3

/** Limits of the pipeline's thread, which ends when it needs more. */
export function heapLimits(correlationBytesMax: number): {
  maxYoungGenerationSizeMb: number
  maxOldGenerationSizeMb: number
} {
  return {
    maxYoungGenerationSizeMb: YOUNG_MIB,
    maxOldGenerationSizeMb: OLD_MIB + Math.ceil((PER_CORRELATION_BYTE * correlationBytesMax) / 2 ** 20),
  }
}
