/**
 * Case folding for matching: simple lower-casing of every UTF-16 unit on its own, so that folded text has the length and
 * the offsets of the original. `toLowerCase` alone has not: İ grows, Σ depends on its neighbours. Letters outside the
 * BMP are not folded; there is no locale and no normalisation (NFC and NFD Vietnamese differ, as they do in the log).
 * Indexes read text through this table, so that a value is copied only when a test needs it whole.
 */
export const UNITS = new Uint16Array(0x10000)
for (let unit = 0; unit < UNITS.length; unit++) {
  const lower = String.fromCharCode(unit).toLowerCase()
  UNITS[unit] = lower.length === 1 ? lower.charCodeAt(0) : unit
}

const NOT_ASCII = /[^\0-\x7f]/
/** Up to here, looking at each unit costs less than asking the engine. */
const SHORT = 24

/** `text` folded, unit by unit. */
export function fold(text: string): string {
  if (text.length <= SHORT && isFolded(text)) return text
  if (!NOT_ASCII.test(text)) return text.toLowerCase() // the engine's own fast path; equal to the table for ASCII
  let folded = ''
  for (let start = 0; start < text.length; start += 4096) {
    const end = Math.min(start + 4096, text.length)
    const units = new Uint16Array(end - start)
    for (let i = start; i < end; i++) units[i - start] = UNITS[text.charCodeAt(i)]!
    folded += String.fromCharCode(...units)
  }
  return folded
}

function isFolded(text: string): boolean {
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i)
    if (unit > 0x7f || (unit >= 0x41 && unit <= 0x5a)) return false
  }
  return true
}
