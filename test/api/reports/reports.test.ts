import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { inflateSync } from 'node:zlib'
import * as fc from 'fast-check'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { incidentId } from '../../../api/incidents/grouping.ts'
import { raiseIncidents } from '../../../api/incidents/raise.ts'
import { dateLine } from '../../../api/reports/document.ts'
import { incidentFacts } from '../../../api/reports/facts.ts'
import { parseReportLayout, readReportLayout } from '../../../api/reports/layout.ts'
import { periodBefore } from '../../../api/reports/period-facts.ts'
import { keepPeriodReports } from '../../../api/reports/scheduled.ts'
import { stixBundle } from '../../../api/reports/stix.ts'
import { readLegal } from '../../../api/incidents/legal.ts'
import { readPlaybooks } from '../../../api/incidents/playbooks.ts'
import { readTargets } from '../../../api/incidents/service-clocks.ts'
import { parseRegistry } from '../../../model/registry.ts'
import { ROOT } from '../../../model/root.ts'
import { zoneOffset } from '../../../model/time-zone.ts'
import { readZip } from '../../../rule-import/zip.ts'
import { leafOf } from '../../../store/integrity/leaf.ts'
import { type Proof, faultOf } from '../../../store/integrity/proof.ts'
import { Units } from '../../../store/integrity/units.ts'
import { MarksFolder, entriesOf, keepUnits } from '../../../store/local/integrity.ts'
import { addToLedger } from '../../../store/local/ledger.ts'
import { getIncident } from '../../../store/local/incidents.ts'
import { type Observable, addObservables } from '../../../store/local/observables.ts'
import { dropBefore } from '../../store/sample.ts'
import { NOW, type World, alertOf, makeWorld } from '../world.ts'

const ID = incidentId('alert-so-y-te-3')
const LAYOUT = join(ROOT, 'registry', 'report-layout.yml')
const offset = zoneOffset('Asia/Ho_Chi_Minh')
const EVIL = `=HYPERLINK("http://evil.example";"x") <w:p>&amp; {{x}} \u0000\u0008\u202E\uFFFE ${'A'.repeat(300)}`

let world: World
let lead: Record<string, string>
beforeEach(async () => {
  world = await makeWorld()
  lead = await world.browser('truong-ca')
})
afterEach(() => world.close())

const get = (path: string, headers = lead) => world.app.inject({ url: `/api/v1${path}`, headers })
const change = (method: 'PATCH' | 'PUT', path: string, payload: object) =>
  world.app.inject({ method, url: `/api/v1/incidents/${ID}${path}`, headers: { ...lead, 'if-match': '*' }, payload })

/** Text of a PDF: what its pages show, glyphs turned back by the maps that its fonts carry, without spaces between words. */
function pdfText(bytes: Buffer): string {
  const raw = bytes.toString('latin1')
  const streams = [...raw.matchAll(/stream\r?\n/g)].flatMap(({ index, 0: { length } }) => {
    const start = index + length
    const end = raw.indexOf('endstream', start)
    try {
      return [inflateSync(bytes.subarray(start, end)).toString('latin1')]
    } catch {
      return []
    }
  })
  const hex = (text: string): string =>
    (text.match(/.{4}/g) ?? []).map((four) => String.fromCharCode(Number.parseInt(four, 16))).join('')
  // All faces of the family give a glyph of their subset its own number: the maps are tried in turn, the page says which is meant.
  const maps = streams
    .filter((text) => text.includes('beginbfrange'))
    .map((text) => {
      const map = new Map<number, string>()
      for (const [, from = '', , list = ''] of text.matchAll(/<([0-9a-f]{4})> <([0-9a-f]{4})> \[([^\]]*)\]/g)) {
        ;(list.match(/<[0-9a-f]+>/g) ?? []).forEach((glyph, i) =>
          map.set(Number.parseInt(from, 16) + i, hex(glyph.slice(1, -1))),
        )
      }
      return map
    })
  const pages = streams.filter((text) => /\bTJ\b/.test(text)).join('\n')
  return maps
    .map((map) =>
      [...pages.matchAll(/<([0-9a-f]+)>/g)]
        .map(([, glyphs = '']) =>
          (glyphs.match(/.{4}/g) ?? []).map((four) => map.get(Number.parseInt(four, 16)) ?? '').join(''),
        )
        .join(''),
    )
    .join('\n')
    .replaceAll(' ', '')
}

