import { createHash } from 'node:crypto'
import { crc32 } from 'node:zlib'
import type { EcsEvent } from '../../model/event.ts'
import { contentOf } from '../../store/local/attachments.ts'
import { type Comment, commentsOf, linksOf } from '../../store/local/collaboration.ts'
import { reportsOf } from '../../store/local/deadlines.ts'
import { chainLinksOf } from '../../store/local/history.ts'
import { type Proof, type Unproved, placeOf, prover } from '../../store/integrity/proof.ts'
import type { Scope } from '../../store/store.ts'
import { type IncidentFacts, incidentFacts } from '../reports/facts.ts'
import type { Services } from '../services.ts'
import type { Incident } from '../../model/incident.ts'
import { type ZipFile, textFile } from './zip.ts'

const ALERTS_MAX = 2_000
const EVENTS_AT_ONCE = 200
const COMMENTS_MAX = 10_000

type Sources = Parameters<typeof incidentFacts>[0] & Pick<Services, 'attachmentsFolder' | 'integrityFolder' | 'clock'>

/** One raw record that the incident rests on. */
interface RawRecord {
  record: string
  '@timestamp': string
  /** SHA-256 of the raw bytes, lower-case hex. */
  sha256: string
  bytes: number
  encoding: 'utf8' | 'base64'
  original: string
  /** `event`: read from the event store; `alert`: as the alert quotes it, because the event is past its retention. */
  from: 'event' | 'alert'
}

/**
 * The files of an evidence pack: everything an incident rests on, with hashes, and how to check them without this product. The same
 * state of the incident gives the same files.
 */
export async function evidencePack(sources: Sources, incident: Incident, scope: Scope): Promise<ZipFile[]> {
  const { local, attachmentsFolder } = sources
  const facts = await incidentFacts(sources, incident, scope, ALERTS_MAX)
  const { alerts, attachments, observables, tasks, moreAlerts, history } = facts
  const events = await eventsOf(sources, facts, scope)
  const records = recordsOf(facts, events)
  // A place in the whole history is nobody's business who does not see all of it.
  const chain = scope === 'all' ? chainLinksOf(local, { kind: 'incident', id: incident.id }) : null
  const proofs = scope === 'all' ? await proofsOf(sources, events) : null
  const proved = (proofs ?? []).filter((proof) => !('unproved' in proof)).length
  const files: ZipFile[] = [
    textFile(
      'incident.json',
      json({ ...incident, reports: reportsOf(local, incident.id), links: linksFor(sources, incident, scope) }),
    ),
    textFile('alerts.ndjson', lines(alerts)),
    textFile('events.ndjson', lines(events)),
    textFile('records.ndjson', lines(records)),
    ...(proofs === null ? [] : [textFile('proofs.ndjson', lines(proofs))]),
    textFile('observables.ndjson', lines(observables)),
    textFile('tasks.ndjson', lines(tasks)),
    textFile('comments.ndjson', lines(comments(sources, incident.id))),
    textFile('history.ndjson', lines(chain ?? history)),
    textFile('attachments.ndjson', lines(attachments.map((file) => ({ ...file, file: attachmentName(file) })))),
  ]
  const missing: string[] = []
  for (const attachment of attachments) {
    const file = await attachmentFile(attachmentsFolder, attachment)
    if (file === null) missing.push(attachment.sha256)
    else files.push(file)
  }
  const hashed = await Promise.all(files.map(async (file) => ({ file, sha256: await sha256Of(file) })))
  const manifest = {
    format: 1,
    product: 'Vọng Gác',
    incident: {
      id: incident.id,
      number: incident.number,
      version: incident.version,
      agency: incident.agency,
      updatedAt: incident.updatedAt,
    },
    files: hashed.map(({ file: { name, bytes }, sha256 }) => ({ name, bytes, sha256 })),
    counts: {
      alerts: alerts.length,
      alertsOfIncident: incident.alertCount,
      events: events.length,
      records: records.length,
      proofs: proved,
    },
    incomplete: [
      ...(moreAlerts ? ['alerts: the newest only'] : []),
      ...(alerts.length < incident.alertCount && !moreAlerts ? ['alerts: some are past their retention'] : []),
      ...(records.some(({ from }) => from === 'alert')
        ? ['records: some are quoted by alerts; the events are past their retention']
        : []),
      ...missing.map((sha256) => `attachment ${sha256}: its file is gone`),
    ],
    history:
      chain === null
        ? 'entries without their place in the chain: whoever asked does not see all agencies'
        : 'links of the chain',
    inclusionProofs:
      proofs === null
        ? 'none: they tell places in the log, and whoever asked does not see all agencies'
        : `${proved} of ${records.length} records; proofs.ndjson says why the others have none`,
  }
  const texts = [
    textFile('manifest.json', json(manifest)),
    textFile('README.txt', README),
    textFile('HUONG-DAN.txt', GUIDE),
  ]
  const sums = [...hashed, ...(await Promise.all(texts.map(async (file) => ({ file, sha256: await sha256Of(file) }))))]
  return [
    ...texts,
    textFile('SHA256SUMS', sums.map(({ file: { name }, sha256 }) => `${sha256}  ${name}\n`).join('')),
    ...files,
  ]
}

