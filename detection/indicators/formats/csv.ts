import { LEVELS } from '../../../model/alert.ts'
import { type IndicatorFormat, type Written, confidenceOf, given, textOf, tlpOf } from '../format.ts'
import { type Indicator, INDICATOR_KINDS, type IndicatorKind } from '../indicator.ts'

/** What a column of that name says; a table without one called so is a plain list, of which the first cell counts. */
const COLUMNS: Readonly<
  Record<string, 'value' | 'kind' | 'level' | 'confidence' | 'tlp' | 'validFrom' | 'validUntil' | 'name'>
> = {
  value: 'value',
  indicator: 'value',
  ioc: 'value',
  ioc_value: 'value',
  kind: 'kind',
  type: 'kind',
  ioc_type: 'kind',
  level: 'level',
  severity: 'level',
  confidence: 'confidence',
  confidence_level: 'confidence',
  tlp: 'tlp',
  valid_from: 'validFrom',
  first_seen: 'validFrom',
  first_seen_utc: 'validFrom',
  valid_until: 'validUntil',
  expires: 'validUntil',
  name: 'name',
  description: 'name',
  malware_printable: 'name',
}

const KINDS: Readonly<Record<string, IndicatorKind>> = {
  ...Object.fromEntries(INDICATOR_KINDS.map((kind) => [kind, kind])),
  ipv4: 'ip',
  ipv6: 'ip',
  cidr: 'ip',
  hostname: 'domain',
  fqdn: 'domain',
  md5: 'hash',
  sha1: 'hash',
  sha256: 'hash',
  md5_hash: 'hash',
  sha1_hash: 'hash',
  sha256_hash: 'hash',
}

/** RFC 4180 with a header row, or a list with one value a line; `#` and `;` begin a remark. */
export default {
  claims: () => true,
  last: true,

  *read(text) {
    let columns: (string | undefined)[] | undefined
    for (const { line, cells } of rowsOf(text)) {
      if (columns === undefined) {
        const named = cells.map((cell) => COLUMNS[cell.trim().toLowerCase().replace(/^#\s*/, '').replaceAll(' ', '_')])
        columns = named.includes('value') ? named : ['value']
        if (named.includes('value')) continue
      }
      const at = `line ${line}`
      const row: Record<string, string> = {}
      for (const [i, name] of columns.entries()) if (name !== undefined) row[name] ??= cells[i] ?? ''
      const { value = '', kind = '' } = row
      if (value.trim() === '') continue
      const known = KINDS[kind.trim().toLowerCase()]
      if (kind.trim() !== '' && known === undefined) yield { at, refused: 'unknown_kind' }
      else yield written(at, value, known, row)
    }
  },
} satisfies IndicatorFormat

function written(at: string, value: string, kind: IndicatorKind | undefined, row: Record<string, string>): Written {
  const said = row['level']?.trim().toLowerCase()
  return given<Indicator & { at: string }>({
    at,
    value,
    kind,
    level: LEVELS.find((level) => level === said),
    confidence: confidenceOf(row['confidence']?.trim()),
    tlp: tlpOf(row['tlp']),
    validFrom: textOf(row['validFrom']),
    validUntil: textOf(row['validUntil']),
    name: textOf(row['name']),
  })
}

/** Rows with the line each begins in. Quotes may hold commas, line ends and, doubled, quotes. */
function* rowsOf(text: string): Generator<{ line: number; cells: string[] }> {
  let [at, line] = [text.startsWith('\uFEFF') ? 1 : 0, 1]
  while (at < text.length) {
    const end = text.indexOf('\n', at)
    const plain = text.slice(at, end < 0 ? text.length : end)
    const begins = line
    if (!plain.includes('"')) {
      at = end < 0 ? text.length : end + 1
      line++
      const row = plain.trim()
      const header = begins === 1 && row.includes(',')
      if (row === '' || (!header && /^[#;]/.test(row))) continue
      // A list in the form of Spamhaus or of hosts' files has a remark behind the value.
      yield { line: begins, cells: (header ? row : row.replace(/\s+[#;].*$/, '')).split(',') }
      continue
    }
    const cells: string[] = []
    for (let open = true; open;) {
      let cell = ''
      if (text[at] === '"') {
        const from = at + 1
        at = from
        while (at < text.length && !(text[at] === '"' && text[at + 1] !== '"')) at += text[at] === '"' ? 2 : 1
        cell = text.slice(from, at).replaceAll('""', '"')
        line += cell.split('\n').length - 1
        at++
      }
      const from = at
      while (at < text.length && text[at] !== ',' && text[at] !== '\n') at++
      cells.push(cell + text.slice(from, at).replace(/\r$/, ''))
      open = text[at] === ','
      at++
    }
    line++
    if (!/^[#;]/.test(cells[0]!.trim())) yield { line: begins, cells }
  }
}
