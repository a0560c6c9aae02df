/*
 * Cuts the body of an Elasticsearch `_bulk` request: a line that says what is to be done (`{"create":{"_index":"x"}}`), then,
 * for all but `delete`, a line with the document. Only the former is read as JSON; a document stays as its sender wrote it,
 * and whether it is JSON at all is for the parsers to say.
 */

const LF = 0x0a
const CR = 0x0d
/** Index, `_id` and routing fit many times; a longer line is a document that stands where none can. */
const ACTION_BYTES_MAX = 64 * 1024
const ACTIONS = ['create', 'index', 'update', 'delete'] as const

export interface BulkAction {
  action: (typeof ACTIONS)[number]
  index: string
  /** What the sender calls the document; absent where it leaves that to us. */
  id?: string
  /** The document; of what is no new document (`update`, `delete`) the whole instruction, both lines. */
  bytes: Buffer
}

/** Why nothing of a body can be taken. Whatever can be told apart into documents is no such case. */
export interface BulkFault {
  fault: 'malformed' | 'too_many'
  /** For whoever runs the sender, with the number of the line. */
  reason: string
}

/**
 * The actions of `body`, in order. As Elasticsearch does, it refuses a body without a line end at its end: the last document
 * may have been cut.
 * @param index where an action names none (`POST /<index>/_bulk`)
 */
export function cutBulk(
  body: Buffer,
  { index, actionsMax }: { index: string | undefined; actionsMax: number },
): BulkAction[] | BulkFault {
  if (body.length === 0) return malformed('request body is required')
  if (body.at(-1) !== LF) return malformed('The bulk request must be terminated by a newline [\\n]')
  const actions: BulkAction[] = []
  let line = 0
  for (let at = 0; at < body.length;) {
    const end = body.indexOf(LF, at)
    const head = body.subarray(at, end)
    const start = at
    at = end + 1
    line++
    if (isBlank(head)) continue
    const meta = head.length > ACTION_BYTES_MAX ? undefined : readAction(head)
    if (meta === undefined) return malformed(`Malformed action/metadata line [${line}]`)
    const target = meta.index ?? index
    if (target === undefined) return malformed(`index is missing in line [${line}]`)
    if (actions.length === actionsMax) {
      return { fault: 'too_many', reason: `a request holds at most ${actionsMax} actions` }
    }
    let bytes = head
    if (meta.action !== 'delete') {
      if (at >= body.length) return malformed(`no document follows the action in line [${line}]`)
      const documentEnd = body.indexOf(LF, at)
      bytes = body.subarray(meta.action === 'update' ? start : at, documentEnd)
      at = documentEnd + 1
      line++
    }
    const { action, id } = meta
    actions.push({ action, index: target, bytes: withoutCr(bytes), ...(id !== undefined && { id }) })
  }
  return actions.length === 0 ? malformed('no requests added') : actions
}

function malformed(reason: string): BulkFault {
  return { fault: 'malformed', reason }
}

function readAction(line: Buffer): { action: BulkAction['action']; index?: string; id?: string } | undefined {
  let said: unknown
  try {
    said = JSON.parse(line.toString('utf8'))
  } catch {
    return undefined
  }
  if (typeof said !== 'object' || said === null) return undefined
  const [name, ...more] = Object.keys(said)
  const action = ACTIONS.find((known) => known === name)
  if (action === undefined || more.length > 0) return undefined
  const meta = (said as Record<string, unknown>)[action]
  if (typeof meta !== 'object' || meta === null || Array.isArray(meta)) return undefined
  const { _index: index, _id: id } = meta as Record<string, unknown>
  return {
    action,
    ...(typeof index === 'string' && index !== '' && { index }),
    ...((typeof id === 'string' || typeof id === 'number') && id !== '' && { id: String(id) }),
  }
}

function isBlank(line: Buffer): boolean {
  return line.every((byte) => byte <= 0x20)
}

function withoutCr(line: Buffer): Buffer {
  return line.at(-1) === CR ? line.subarray(0, -1) : line
}