function linksFor({ local }: Sources, { id }: Incident, scope: Scope): object[] {
  return scope === 'all' ? linksOf(local, id) : []
}

function comments({ local }: Sources, incidentId: string): Comment[] {
  return commentsOf(local, incidentId, { limit: COMMENTS_MAX })
}

/** Events of the evidence that are still kept, by position. */
async function eventsOf({ store }: Sources, { alerts }: IncidentFacts, scope: Scope): Promise<EcsEvent[]> {
  const ids = [...new Set(alerts.flatMap(({ evidence }) => evidence.map(({ record }) => record)))].sort()
  const events: EcsEvent[] = []
  for (let at = 0; at < ids.length; at += EVENTS_AT_ONCE) {
    events.push(...(await store.getEvents(ids.slice(at, at + EVENTS_AT_ONCE), scope)))
  }
  return events.sort((a, b) => a['soc.seq'] - b['soc.seq'])
}

/** That each event stood in the log, or why that cannot be proved (yet). */
async function proofsOf(
  { store, local, integrityFolder, clock }: Sources,
  events: readonly EcsEvent[],
): Promise<(Proof | { record: string; unproved: Unproved })[]> {
  const prove = prover(store, local, integrityFolder, new Date(clock()).toISOString())
  const proofs = []
  for (const event of events) {
    const proof = await prove(placeOf(event))
    proofs.push(typeof proof === 'string' ? { record: event['soc.record'], unproved: proof } : proof)
  }
  return proofs
}

function recordsOf({ alerts }: IncidentFacts, events: readonly EcsEvent[]): RawRecord[] {
  const records = new Map<string, RawRecord>()
  for (const event of events) {
    const encoding = event['soc.original_encoding'] === 'base64' ? 'base64' : 'utf8'
    const original = event['event.original']
    const raw = Buffer.from(original, encoding)
    records.set(event['soc.record'], {
      record: event['soc.record'],
      '@timestamp': event['@timestamp'],
      sha256: sha256(raw),
      bytes: raw.length,
      encoding,
      original,
      from: 'event',
    })
  }
  for (const { record, original, '@timestamp': at } of alerts.flatMap(({ evidence }) => evidence)) {
    if (records.has(record)) continue
    const raw = Buffer.from(original)
    records.set(record, {
      record,
      '@timestamp': at,
      sha256: sha256(raw),
      bytes: raw.length,
      encoding: 'utf8',
      original,
      from: 'alert',
    })
  }
  return [...records.values()]
}

/** By number and hash: what its sender called it stands in attachments.ndjson alone. */
function attachmentName({ id, sha256: hash }: { id: number; sha256: string }): string {
  return `attachments/${String(id).padStart(3, '0')}-${hash.slice(0, 16)}.bin`
}

/** Read once to be counted and hashed, and once more when it is packed. */
async function attachmentFile(folder: string, attachment: { id: number; sha256: string }): Promise<ZipFile | null> {
  const stream = contentOf(folder, attachment.sha256)
  if (stream === null) return null
  let [bytes, crc] = [0, 0]
  for await (const chunk of stream as AsyncIterable<Buffer>) {
    bytes += chunk.length
    crc = crc32(chunk, crc)
  }
  const again = (): AsyncIterable<Buffer> => contentOf(folder, attachment.sha256) as AsyncIterable<Buffer>
  return { name: attachmentName(attachment), bytes, crc, content: again }
}

async function sha256Of(file: ZipFile): Promise<string> {
  const hash = createHash('sha256')
  for await (const chunk of file.content()) hash.update(chunk)
  return hash.digest('hex')
}

function sha256(bytes: Buffer): string {
  return createHash('sha256').update(bytes).digest('hex')
}

function json(value: unknown): string {
  return `${JSON.stringify(value, null, 2)}\n`
}

function lines(values: readonly unknown[]): string {
  return values.map((value) => `${JSON.stringify(value)}\n`).join('')
}

