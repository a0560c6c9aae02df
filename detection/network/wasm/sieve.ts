// AssemblyScript, compiled by `npm run build:wasm`: the one loop that TypeScript cannot have, sixteen bytes at a time.

/**
 * The places of a text at which one of eight groups of literals may begin, after the "Teddy" algorithm of Intel's Hyperscan: each of
 * the four bytes from there on has a low and a high half that some literal of the group has there.
 *
 * `detection/network/sieve.ts` makes the masks, and asks each literal at the places that are left.
 *
 * @param masks 64 bytes by the low half of the first to the fourth byte, 64 by the high half: a bit for each group
 * @param text bytes, in which small letters are not told from large ones; 32 more than those up to `to` can be read
 * @param from the first place that is looked at
 * @param to behind the last; up to 15 more may be given
 * @param places where they are written, 32 bits each, ascending
 * @returns how many
 */
export function sieve(masks: usize, text: usize, from: i32, to: i32, places: usize): i32 {
  const low0 = v128.load(masks)
  const low1 = v128.load(masks, 16)
  const low2 = v128.load(masks, 32)
  const low3 = v128.load(masks, 48)
  const high0 = v128.load(masks, 64)
  const high1 = v128.load(masks, 80)
  const high2 = v128.load(masks, 96)
  const high3 = v128.load(masks, 112)
  const half = i8x16.splat(0x0f)
  const small = i8x16.splat(0x20)
  const none = i8x16.splat(0)
  let end = places
  // What the first three bytes of a place say comes from up to three bytes before the fourth, so perhaps from the sixteen before.
  let before0 = none
  let before1 = none
  let before2 = none
  for (let at = from; at < to + 3; at += 16) {
    const bytes = v128.or(v128.load(text + at), small)
    const low = v128.and(bytes, half)
    const high = v128.and(i16x8.shr_u(bytes, 4), half)
    const first = v128.and(i8x16.swizzle(low0, low), i8x16.swizzle(high0, high))
    const second = v128.and(i8x16.swizzle(low1, low), i8x16.swizzle(high1, high))
    const third = v128.and(i8x16.swizzle(low2, low), i8x16.swizzle(high2, high))
    const fourth = v128.and(i8x16.swizzle(low3, low), i8x16.swizzle(high3, high))
    // prettier-ignore
    const all = v128.and(
      v128.and(
        i8x16.shuffle(before0, first, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28),
        i8x16.shuffle(before1, second, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29),
      ),
      v128.and(
        i8x16.shuffle(before2, third, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30),
        fourth,
      ),
    )
    before0 = first
    before1 = second
    before2 = third
    if (!v128.any_true(all)) continue
    let left = 0xffff & ~i8x16.bitmask(i8x16.eq(all, none))
    while (left != 0) {
      store<i32>(end, at + ctz(left) - 3)
      end += 4
      left &= left - 1
    }
  }
  return <i32>((end - places) >> 2)
}
