/** As `GET /integrity/proofs/{record}` gives it; docs/store.md says what each part is. */
export interface Proof {
  evidence: {
    record: string
    receivedAt: string
    source: string
    agency: string
    encoding: '' | 'base64'
    raw: string
  }
  index: number
  path: string[]
  unit: { n: number; body: string; before: string }
  after: string[]
  signature: { key: string; signature: string }
  keys: { key: string; signature?: string }[]
}

/** What the page found when it held a proof against the line on screen; `no_crypto`: the browser gives this page no SHA-256. */
export type Held = 'holds' | 'no_crypto' | 'other_line' | 'not_in_unit' | 'not_signed'

/**
 * Holds a proof against the line that is shown, with the browser's own SHA-256 and Ed25519: the line leads to the root of its unit, the
 * root to a head of the chain, and the head is signed by the last of keys that each vouch for the next. That the first of them is the
 * centre's own is for who compares it with the one that was kept elsewhere.
 */
export async function held(proof: Proof, shown: string): Promise<Held> {
  const { evidence, index, path, unit, after, signature, keys } = proof
  if (globalThis.crypto?.subtle === undefined) return 'no_crypto'
  if (evidence.raw !== shown) return 'other_line'
  const { record, receivedAt, source, agency, encoding, raw } = evidence
  const leaf = await digest(bytesOf(`\0${JSON.stringify([record, receivedAt, source, agency, encoding, raw])}`))
  const entry = JSON.parse(unit.body) as { root: string; records: number }
  const root = await rootOf(leaf, index, entry.records, path)
  if (root === null || hex(root) !== entry.root) return 'not_in_unit'

  let [n, head] = [unit.n, await linked(unit.before, hex(await digest(bytesOf(unit.body))))]
  for (const body of after) [n, head] = [n + 1, await linked(head, body)]
  for (const [at, { key, signature: vouched }] of keys.entries()) {
    const former = keys[at - 1]?.key
    if (former !== undefined && !(await isBy(former, `vong-gac integrity key 1\n${key}\n`, vouched ?? ''))) break
    if (hex(await digest(fromBase64(key))).slice(0, 16) !== signature.key) continue
    const isSigned = await isBy(key, `vong-gac integrity head 1\n${n}\n${head}\n`, signature.signature)
    return isSigned ? 'holds' : 'not_signed'
  }
  return 'not_signed'
}

/** RFC 6962 §2.1.1: siblings from the leaf upwards, each on the side that index and size say. */
async function rootOf(leaf: Bytes, index: number, size: number, path: readonly string[]): Promise<Bytes | null> {
  let [node, at, last] = [leaf, index, size - 1]
  for (const sibling of path) {
    if (last === 0) return null
    const isRight = at % 2 === 1 || at === last
    node = await digest(
      Uint8Array.of(1, ...(isRight ? [...fromHex(sibling), ...node] : [...node, ...fromHex(sibling)])),
    )
    // A node without a right sibling is its own parent.
    if (isRight) while (at % 2 === 0 && at > 0) [at, last] = [at / 2, Math.floor(last / 2)]
    ;[at, last] = [Math.floor(at / 2), Math.floor(last / 2)]
  }
  return last === 0 && index >= 0 && index < size ? node : null
}

type Bytes = Uint8Array<ArrayBuffer>

async function digest(bytes: Bytes): Promise<Bytes> {
  return new Uint8Array(await crypto.subtle.digest('SHA-256', bytes))
}

async function linked(before: string, body: string): Promise<string> {
  return hex(await digest(bytesOf(`\u0002${before}\n${body}`)))
}

async function isBy(key: string, text: string, signature: string): Promise<boolean> {
  try {
    const read = await crypto.subtle.importKey('spki', fromBase64(key), 'Ed25519', false, ['verify'])
    return await crypto.subtle.verify('Ed25519', read, fromBase64(signature), bytesOf(text))
  } catch {
    return false // no key at all
  }
}

function bytesOf(text: string): Bytes {
  return new TextEncoder().encode(text)
}

function fromBase64(text: string): Bytes {
  return Uint8Array.from(atob(text), (character) => character.charCodeAt(0))
}

function fromHex(text: string): Bytes {
  return Uint8Array.from(text.match(/../g) ?? [], (pair) => Number.parseInt(pair, 16))
}

function hex(bytes: Bytes): string {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('')
}
