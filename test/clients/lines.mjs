// What the clients send: numbered lines, the same in every run, of the kinds of text that get damaged on the way.

/** Syllables with every tone and letter of Vietnamese, composed. */
const SYLLABLES =
  'Đăng nhập thất bại người dùng nguyễn văn quản trị từ máy chủ một cửa điện tử sở y tế phường hải dương tệp mật khẩu ổ đĩa đầy kết nối bị từ chối lỗi truy vấn cơ sở dữ liệu hồ sơ đất đai đã xoá'.split(
    ' ',
  )
/** Between words: what looks like framing, headers, escapes, markup or structure to one program or another. */
const ODDITIES = [
  '"',
  '\\',
  '%',
  "'",
  '[x@1 k="v"]',
  '<13>1 ',
  '#011',
  '{"a":1}',
  '<b>&amp;',
  '💥',
  '\u00A0',
  '  ',
  'a\u0302\u0301',
  ':',
  '',
]

/** The lines of one case, without line ends; each begins with the marker and its number and ends with a full stop. */
export function linesOf(marker, count) {
  let state = 0x2545f491
  const next = (below) => {
    state ^= state << 13
    state ^= state >>> 17
    state ^= state << 5
    return (state >>> 0) % below
  }
  return Array.from({ length: count }, (_, i) => {
    const words = Array.from({ length: 4 + next(40) }, () => {
      const oddity = next(6) === 0 ? ODDITIES[next(ODDITIES.length)] : ''
      return SYLLABLES[next(SYLLABLES.length)] + oddity
    })
    return `${marker} ${String(i + 1).padStart(6, '0')} ${words.join(' ')}.`
  })
}

/**
 * Holds what is stored against what was sent: every line once, byte for byte. What a program put before the line (header, tag)
 * is its own affair. `lineOf` takes the line out of what the collector keeps where that is an envelope.
 * @returns what is wrong, in words, empty when nothing is; and how many lines are stored more than once
 */
export function compare(marker, sent, stored, lineOf = (original) => original) {
  const times = new Map(sent.map((line) => [line, 0]))
  const altered = []
  for (const original of stored) {
    const text = lineOf(original)
    const line = text.slice(text.indexOf(`${marker} `))
    if (times.has(line)) times.set(line, times.get(line) + 1)
    else altered.push(line)
  }
  const missing = sent.filter((line) => times.get(line) === 0)
  const wrong = [
    missing.length > 0 && `${missing.length} missing, first ${JSON.stringify(missing[0])}`,
    altered.length > 0 && `${altered.length} altered, first ${JSON.stringify(altered[0])}`,
  ].filter(Boolean)
  return { wrong, missing: missing.length, surplus: stored.length - altered.length - (sent.length - missing.length) }
}
