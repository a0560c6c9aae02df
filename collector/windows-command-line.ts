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
  /** Where what belongs to the word and is not in it yet begins: to add one character after another makes texts that are slow to read. */
  let from = 0
  let begun = false
  let quoted = false
  for (let at = 0; at < line.length && words.length < ARGUMENTS_MAX; at++) {
    const char = line[at]!
    if (char === '\\') {
      let end = at
      while (line[end] === '\\') end++
      begun = true
      if (line[end] === '"') {
        const slashes = end - at
        word += line.slice(from, at + (slashes >> 1))
        from = end
        if (slashes % 2 === 1) end++
      }
      at = end - 1
    } else if (char === '"') {
      begun = true
      word += line.slice(from, at)
      // Of two in a row the second stays.
      if (quoted && line[at + 1] === '"') from = ++at
      else from = at + 1
      quoted = !quoted
    } else if (!quoted && (char === ' ' || char === '\t')) {
      if (begun) words.push(word + line.slice(from, at))
      word = ''
      from = at + 1
      begun = false
    } else begun = true
  }
  if (begun) words.push(word + line.slice(from))
  return words
}