/** Texts of the body of a DOCX, each paragraph a line. */
function docxParts(bytes: Buffer): { document: string; text: string } {
  const document = readZip(bytes)
    .find(({ name }) => name === 'word/document.xml')!
    .read()
    .toString()
  const text = document.replaceAll('</w:p>', '\n').replaceAll(/<[^>]+>/g, '')
  return { document, text }
}

describe('of an incident', () => {
  beforeEach(async () => {
    await change('PATCH', '', { state: 'in_progress', assignee: 'phan-tich' })
    await change('PUT', '/legal', { serious: true, personalData: true, group: 'intrusion' })
  })

  test.each([
    [
      'vi',
      [
        'CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM',
        'Độc lập - Tự do - Hạnh phúc',
        'BÁO CÁO',
        'Hải Phòng, ngày 22 tháng 11 năm 2026',
        'Nơi nhận:',
        'GIÁM ĐỐC',
        'Xâm nhập, chiếm quyền',
        'Điều 31 khoản 2 điểm d',
      ],
    ],
    [
      'en',
      [
        'SOCIALIST REPUBLIC OF VIETNAM',
        'REPORT',
        'Hải Phòng, 22 November 2026',
        'Recipients:',
        'DIRECTOR',
        'Intrusion, takeover',
      ],
    ],
  ])('DOCX in %s has everything that the decree asks of a document, and what happened', async (lang, texts) => {
    const answer = await get(`/incidents/${ID}/report?format=docx&lang=${lang}`)
    expect([answer.statusCode, answer.headers['content-disposition']]).toEqual([
      200,
      'attachment; filename="su-co-1-v3.docx"',
    ])
    const { document, text } = docxParts(answer.rawPayload)
    for (const each of texts) expect(text).toContain(each)
    expect(text).toContain('Accepted password for root from 203.0.113.9')
    // What an observable is, in a cell of its own.
    expect(text).toMatch(lang === 'vi' ? /^địa chỉ$/m : /^address$/m)
    // A4, 20 20 30 20 mm in twentieths of a point.
    expect(document).toMatch(/<w:pgSz w:w="11906" w:h="16838"/)
    expect(document).toMatch(/<w:pgMar w:top="1134" w:right="1134" w:bottom="1134" w:left="1701"/)
    expect(document).toContain('<w:titlePg')
  })

  test('PDF has the same in a font of its own with Vietnamese letters', async () => {
    const answer = await get(`/incidents/${ID}/report?format=pdf`)
    expect(answer.headers['content-type']).toBe('application/pdf')
    expect(answer.rawPayload.subarray(0, 5).toString()).toBe('%PDF-')
    expect(answer.rawPayload.toString('latin1')).toMatch(/FontFile2/)
    expect(answer.rawPayload.toString('latin1')).toMatch(/\/BaseFont \/[A-Z]{6}\+Tinos-Bold\b/)
    const text = pdfText(answer.rawPayload)
    for (const each of [
      'CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM',
      'Độc lập - Tự do - Hạnh phúc',
      'Sở Y tế',
      'Điều 31 khoản 2 điểm d',
      'GIÁM ĐỐC',
    ]) {
      expect(text).toContain(each.replaceAll(' ', ''))
    }
  })

  test('the same log text that attacks spreadsheets, XML and readers is text in every form', async () => {
    const { rule } = alertOf('so-y-te', 70)
    const evil = alertOf('so-y-te', 70, {
      rule: { ...rule, title: EVIL },
      entities: [{ kind: 'host', value: EVIL }],
      evidence: [{ record: EVIL, seq: 70, '@timestamp': NOW, original: EVIL, rule: rule.id, proof: [] }],
    })
    await world.store.append({ from: 9, through: 70, events: [], alerts: [evil], deadLetters: [] })
    raiseIncidents(world.local, [evil], { criticality: () => 3, now: () => NOW })
    const path = `/incidents/${incidentId(evil.id)}/report?format=`
    const { document } = docxParts((await get(`${path}docx`)).rawPayload)
    expect(/[\u0000-\u0008\u202E\uFFFE]/.exec(document)).toBeNull()
    expect(document).toContain('&lt;w:p&gt;&amp;amp;')
    const csv = (await get(`${path}csv`)).body
    expect(csv).toMatch(/"'=HYPERLINK\(""http/)
    expect(csv).not.toMatch(/(^|,)"[=+@-]/m)
    expect((await get(`${path}pdf`)).statusCode).toBe(200)
    const bundle = (await get(`${path}stix`)).json()
    expect(bundle.objects.find(({ type }: { type: string }) => type === 'incident').name).toMatch(/^=HYPERLINK\("http/)
  })

  test('each that is handed out is an entry of the audit with its hash, and none of the incident’s own history', async () => {
    const before = (await get(`/incidents/${ID}`)).json().history.length
    const answer = await get(`/incidents/${ID}/report?format=csv`)
    const sha256 = createHash('sha256').update(answer.rawPayload).digest('hex')
    expect(answer.headers['etag']).toBe(`"${sha256}"`)
    const audit = (await get('/audit?code=report_made')).json().items
    expect(audit).toMatchObject([
      { actor: 'truong-ca', subject: { kind: 'report', id: ID }, params: { format: 'csv', sha256, version: 3 } },
    ])
    expect((await get(`/incidents/${ID}`)).json().history).toHaveLength(before)
  })

  test('who may not see it gets nothing', async () => {
    const other = await world.as('agency_viewer', ['so-gtvt'])
    for (const what of ['report?format=pdf', 'evidence']) {
      expect([403, 404]).toContain((await get(`/incidents/${ID}/${what}`, other)).statusCode)
    }
    expect((await get(`/incidents/${ID}/report?format=exe`)).statusCode).toBe(400)
  })
})

describe('STIX 2.1', () => {
  /** Properties that the specification requires, beside type and id; §4, §5, §6. */
  const REQUIRED: Record<string, string[]> = {
    identity: ['spec_version', 'created', 'modified', 'name'],
    incident: ['spec_version', 'created', 'modified', 'name'],
    indicator: ['spec_version', 'created', 'modified', 'pattern', 'pattern_type', 'valid_from'],
    'observed-data': [
      'spec_version',
      'created',
      'modified',
      'first_observed',
      'last_observed',
      'number_observed',
      'object_refs',
    ],
    sighting: ['spec_version', 'created', 'modified', 'sighting_of_ref'],
    relationship: ['spec_version', 'created', 'modified', 'relationship_type', 'source_ref', 'target_ref'],
    'attack-pattern': ['spec_version', 'created', 'modified', 'name'],
    'marking-definition': ['spec_version', 'created', 'definition_type', 'definition'],
    'ipv4-addr': ['value'],
    'ipv6-addr': ['value'],
    'domain-name': ['value'],
    url: ['value'],
    'email-addr': ['value'],
    'user-account': ['account_login'],
    file: ['hashes'],
  }
  const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[1-5][0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/
  const TIME = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z$/

  beforeEach(() =>
    addObservables(
      world.local,
      ID,
      (
        [
          { kind: 'ip', value: '10.1.2.3' },
          { kind: 'ip', value: '198.51.100.7' },
          { kind: 'ip', value: '8.8.8.8' },
          { kind: 'ip', value: '2606:4700::1111' },
          { kind: 'url', value: "http://evil.example/a'b\\c" },
          { kind: 'sha256', value: 'ab'.repeat(32) },
          { kind: 'user', value: 'root' },
          { kind: 'email', value: 'a@evil.example' },
        ] satisfies Observable[]
      ).map((one) => ({ ...one, firstAt: NOW, lastAt: NOW })),
    ),
  )

  test('every object has what the specification requires, and every reference leads to an object of the bundle', async () => {
    const answer = await get(`/incidents/${ID}/report?format=stix`)
    expect(answer.headers['content-type']).toBe('application/stix+json;version=2.1')
    const bundle = answer.json<ReturnType<typeof stixBundle>>()
    expect([bundle.type, Object.keys(bundle).sort()]).toEqual(['bundle', ['id', 'objects', 'type']])
    const ids = new Set(bundle.objects.map(({ id }) => id))
    expect(ids.size).toBe(bundle.objects.length)
    for (const object of bundle.objects) {
      expect([object.type, Object.keys(REQUIRED)]).toEqual([object.type, expect.arrayContaining([object.type])])
      for (const name of REQUIRED[object.type]!)
        expect([object.id, name, object[name] !== undefined]).toEqual([object.id, name, true])
      const [type, uuid = ''] = object.id.split('--')
      expect([type, UUID.test(uuid)]).toEqual([object.type, true])
      for (const [name, value] of Object.entries(object)) {
        if (/_refs?$/.test(name))
          for (const ref of [value].flat()) expect([name, ids.has(ref as string)]).toEqual([name, true])
        if (/^(created|modified|valid_from|first_|last_)/.test(name) && !name.includes('ref'))
          expect(value).toMatch(TIME)
      }
      if ('modified' in object) expect(String(object['modified']) >= String(object['created'])).toBe(true)
    }
    const types = new Set(bundle.objects.map(({ type }) => type))
    for (const type of ['incident', 'observed-data', 'indicator', 'sighting', 'identity']) expect(types).toContain(type)
    expect(JSON.stringify(bundle)).not.toContain('Accepted password')
  })

  test('what is private, ours or a person is no indicator; a pattern cannot be broken out of', async () => {
    const { objects } = (await get(`/incidents/${ID}/report?format=stix`)).json<ReturnType<typeof stixBundle>>()
    const patterns = objects.filter(({ type }) => type === 'indicator').map(({ pattern }) => pattern as string)
    expect(new Set(patterns)).toEqual(
      new Set([
        "[email-addr:value = 'a@evil.example']",
        `[file:hashes.'SHA-256' = '${'ab'.repeat(32)}']`,
        "[ipv4-addr:value = '8.8.8.8']",
        "[ipv6-addr:value = '2606:4700::1111']",
        "[url:value = 'http://evil.example/a\\'b\\\\c']",
      ]),
    )
  })

  test('the same state gives the same bundle; an observable has the id that others give it (§2.9)', async () => {
    const [one, two] = [
      await get(`/incidents/${ID}/report?format=stix`),
      await get(`/incidents/${ID}/report?format=stix`),
    ]
    expect(one.body).toBe(two.body)
    const { objects } = one.json<ReturnType<typeof stixBundle>>()
    // As OASIS' own library (stix2 3.0.1) makes them.
    expect(objects.find(({ value }) => value === '198.51.100.7')?.id).toBe(
      'ipv4-addr--12592121-be4c-5a93-a813-5a5af16e50db',
    )
  })
})

describe('of a period', () => {
  const period = '/reports/period?from=2026-11-16&to=2026-11-30'

  test('counts, times, rules, sources and the end of every record, over what the asker sees', async () => {
    await change('PATCH', '', { state: 'in_progress' })
    world.advance(600_000)
    await change('PATCH', '', { state: 'resolved', verdict: 'false_positive' })
    const count = { hour: '2026-11-20T08', bundle: 'b', what: 'evaluated', sources: '{}' }
    addToLedger(
      world.local,
      { spool: 's', from: 1, through: 12 },
      [
        { ...count, agency: 'so-y-te', records: 5 },
        { ...count, agency: 'so-gtvt', records: 4 },
        { ...count, agency: 'so-gtvt', what: 'dead:bad_json', records: 3 },
        { ...count, agency: 'so-gtvt', hour: '2026-11-30T08', records: 0 },
      ],
      () => [],
    )
    const csv = async (headers = lead): Promise<string[]> =>
      (await get(`${period}&format=csv`, headers)).body.replaceAll('"', '').split('\r\n')
    const all = await csv()
    expect(all).toEqual(
      expect.arrayContaining([
        'summary,,opened,2',
        'summary,,open_now,1',
        'level,high,opened,2',
        'verdict,false_positive,incidents,1',
        'clock,,resolve_n,1',
        'clock,,resolve_median_s,600',
        'clock,,resolve_in_time,1',
        'agency,so-y-te Sở Y tế,opened,1',
        'sources,so-gtvt,total,1',
        'completeness,evaluated,records,9',
        'completeness,dead:bad_json,records,3',
        'completeness,,positions,12',
        'completeness,,counted,12',
      ]),
    )
    const one = await csv(await world.as('agency_viewer', ['so-y-te']))
    expect(one).toEqual(expect.arrayContaining(['summary,,opened,1', 'completeness,evaluated,records,5']))
    expect(one.join()).not.toMatch(/so-gtvt|positions|bad_json/)
  })

  test('a gap in the ledger is said in so many words', async () => {
    const count = {
      hour: '2026-11-20T08',
      bundle: 'b',
      agency: 'so-y-te',
      what: 'evaluated',
      sources: '{}',
      records: 5,
    }
    addToLedger(world.local, { spool: 's', from: 1, through: 7 }, [count], () => [])
    const { text } = docxParts((await get(`${period}&format=docx`)).rawPayload)
    expect(text).toContain('CẢNH BÁO: 7 vị trí nhật ký đã xử lý nhưng 5 có kết cục: 2 vị trí chưa rõ')
    expect(text).not.toContain('không bản ghi nào bị mất')
  })

  test.each([
    ['week', '2026-11-28T10:00:00+07:00', { from: '2026-11-16', to: '2026-11-23' }],
    ['week', '2026-11-30T00:30:00+07:00', { from: '2026-11-23', to: '2026-11-30' }],
    ['month', '2026-12-01T00:30:00+07:00', { from: '2026-11-01', to: '2026-12-01' }],
    ['month', '2027-01-15T00:00:00+07:00', { from: '2026-12-01', to: '2027-01-01' }],
  ] as const)('the last whole %s before %s', (kind, now, expected) =>
    expect(periodBefore(kind, offset, Date.parse(now))).toEqual(expected),
  )

  test.each([
    'from=2026-11-16',
    'from=2026-11-16&to=2026-11-16',
    'from=2020-01-01&to=2026-01-01',
    'from=2026-02-31&to=2026-03-05',
  ])('%s is refused', async (days) => expect((await get(`/reports/period?format=csv&${days}`)).statusCode).toBe(400))

  test('is made by itself once, kept, and handed out to who sees all agencies', async () => {
    const nowMs = Date.parse('2026-11-23T00:00:00Z')
    const registry = parseRegistry(readFileSync(join(ROOT, 'registry', 'hai-duong.yml'), 'utf8'), 'x.yml')
    const sources = {
      store: world.store,
      local: world.local,
      registry: () => registry,
      playbooks: () => readPlaybooks(join(ROOT, 'playbooks')),
      legal: () => readLegal(join(ROOT, 'legal')),
      targets: () => readTargets(join(ROOT, 'registry', 'service-targets.yml')),
      reportLayout: () => readReportLayout(LAYOUT),
      clock: () => nowMs,
    }
    const folder = join(world.folder, 'reports')
    expect(await keepPeriodReports(sources, folder, 'week')).toHaveLength(6)
    expect(await keepPeriodReports(sources, folder, 'week')).toEqual([])
    const { items } = (await get('/reports')).json()
    expect(items).toHaveLength(6)
    const csv = items.find(({ format, language }: Record<string, string>) => format === 'csv' && language === 'vi')
    expect(csv).toMatchObject({ period: 'week', from: '2026-11-16', to: '2026-11-23' })
    const file = await get(`/reports/${csv.id}/file`)
    expect(createHash('sha256').update(file.rawPayload).digest('hex')).toBe(csv.sha256)
    expect(file.body).toContain('"summary","","opened","2"')
    const narrow = await world.as('lead', ['so-y-te'])
    expect((await get('/reports', narrow)).json()).toEqual({ items: [] })
    expect((await get(`/reports/${csv.id}/file`, narrow)).statusCode).toBe(404)

    const later = { ...sources, clock: () => nowMs + 1_200 * 86_400_000 }
    await keepPeriodReports(later, folder, 'month')
    expect((await get('/reports')).json().items.map(({ period }: { period: string }) => period)).toEqual(
      Array(6).fill('month'),
    )
    expect((await get(`/reports/${csv.id}/file`)).statusCode).toBe(404)
  })
})

test.each([
  ['vi', '2026-02-05', 'Hải Phòng, ngày 05 tháng 02 năm 2026'],
  ['vi', '2026-03-15', 'Hải Phòng, ngày 15 tháng 3 năm 2026'],
  ['en', '2026-02-05', 'Hải Phòng, 5 February 2026'],
] as const)('%s %s: %s', (language, day, expected) => expect(dateLine(language, 'Hải Phòng', day)).toBe(expected))

test.each([
  ['a margin that is none', (text: string) => text.replace('top: 20', 'top: 2'), '/page/top'],
  ['no name', (text: string) => text.replace(/^agency:.*$/m, ''), 'agency'],
  ['a schedule that is none', (text: string) => text.replace('30 6 * * 1', 'soon'), "'soon' is no schedule"],
])('a layout with %s is refused', (_name, change, message) =>
  expect(() => parseReportLayout(change(readFileSync(LAYOUT, 'utf8')), 'layout.yml')).toThrow(message),
)

describe('an evidence pack', () => {
  const pack = async (headers = lead) => {
    const answer = await get(`/incidents/${ID}/evidence`, headers)
    expect(answer.statusCode, answer.body.slice(0, 300)).toBe(200)
    return { answer, files: new Map(readZip(answer.rawPayload).map((file) => [file.name, file.read()])) }
  }
  const attach = (name: string, payload: Buffer) =>
    world.app.inject({
      method: 'POST',
      url: `/api/v1/incidents/${ID}/attachments?name=${encodeURIComponent(name)}`,
      headers: lead,
      payload,
    })
  const rows = (file: Buffer | undefined): Record<string, unknown>[] =>
    (file ?? Buffer.from(''))
      .toString()
      .split('\n')
      .filter(Boolean)
      .map((line) => JSON.parse(line) as Record<string, unknown>)
  const sha256 = (bytes: Buffer | string): string => createHash('sha256').update(bytes).digest('hex')

  test('every file is as the sums and the manifest say, and every raw record as its hash', async () => {
    await attach('mẫu.exe', Buffer.from('MZ…'))
    const { answer, files } = await pack()
    const sums = files
      .get('SHA256SUMS')!
      .toString()
      .trim()
      .split('\n')
      .map((line) => line.split('  ') as [string, string])
    expect(sums.map(([, name]) => name).sort()).toEqual(
      [...files.keys()].filter((name) => name !== 'SHA256SUMS').sort(),
    )
    for (const [sum, name] of sums) expect([name, sha256(files.get(name)!)]).toEqual([name, sum])
    const manifest = JSON.parse(files.get('manifest.json')!.toString())
    for (const { name, bytes, sha256: sum } of manifest.files) {
      expect([name, files.get(name)!.length, sha256(files.get(name)!)]).toEqual([name, bytes, sum])
    }
    const records = rows(files.get('records.ndjson'))
    expect(records.map(({ record }) => record)).toEqual(['so-y-te-3', 'so-y-te-5'])
    for (const { original, encoding, sha256: sum } of records) {
      expect(sha256(Buffer.from(String(original), encoding as BufferEncoding))).toBe(sum)
    }
    const audit = (await get('/audit?code=evidence_exported')).json().items
    expect(audit).toMatchObject([
      { subject: { kind: 'report', id: ID }, params: { sha256: sha256(answer.rawPayload) } },
    ])
    for (const name of ['README.txt', 'HUONG-DAN.txt'])
      expect(files.get(name)!.toString()).toContain('sha256sum -c SHA256SUMS')
  })

  test('the same state is the same bytes; a change is others', async () => {
    const [one, two] = [await pack(), await pack()]
    expect(one.answer.rawPayload.equals(two.answer.rawPayload)).toBe(true)
    await change('PATCH', '', { state: 'in_progress' })
    expect((await pack()).answer.rawPayload.equals(one.answer.rawPayload)).toBe(false)
  })

  test('the part of the history can be made again hash by hash, as the text in the pack says', async () => {
    await change('PATCH', '', { state: 'in_progress' })
    const links = rows((await pack()).files.get('history.ndjson'))
    expect(links.length).toBeGreaterThanOrEqual(2)
    const again = (link: Record<string, unknown>): string =>
      sha256(
        JSON.stringify(
          ['previous', 'id', 'at', 'actor', 'subject_kind', 'subject_id', 'code', 'params', 'before', 'after'].map(
            (name) => link[name],
          ),
        ),
      )
    for (const link of links) expect(again(link)).toBe(link['hash'])
    expect(again({ ...links[1], actor: 'ai-khac' })).not.toBe(links[1]!['hash'])
  })

  test('names of files are ours, whatever their senders called them', async () => {
    for (const name of ['..\\..\\x.exe', '/etc/passwd', 'a\u0000b', 'CON', '=cmd|x'])
      await attach(name, Buffer.from(name))
    const names = [...(await pack()).files.keys()]
    expect(names.filter((name) => name.startsWith('attachments/'))).toHaveLength(5)
    for (const name of names)
      expect(name).toMatch(/^(attachments\/\d{3}-[0-9a-f]{16}\.bin|[A-Za-z0-9-]+\.(ndjson|json|txt)|SHA256SUMS)$/)
  })

  test('who sees one agency gets no place in the whole history, and the pack says so', async () => {
    const { files } = await pack(await world.as('analyst', ['so-y-te']))
    expect(rows(files.get('history.ndjson'))[0]).not.toHaveProperty('id')
    expect(JSON.parse(files.get('manifest.json')!.toString()).history).toContain('without their place in the chain')
  })

  test('that its records stood in the log is proved, or the pack says why not; to who sees all agencies', async () => {
    const unproved = rows((await pack()).files.get('proofs.ndjson'))
    expect(unproved).toEqual(
      ['so-y-te-3', 'so-y-te-5'].map((record) => ({ record, unproved: 'not_complete' })), // the hour it came in is not over
    )
    const units = new Units('so-y-te', [])
    for (const each of await world.store.stored({ day: '2026-11-22', from: 1, through: 5, limit: 9 })) {
      if (each.spool === 'so-y-te') units.add(each.seq, each.receivedAt, each.level, leafOf(each))
    }
    units.advance('2026-11-23T00:00:00.000Z')
    const marks = new MarksFolder(join(world.folder, 'integrity'))
    keepUnits(
      world.local,
      units.take().map((unit) => marks.append(unit)),
      [],
    )
    const { files } = await pack()
    const proofs = rows(files.get('proofs.ndjson')) as unknown as Proof[]
    const key = entriesOf(world.local, 'key')[0]!.key
    expect(proofs.map((proof) => [proof.evidence.record, faultOf(proof, key)])).toEqual([
      ['so-y-te-3', null],
      ['so-y-te-5', null],
    ])
    expect(JSON.parse(files.get('manifest.json')!.toString()).inclusionProofs).toContain('2 of 2 records')
    const narrow = await pack(await world.as('analyst', ['so-y-te']))
    expect(narrow.files.has('proofs.ndjson')).toBe(false)
    expect(JSON.parse(narrow.files.get('manifest.json')!.toString()).inclusionProofs).toContain('none')
  })

  test('what is past its retention is quoted by its alert, and the pack says so', async () => {
    await dropBefore(world.store, '2026-11-29')
    const { files } = await pack()
    expect(rows(files.get('events.ndjson'))).toEqual([])
    expect(rows(files.get('records.ndjson'))).toMatchObject([{ from: 'alert' }, { from: 'alert' }])
    expect(JSON.parse(files.get('manifest.json')!.toString()).incomplete.join()).toContain('past their retention')
  })
})

test('whatever the log said, facts of an incident become a bundle', async () => {
  const { incident } = getIncident(world.local, ID, 'all')!
  const registry = parseRegistry(readFileSync(join(ROOT, 'registry', 'hai-duong.yml'), 'utf8'), 'x.yml')
  const facts = await incidentFacts(
    {
      store: world.store,
      local: world.local,
      registry: () => registry,
      playbooks: () => [],
      legal: () => [],
      targets: () => readTargets(join(ROOT, 'registry', 'service-targets.yml')),
      clock: () => Date.parse(NOW),
    },
    incident,
    'all',
    10,
  )
  const kinds = ['host', 'user', 'ip', 'url', 'email', 'sha256', 'sha1', 'md5'] as const
  fc.assert(
    fc.property(fc.constantFrom(...kinds), fc.string({ unit: 'binary', minLength: 1 }), (kind, value) => {
      const { objects } = stixBundle({ ...facts, observables: [{ kind, value, firstAt: NOW, lastAt: NOW }] })
      const whole = /^\[[a-z0-9-]+:[A-Za-z0-9.'-]+ = '(?:[^'\\]|\\[\\'])*'\]$/s
      const patterns = objects.flatMap(({ pattern }) => (typeof pattern === 'string' ? [pattern] : []))
      expect(patterns.filter((pattern) => !whole.test(pattern))).toEqual([])
    }),
  )
})
