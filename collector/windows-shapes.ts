import { part, text, word } from './json-parts.ts'
import type { JsonObject, JsonValue } from './json-record.ts'
import { unescapeXml } from './xml-elements.ts'

// Windows' own event record (Event schema, `http://schemas.microsoft.com/win/2004/08/events/event`), as XML and as JSON made of it,
// in the shape of Winlogbeat's `winlog`, which the parsers of Windows read.

/** `Level` of System (winmeta.xml). */
const LEVELS = ['information', 'critical', 'error', 'warning', 'information', 'verbose'] as const
const ATTRIBUTES = '#attributes'

/** `{"Event": {"System": …}}` of evtx_dump, Fluent Bit and the like as a record of Winlogbeat's shape; undefined for anything else. */
export function ofEvtxJson(record: JsonObject): JsonObject | undefined {
  const root = part(record['Event'])
  const system = part(root?.['System'])
  if (root === undefined || system === undefined) return undefined
  const attribute = (element: string, name: string): string | undefined => {
    const value = system[element]
    const beside = part(part(value)?.[ATTRIBUTES]) ?? part(system[`${element}_attributes`]) ?? part(value)
    return word(beside?.[name] ?? beside?.[`@${name}`])
  }
  const value = (element: string): string | undefined => {
    const found = system[element]
    return word(part(found)?.['#text'] ?? part(found)?.['Value'] ?? (part(found) === undefined ? found : undefined))
  }
  return winlogOf(value, attribute, dataOf(root))
}

/** The data by name: of EventData, of UserData's own element, unnamed ones as `param1`, `param2` … as Winlogbeat calls them. */
function dataOf(root: JsonObject): JsonObject {
  const data: JsonObject = {}
  const own = part(root['UserData'])
  for (const element of own === undefined ? [] : Object.values(own)) Object.assign(data, withoutMarks(part(element)))
  const eventData = part(root['EventData'])
  if (eventData === undefined) return data
  const { Data: list, ...named } = eventData
  Object.assign(data, withoutMarks(named))
  const items = Array.isArray(list) ? list : list === undefined || list === null ? [] : [list]
  let unnamed = 0
  for (const item of items.slice(0, DATA_MAX)) {
    const object = part(item)
    const name = text(part(object?.[ATTRIBUTES])?.['Name'] ?? object?.['@Name'] ?? object?.['Name'])
    const content = object === undefined ? item : (object['#text'] ?? object['Value'] ?? null)
    // evtx_dump writes several unnamed elements as one with a list of texts.
    for (const single of Array.isArray(content) ? content : [content])
      if (word(single) !== undefined) data[name ?? `param${++unnamed}`] = word(single)!
  }
  return data
}

function withoutMarks(element: JsonObject | undefined): JsonObject {
  const data: JsonObject = {}
  for (const [name, value] of Object.entries(element ?? {})) {
    if (name.startsWith('#') || name.startsWith('@') || name.endsWith('_attributes')) continue
    const scalar = word(part(value)?.['#text'] ?? value)
    if (scalar !== undefined && name !== '__proto__') data[name] = scalar
  }
  return data
}

const DATA_MAX = 256

type Get = (element: string) => string | undefined
type GetAttribute = (element: string, name: string) => string | undefined

function winlogOf(value: Get, attribute: GetAttribute, data: JsonObject, rendered: JsonObject = {}): JsonObject {
  const level = Number(value('Level') ?? 'x')
  const winlog: { [name: string]: JsonValue | undefined } = {
    channel: value('Channel'),
    computer_name: value('Computer'),
    event_id: value('EventID'),
    record_id: value('EventRecordID'),
    provider_name: attribute('Provider', 'Name'),
    provider_guid: attribute('Provider', 'Guid'),
    activity_id: attribute('Correlation', 'ActivityID'),
    keywords: rendered['keywords'] ?? value('Keywords'),
    level: rendered['level'] ?? LEVELS[level],
    opcode: rendered['opcode'] ?? value('Opcode'),
    task: rendered['task'] ?? value('Task'),
    version: number(value('Version')),
    time_created: attribute('TimeCreated', 'SystemTime'),
    process: objectOf({
      pid: number(attribute('Execution', 'ProcessID')),
      thread: objectOf({ id: number(attribute('Execution', 'ThreadID')) }),
    }),
    user: objectOf({ identifier: attribute('Security', 'UserID') }),
    event_data: data,
  }
  return { winlog: objectOf(winlog), ...(rendered['message'] !== undefined && { message: rendered['message'] }) }
}

