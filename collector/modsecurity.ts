import type { EcsEvent } from '../model/event.ts'
import { put } from './fields.ts'

/** What one rule of ModSecurity said: the sentence and the `[name "value"]` pairs behind it. */
export interface RuleMessage {
  sentence: string
  file?: string
  id?: string
  msg?: string
  data?: string
  severity?: string
  ver?: string
  tags: string[]
}

const PAIR = /\[(\w{1,32}) "((?:[^"\\]|\\.){0,4096})"\](?: |$)/sy
const PAIRS_MAX = 64

/**
 * Reads one message. ModSecurity escapes quotes in what it quotes from the request, so the last `[file "` is its own; from
 * there the pairs are read one after the other, each once, and the first of a name counts.
 */
export function readRuleMessage(text: string): RuleMessage {
  const file = text.lastIndexOf(' [file "')
  const start = file < 0 ? text.indexOf(' [id "') : file
  const message: RuleMessage = { sentence: start < 0 ? text : text.slice(0, start), tags: [] }
  if (start < 0) return message
  PAIR.lastIndex = start + 1
  const seen = new Map<string, string>()
  for (let i = 0, at = start + 1; i < PAIRS_MAX; i++) {
    PAIR.lastIndex = at
    const pair = PAIR.exec(text)
    if (pair === null) break
    at = PAIR.lastIndex
    if (pair[1] === 'tag') message.tags.push(pair[2]!)
    else if (!seen.has(pair[1]!)) seen.set(pair[1]!, pair[2]!)
  }
  for (const name of ['file', 'id', 'msg', 'data', 'severity', 'ver'] as const) {
    const value = seen.get(name)
    if (value !== undefined) message[name] = value
  }
  return message
}

const SEVERITIES = ['EMERGENCY', 'ALERT', 'CRITICAL', 'ERROR', 'WARNING', 'NOTICE', 'INFO', 'DEBUG']

/** Sets `rule.*` from the rules that spoke. The scoring rules (949…, 959…, 980…) only sum up what others found. */
export function putRules(event: EcsEvent, messages: readonly RuleMessage[]): void {
  const first = messages.find(({ id }) => id !== undefined && !/^(?:949|959|980)/.test(id)) ?? messages[0]
  if (first === undefined) return
  put(event, 'rule.id', first.id)
  put(event, 'rule.name', first.msg)
  put(event, 'rule.ruleset', first.ver)
  put(
    event,
    'rule.category',
    first.tags.find((tag) => tag.startsWith('attack-')),
  )
  put(event, 'modsec.audit.data', first.data)
  const severity = first.severity?.toUpperCase()
  const number = severity === undefined ? -1 : /^\d$/.test(severity) ? Number(severity) : SEVERITIES.indexOf(severity)
  if (number >= 0) event['event.severity'] = number
  const ids = messages.flatMap(({ id }) => id ?? [])
  if (ids.length > 1) event['modsec.audit.rule_ids'] = [...new Set(ids)].slice(0, 64)
  const tags = [...new Set(messages.flatMap(({ tags }) => tags))].slice(0, 64)
  if (tags.length > 0) event['modsec.audit.tags'] = tags
  event['modsec.audit.messages'] = messages.slice(0, 64).map(({ sentence }) => sentence)
}
