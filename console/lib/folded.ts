/** Lower case, without diacritics, `đ` as `d`: what people type in a hurry finds what is written with care. */
export function folded(text: string): string {
  return text.normalize('NFD').replace(/\p{M}/gu, '').toLowerCase().replaceAll('đ', 'd')
}