function objectOf(values: { [name: string]: JsonValue | undefined }): JsonObject {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined)) as JsonObject
}

const number = (digits: string | undefined): number | undefined =>
  digits !== undefined && /^\d{1,10}$/.test(digits) ? Number(digits) : undefined

// --- XML ------------------------------------------------------------------------------------------------------------------

const TAG = /^(\/?)([A-Za-z_][\w.:-]{0,127})([^<>]{0,2048}?)(\/?)$/s
const ATTRIBUTE = /([A-Za-z_][\w.:-]{0,63})\s{0,8}=\s{0,8}(?:"([^"]{0,1024})"|'([^']{0,1024})')/g
const ELEMENTS_MAX = 1_024

/** One element of the record: who it is in, its text, its attributes. */
interface Element {
  path: string[]
  attributes: Map<string, string>
  text: string
}

/**
 * `<Event>…</Event>` as a record of Winlogbeat's shape; undefined where it is no such record. Each character is looked at a bounded number of
 * times; there is no document type and no entity but XML's own five.
 */
export function ofEventXml(xml: string): JsonObject | undefined {
  const elements = readElements(xml)
  if (elements === undefined) return undefined
  const system = new Map<string, Element>()
  const data: JsonObject = {}
  const rendered: JsonObject = {}
  const keywords: string[] = []
  let unnamed = 0
  for (const element of elements) {
    const [, area, name, leaf] = element.path
    if (area === 'System' && name !== undefined && leaf === undefined) system.set(name, element)
    else if (area === 'EventData' && name === 'Data') {
      const key = element.attributes.get('Name') ?? `param${++unnamed}`
      if (key !== '__proto__') data[key] = element.text
    } else if (area === 'UserData' && leaf !== undefined && leaf !== '__proto__') data[leaf] = element.text
    else if (area === 'RenderingInfo' && name === 'Keywords') {
      if (leaf === 'Keyword' && element.text !== '') keywords.push(element.text)
    } else if (area === 'RenderingInfo' && name !== undefined && RENDERED.has(name) && element.text !== '')
      rendered[name.toLowerCase()] = name === 'Level' ? element.text.toLowerCase() : element.text
  }
  if (!system.has('EventID') && !system.has('Channel')) return undefined
  if (keywords.length > 0) rendered['keywords'] = keywords
  const said = (value: string | undefined): string | undefined => (value === '' ? undefined : value)
  return winlogOf(
    (name) => said(system.get(name)?.text.trim()),
    (name, attribute) => said(system.get(name)?.attributes.get(attribute)),
    data,
    rendered,
  )
}

const RENDERED = new Set(['Message', 'Level', 'Task', 'Opcode'])

/** All elements in order of their ends; undefined where tags do not match or the root is not `Event`. */
function readElements(xml: string): Element[] | undefined {
  const done: Element[] = []
  const open: Element[] = []
  let at = 0
  while (done.length < ELEMENTS_MAX) {
    const start = xml.indexOf('<', at)
    if (start < 0) break
    const inside = open.at(-1)
    if (inside !== undefined) inside.text += unescapeXml(xml.slice(at, start))
    if (xml.startsWith('<![CDATA[', start)) {
      const end = xml.indexOf(']]>', start)
      if (end < 0) return undefined
      if (inside !== undefined) inside.text += xml.slice(start + 9, end)
      at = end + 3
      continue
    }
    const end = xml.indexOf('>', start)
    if (end < 0) return undefined
    at = end + 1
    if (xml[start + 1] === '?' || xml[start + 1] === '!') continue // a declaration or a remark
    const tag = TAG.exec(xml.slice(start + 1, end))
    if (tag === null) return undefined
    const [, closing, name, attributes, empty] = tag as unknown as [string, string, string, string, string]
    if (closing === '/') {
      const element = open.pop()
      if (element?.path.at(-1) !== name) return undefined
      done.push(element)
      if (open.length === 0) break
      continue
    }
    if (open.length === 0 && name !== 'Event') return undefined
    if (open.length >= DEPTH_MAX) return undefined
    const element: Element = { path: [...(inside?.path ?? []), name], attributes: attributesOf(attributes), text: '' }
    if (empty === '/') done.push(element)
    else open.push(element)
  }
  return open.length === 0 && done.length > 0 ? done : undefined
}

const DEPTH_MAX = 16

function attributesOf(text: string): Map<string, string> {
  const attributes = new Map<string, string>()
  if (text.trim() === '') return attributes
  for (const [, name, double, single] of text.matchAll(ATTRIBUTE))
    attributes.set(name!, unescapeXml(double ?? single ?? ''))
  return attributes
}
