import { readlinkSync } from 'node:fs'
import { setPriority } from 'node:os'

/** Of `nice`: a tenth of what ingest gets of a core that both want, all of it where ingest does not. */
const NICENESS = 10

/**
 * Lets the threads that take in records go first, on a system that gives each thread a priority of its own (Linux); anywhere
 * else nothing changes. Of the thread that calls it, for good.
 */
export function giveWayToIngest(): void {
  try {
    // The only place that tells a thread its number; read by the thread itself, it is its own.
    setPriority(Number(readlinkSync('/proc/thread-self').split('/').at(-1)), NICENESS)
  } catch {
    // no such system, or not allowed: then all go alike
  }
}
