export const FACTOR = Number(process.env['FUZZ'] ?? 1)

/** How often a property is tried: `n` in the ordinary run, `FUZZ` times as often in the long one. */
export function runs(n: number): number {
  return Math.ceil(n * FACTOR)
}
