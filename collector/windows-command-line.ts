const ARGUMENTS_MAX = 256
const LENGTH_MAX = 8_192

/**
 * The arguments of a Windows command line, cut as the C runtime cuts them (Microsoft Learn, «Parsing C command-line arguments»): blanks
 * part them outside double quotes, 2n backslashes before a quote are n, 2n+1 are n and the quote itself. Empty for a line over
 * 8,192 characters, more than cmd.exe takes: its text is in `command_line` all the same.
 */
export function splitCommandLine(line: string): string[] {
  const words: string[] = []
  if (line.length > LENGTH_MAX) return words
  let word = ''
  let begun = false
  let quoted = false
  for (let at = 0; at < line.length && words.length < ARGUMENTS_MAX; at++) {
    const char = line[at]!
    if (char === '\\') {
      let end = at
      while (line[end] === '\\') end++
      const slashes = end - at
      begun = true
      if (line[end] === '"') {
        word += '\\'.repeat(slashes >> 1)
        if (slashes % 2 === 1) {
          word += '"'
          end++
        }
      } else word += '\\'.repeat(slashes)
      at = end - 1
    } else if (char === '"') {
      begun = true
      if (quoted && line[at + 1] === '"') {
        word += '"'
        at++
      }
      quoted = !quoted
    } else if (!quoted && (char === ' ' || char === '\t')) {
      if (begun) words.push(word)
      word = ''
      begun = false
    } else {
      word += char
      begun = true
    }
  }
  if (begun) words.push(word)
  return words
}
