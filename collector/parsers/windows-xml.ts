import type { HeaderParser } from '../parser.ts'
import { Refusal } from '../refusal.ts'
import { ofEventXml } from '../windows-shapes.ts'

const START =
  /^\s{0,16}(?:<\?xml [^<>]{0,128}\?>\s{0,16})?<Event(?: xmlns=(['"])http:\/\/schemas\.microsoft\.com\/win\/2004\/08\/events\/event\1)?\s{0,4}>\s{0,64}<System>/

/**
 * A Windows event as the XML it is rendered in (`wevtutil`, Windows Event Forwarding, Splunk's and Snare's forwarders), and Sysmon for Linux,
 * which writes the same XML to syslog. Its content goes to the parsers of Windows, as a record of JSON does.
 */
export default {
  layer: 'header',
  precedence: 12,
  embeds: true,

  claims: (text) => START.test(text.slice(0, 512)),

  parse(text) {
    const record = ofEventXml(text)
    return record === undefined
      ? new Refusal('bad_xml', 'not a whole Windows event: <Event><System>… with an EventID')
      : { text, program: '', json: record }
  },
} satisfies HeaderParser