const README = `Evidence pack of an incident, made by Vọng Gác. HUONG-DAN.txt says the same in Vietnamese.

manifest.json        what is here, of which version of the incident, and what is missing and why
incident.json        the incident, the legal reports that went out, its links
alerts.ndjson        alerts with their proof: the predicates that held and where they stand in the raw line
events.ndjson        the events that the alerts rest on
records.ndjson       their raw records, verbatim, each with its SHA-256
proofs.ndjson        for each of them, that it stood in the log when it came, or why that is not proved (only for who sees all agencies)
observables.ndjson, tasks.ndjson, comments.ndjson, attachments.ndjson
attachments/         files, named by number and hash; attachments.ndjson has the names they came with. They may be what the
                     attacker used: do not open them
history.ndjson       who did what, when

TO CHECK IT, without this product:

1. Every file:           sha256sum -c SHA256SUMS
   The pack itself:      the product's history has the SHA-256 of the archive it handed out (code evidence_exported, in /api/v1/audit).
2. Every raw record:     for each line of records.ndjson take "original" (as UTF-8, or decoded where "encoding" is base64): its SHA-256 is
                         "sha256", its length "bytes".
3. The history:          where lines have "hash" and "previous", hash is the SHA-256 (hex) of the JSON text, without spaces, of
                         [previous, id, at, actor, subject_kind, subject_id, code, params, before, after]
                         with params, before and after as the texts (or null) that stand there. That a link belongs to the whole chain is
                         checked with the product: soc audit verify --head ID:HASH.
4. That a record is old: each line of proofs.ndjson leads from the raw record to a root, and from the root to a signed end of the chain.
                         A line, saved as a file, is held against a public key that was kept elsewhere: soc verify --proof FILE.
                         "unproved" says why there is none: not_complete (the hour it came in is not over), not_intact, before_the_chain.
5. An alert:             in alerts.ndjson every "span" [start, end) of a proof (UTF-16 units) marks "matched" in the record's original.
`

const GUIDE = `Gói chứng cứ điện tử của một sự cố, do Vọng Gác lập. README.txt là bản tiếng Anh.

manifest.json        trong gói có gì, của phiên bản nào của sự cố, thiếu gì và vì sao
incident.json        sự cố, các báo cáo theo luật đã gửi, liên kết
alerts.ndjson        cảnh báo kèm căn cứ: điều kiện nào đã đúng, nằm ở đâu trong dòng nhật ký gốc
events.ndjson        các sự kiện mà cảnh báo dựa vào
records.ndjson       bản ghi gốc nguyên văn, mỗi bản ghi kèm SHA-256
proofs.ndjson        với mỗi bản ghi: bằng chứng nó đã nằm trong nhật ký lúc nhận, hoặc vì sao chưa có (chỉ khi người lấy xem mọi cơ quan)
observables.ndjson, tasks.ndjson, comments.ndjson, attachments.ndjson
attachments/         các tệp, đặt tên theo số thứ tự và mã băm; tên ban đầu ở attachments.ndjson. Có thể là công cụ của kẻ
                     tấn công: không mở
history.ndjson       ai làm gì, lúc nào

CÁCH KIỂM TRA, không cần phần mềm này:

1. Mọi tệp:              sha256sum -c SHA256SUMS
   Bản thân gói:         lịch sử của hệ thống giữ SHA-256 của tệp nén đã giao (mã evidence_exported, /api/v1/audit).
2. Mỗi bản ghi gốc:      với từng dòng của records.ndjson, lấy "original" (UTF-8, hoặc giải mã nếu "encoding" là base64): SHA-256 phải bằng
                         "sha256", độ dài phải bằng "bytes".
3. Lịch sử:              dòng nào có "hash" và "previous" thì hash là SHA-256 (hex) của chuỗi JSON, không dấu cách,
                         [previous, id, at, actor, subject_kind, subject_id, code, params, before, after]
                         với params, before, after là nguyên chuỗi (hoặc null) ghi ở đó. Mắt xích có thuộc cả chuỗi hay không thì kiểm tra
                         bằng hệ thống: soc audit verify --head ID:HASH.
4. Bản ghi có từ trước:  mỗi dòng của proofs.ndjson dẫn từ bản ghi gốc tới gốc Merkle, rồi tới một đầu chuỗi đã ký. Lưu một dòng thành tệp
                         và đối chiếu với khóa công khai giữ ở nơi khác: soc verify --proof TỆP. "unproved" nói vì sao chưa có:
                         not_complete (giờ nhận chưa hết), not_intact, before_the_chain.
5. Cảnh báo:             trong alerts.ndjson, mỗi "span" [đầu, cuối) (đơn vị UTF-16) chỉ đúng đoạn "matched" trong bản ghi gốc.
`
