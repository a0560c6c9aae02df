import { putOracle } from '../oracle-audit.ts'
import type { TextParser } from '../parser.ts'
import { Refusal } from '../refusal.ts'
import { isoTime, parseIso } from '../time.ts'
import { readElements } from '../xml-elements.ts'

const FIELDS_MAX = 96
/** Elements of an `AuditRecord` whose names differ from those of the other trails. */
const NAMES: { readonly [element: string]: string } = {
  DB_USER: 'DATABASE USER',
  OS_USER: 'CLIENT USER',
  SESSION_ID: 'SESSIONID',
  TERMINAL: 'CLIENT TERMINAL',
  PRIV_USED: 'PRIVILEGE',
  ACTION: 'ACTION NUMBER',
}

/** Oracle's audit files with `AUDIT_TRAIL=XML`: one `<AuditRecord>` of plain elements. */
export default {
  layer: 'text',
  precedence: 325,

  parse({ text }, event, { zone }) {
    if (!/^\s{0,32}<AuditRecord>/.test(text)) return false
    const elements = readElements(text, 'AuditRecord', FIELDS_MAX)
    const stamp = elements.get('Extended_Timestamp')
    if (stamp !== undefined) {
      const ms = parseIso(stamp, zone)
      if (ms === undefined) return new Refusal('bad_time', `no such time: ${stamp.slice(0, 40)}`)
      event['@timestamp'] = isoTime(ms)
    }
    const record = new Map<string, string>()
    for (const [name, value] of elements) {
      const upper = name.toUpperCase()
      record.set(Object.hasOwn(NAMES, upper) ? NAMES[upper]! : upper, value)
    }
    putOracle(record, event)
    return true
  },
} satisfies TextParser
