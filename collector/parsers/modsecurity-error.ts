import { readRuleMessage, putRules } from '../modsecurity.ts'
import { put } from '../fields.ts'
import type { TextParser } from '../parser.ts'
import { Refusal } from '../refusal.ts'
import apacheError from './apache-error.ts'
import nginxError from './nginx-error.ts'

/** ModSecurity's lines in the error log of the server it sits in; the line itself is read as that server's. */
export default {
  layer: 'text',
  precedence: 75,

  parse(message, event, context) {
    const { text } = message
    if (!text.includes('ModSecurity: ') || !text.includes(' [id "')) return false
    const nginx = nginxError.parse(message, event, context)
    const read = nginx === false ? apacheError.parse(message, event, context) : nginx
    if (read === false || read instanceof Refusal) return read
    const said = event['message'] as string
    const start = said.indexOf('ModSecurity: ')
    if (start < 0) return true
    const rule = readRuleMessage(said.slice(start + 13))
    putRules(event, [rule])
    event['event.dataset'] = 'modsecurity.log'
    event['event.category'] = ['web', 'intrusion_detection']
    event['event.kind'] = 'alert'
    const denied = rule.sentence.startsWith('Access denied')
    event['event.type'] = [denied ? 'denied' : 'allowed']
    put(event, 'event.action', denied ? 'blocked' : 'detected')
    const status = /^Access denied with code (\d{3})/.exec(rule.sentence)
    if (status !== null) event['http.response.status_code'] = Number(status[1])
    const end = said.indexOf('[unique_id "')
    if (end >= 0) put(event, 'transaction.id', /^\[unique_id "([\w@.-]{1,64})"/.exec(said.slice(end, end + 90))?.[1])
    if (event['url.path'] === undefined) {
      const uri = said.lastIndexOf(' [uri "')
      if (uri >= 0) put(event, 'url.path', /^ \[uri "([^"]{1,4096})"/.exec(said.slice(uri))?.[1])
    }
    return true
  },
} satisfies TextParser
