/** Changing it changes every made value; figures are comparable for one seed only. */
const SEED = 0x5eed

/** Fields that say what kind of event it is, or how something came out: their values are few in any log. */
const KINDS = new Set(
  (
    'EventID Channel Provider_Name Provider_Guid ProviderName ProviderKey Provider_EventSourceName Version Level Task Opcode Keywords ' +
    'EventID_Qualifiers EventType EventTypeOrignal Signed Signature SignatureStatus IntegrityLevel Protocol LogonType ' +
    'Direction Initiated GrantedAccess AccessMask AccessList PrivilegeList ObjectType ObjectServer ERROR_EVT_UNRESOLVED ' +
    'AuthenticationPackageName LmPackageName LogonProcessName TokenElevationType TicketEncryptionType TicketOptions ' +
    'Action ChangeType FilterType LayerName LayerKey CalloutKey CalloutName ResourceAttributes product category service'
  ).split(' '),
)
const USER = /(?:User|UserName|AccountName|Domain|DomainName|Computer|WorkstationName|Hostname)$/i
const NUMBERED = /(?:Id|ID|Port|Handle|Weight|RTID|Time)$/
const GUID = /[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/gi
const HASH = /\b[0-9A-F]{32,}\b/gi
const SID = /\bS-1-5-21-\d+-\d+-\d+-\d+/g
const TIME = /^\d{4}-\d\d-\d\d[ T]\d\d:\d\d:\d\d/
const IPV4 = /^\d{1,3}(?:\.\d{1,3}){3}$/
const NUMBER = /^(?:0x[0-9a-f]{1,16}|\d{1,10})$/i
/** Codes that Windows words itself, and words too short to be anyone's. */
const CODE = /^(?:%%\d+\s*)+$|^.{0,3}$|^0x[0-9a-f]+$/is

/** A number of 32 bits out of another, one to one. */
function mixed(n: number): number {
  let x = Math.imul(n ^ SEED, 0x9e3779b1)
  x = Math.imul(x ^ (x >>> 15), 0x85ebca6b)
  x = Math.imul(x ^ (x >>> 13), 0xc2b2ae35)
  return (x ^ (x >>> 16)) >>> 0
}

const FIELDS_MAX = 512

/**
 * The line of JSON with every path, command line, user, host, address, GUID, hash, time, number and free text made its own
 * by a word that no other field of any other line gets; what kind of event it is stays, and so do beginnings and ends of
 * values, which rules look for. The same for the same line and index.
 */
export function mutated(line: string, index: number): string {
  const event = JSON.parse(line) as Record<string, unknown>
  let place = index * FIELDS_MAX
  for (const field in event) {
    const value = event[field]
    place++
    if (KINDS.has(field)) continue
    if (typeof value === 'string') event[field] = ownText(field, value, place)
    else if (typeof value === 'number' && NUMBERED.test(field)) event[field] = mixed(place)
  }
  return JSON.stringify(event)
}

function ownText(field: string, value: string, place: number): string {
  const own = mixed(place)
  if (NUMBERED.test(field) && NUMBER.test(value)) return value.startsWith('0x') ? `0x${own.toString(16)}` : String(own)
  if (TIME.test(value)) return `${value.slice(0, 19)}.${String(own).padStart(10, '0')}${value.endsWith('Z') ? 'Z' : ''}`
  if (IPV4.test(value)) return `${10 + ((own >>> 24) % 200)}.${(own >>> 16) & 255}.${(own >>> 8) & 255}.${own & 255}`
  if (CODE.test(value)) return value
  let times = 0
  const made = value
    .replaceAll(GUID, (guid) => likeHex(guid, mixed(own + ++times), own))
    .replaceAll(HASH, (hash) => likeHex(hash, mixed(own + ++times), own))
    .replaceAll(SID, (sid) => `${sid.slice(0, sid.lastIndexOf('-'))}-${own + times++}`)
  if (times > 0) return made
  const word = own.toString(36).padStart(7, '0')
  if (USER.test(field)) return `${value}-${word}`
  const middle = value.indexOf(' ', value.length >> 1)
  const space = middle > 0 ? middle : value.lastIndexOf(' ')
  const backslash = value.lastIndexOf('\\')
  if (space > 0 && !/^[A-Z]:\\[^"/]*$|^\\|^HK/i.test(value))
    return `${value.slice(0, space)} ${word}${value.slice(space)}`
  if (backslash >= 0) return `${value.slice(0, backslash)}\\${word}${value.slice(backslash)}`
  const dot = value.lastIndexOf('.')
  return dot > 0 ? `${value.slice(0, dot)}-${word}${value.slice(dot)}` : `${value}-${word}`
}

/** Hexadecimal digits in the shape and case of `shape`; the first eight are `own`'s. */
function likeHex(shape: string, state: number, own: number): string {
  const first = own.toString(16).padStart(8, '0')
  let at = 0
  let x = state
  const made = shape.replaceAll(/[0-9a-f]/gi, () => {
    if (at < 8) return first[at++]!
    x = mixed(x)
    return (x & 15).toString(16)
  })
  return shape === shape.toUpperCase() ? made.toUpperCase() : made
}
