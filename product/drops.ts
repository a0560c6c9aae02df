import type { Logger } from 'pino'
import type { Collector } from '../collector/collector.ts'
import type { Spool } from '../collector/spool/spool.ts'
import type { Drops } from '../collector/tally.ts'
import { controlFrame } from '../pipeline/bundle.ts'

const EVERY_MS = 1_000

/**
 * Has the log say what the collector could not take (law 2): a drop is counted where it is searched for.
 * @returns its end, to be called when the collector is closed: what was dropped last is written too
 */
export function declareDrops({
  spool,
  collector,
  log,
}: {
  spool: Spool
  collector: Pick<Collector, 'drops'>
  log: Logger
}): { stop: () => Promise<void> } {
  let undeclared: Drops[] = []
  /** Asked for only when they can be written down: what was told is not told again. */
  const declare = async (): Promise<void> => {
    if (!spool.state().accepting) return
    const drops = [...undeclared, ...collector.drops()]
    undeclared = []
    if (drops.length === 0) return
    await spool.append([controlFrame({ drops })]).catch((error: unknown) => {
      undeclared.push(...drops)
      log.warn({ error }, 'drops not recorded yet')
    })
  }
  const timer = setInterval(() => void declare(), EVERY_MS)
  return {
    stop: async () => {
      clearInterval(timer)
      await declare()
    },
  }
}
