import type { EcsEvent } from '../../model/event.ts'
import { addRelated, classify, integer, ipOf, put, putPeer } from '../fields.ts'
import { readCommaValues } from '../key-values.ts'
import type { TextParser } from '../parser.ts'
import { Refusal } from '../refusal.ts'
import { isoTime, parseIso } from '../time.ts'

// Exchange's message tracking (Microsoft Learn, «Message tracking», fields of Exchange 2016 and 2019): comma values in one order, UTC. Subject,
// addresses and custom data are the sender's words; what they are about is decided by `event-id` and `source`, the server's own.
const NAMES = (
  'date_time client_ip client_hostname server_ip server_hostname source_context connector_id source event_id internal_message_id ' +
  'message_id network_message_id recipient_address recipient_status total_bytes recipient_count related_recipient_address reference ' +
  'message_subject sender_address return_path message_info directionality tenant_id original_client_ip original_server_ip custom_data ' +
  'transport_traffic_type log_id schema_version'
).split(' ')
const HEAD = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z,/
const SOURCES = new Set(
  'ADMIN AGENT APPROVAL BOOTLOADER DNS DSN GATEWAY MAILBOXRULE MEETINGMESSAGEPROCESSOR ORAR PICKUP POISONMESSAGE PUBLICFOLDER QUEUE REDUNDANCY RESOLVER ROUTING SAFETYNET SMTP STOREDRIVER'.split(
    ' ',
  ),
)
const HEADING = /^#(?:Software: Microsoft Exchange Server|Log-type: Message Tracking|Fields: date-time,client-ip)/
const FAILED = new Set(['FAIL', 'BADMAIL', 'DEFER', 'DROP', 'POISONMESSAGE', 'SUBMITFAIL', 'SUBMITDEFER'])
const UTC = { offsetMs: () => 0 }
const RECIPIENTS_MAX = 64

export default {
  layer: 'text',
  precedence: 306,

  parse({ text }, event) {
    if (HEADING.test(text)) {
      event['event.dataset'] = 'microsoft_exchange_server.messagetracking'
      classify(event, { category: ['email'], type: ['info'] })
      put(event, 'message', text)
      return true
    }
    if (!HEAD.test(text)) return false
    const values = readCommaValues(text, NAMES.length)
    if (values.length < 20 || !SOURCES.has(values[7]!) || !/^[A-Z]{3,32}$/.test(values[8]!)) return false
    const ms = parseIso(values[0]!, UTC)
    if (ms === undefined) return new Refusal('bad_time', `no such time: ${values[0]!}, at offset 0`)
    event['@timestamp'] = isoTime(ms)
    event['event.dataset'] = 'microsoft_exchange_server.messagetracking'
    putMessage(values, event)
    return true
  },
} satisfies TextParser

function putMessage(values: readonly string[], event: EcsEvent): void {
  const of = (name: string): string => values[NAMES.indexOf(name)] ?? ''
  const id = of('event_id')
  classify(event, {
    category: ['email'],
    type: ['info'],
    action: id.toLowerCase(),
    outcome: FAILED.has(id) ? 'failure' : id === 'DELIVER' || id === 'SEND' ? 'success' : undefined,
  })
  for (const [i, name] of NAMES.entries())
    if (KEPT.has(name)) put(event, `microsoft_exchange_server.messagetracking.${name}`, values[i])
  putPeer(event, 'source', ipOf(of('original_client_ip')) ?? of('client_ip'))
  put(event, 'source.domain', of('client_hostname'))
  putPeer(event, 'destination', of('server_ip'))
  put(event, 'destination.domain', of('server_hostname'))
  put(event, 'email.subject', of('message_subject'))
  put(event, 'email.message_id', of('message_id').replace(/^<|>$/g, ''))
  put(event, 'email.direction', DIRECTIONS[of('directionality')])
  put(event, 'email.sender.address', of('return_path'))
  const from = of('sender_address')
  if (from !== '' && from !== '<>') event['email.from.address'] = [from]
  const to = of('recipient_address')
    .split(';', RECIPIENTS_MAX)
    .filter((address) => address !== '')
  if (to.length > 0) event['email.to.address'] = to
  for (const address of [from, ...to]) if (address.includes('@')) addRelated(event, 'related.user', address)
  put(event, 'network.bytes', integer(of('total_bytes')))
}

const DIRECTIONS: { readonly [word: string]: string } = { Incoming: 'inbound', Originating: 'outbound' }
const KEPT = new Set(
  'source_context connector_id source internal_message_id network_message_id recipient_status recipient_count reference message_info tenant_id custom_data transport_traffic_type'.split(
    ' ',
  ),
)
