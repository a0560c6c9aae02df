import { createReadStream, existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { parseArgs } from 'node:util'
import { Spool } from '../collector/spool/spool.ts'
import { type Config, loadConfig } from '../config.ts'
import { openEventStore } from '../pipeline/event-store.ts'
import { openExisting, productUrl, withLocalTokens } from '../product/local-access.ts'
import type { Command } from '../soc.ts'
import { type Break, readChain } from '../store/integrity/chain.ts'
import type { Link } from '../store/integrity/entry.ts'
import { publicFromPem } from '../store/integrity/keys.ts'
import { faultOf, type Proof } from '../store/integrity/proof.ts'
import { type DayReport, verifyDay } from '../store/integrity/verify.ts'
import { dayEvidence, MarksFolder } from '../store/local/integrity.ts'

const usage = `soc verify --day 2026-11-27 [--key PUBLIC.pem] [--json]    mọi dòng gốc của ngày ấy, đối với chuỗi đã ký · every raw line of that day against the signed chain
soc verify --event RECORD > proof.json                     bằng chứng của một sự kiện, đứng được không cần hệ thống này · a proof of one event, which holds without this product
soc verify --proof proof.json --key PUBLIC.pem [--json]    đối bằng chứng ấy với khóa công khai; không cần gì khác · holds such a proof against a public key; needs nothing else
soc verify --chain chain.ndjson --key PUBLIC.pem [--json]  cũng vậy với chuỗi đã xuất · the same for a chain that was exported (soc integrity export)

0: nguyên vẹn · intact · 1: không nguyên vẹn · not intact · 2: hỏi sai hoặc không đọc được · not asked rightly, or could not be read
`

const WORDS: Record<Break['what'], string> = {
  chain_altered: 'chuỗi bị sửa · chain altered',
  bad_signature: 'chữ ký sai · bad signature',
  unknown_key: 'khóa ký không được tin · a key nobody vouches for',
  file_changed: 'tệp bị sửa · file changed',
  file_missing: 'mất tệp · file missing',
  unreadable: 'không đọc được · unreadable',
  changed: 'bản ghi bị sửa · record changed',
  missing: 'mất bản ghi · record missing',
  inserted: 'bản ghi bị chèn · record inserted',
  doubled: 'bản ghi lặp · record doubled',
}

async function run(argv: string[]): Promise<number | null> {
  const { values } = parseArgs({
    args: argv,
    options: {
      day: { type: 'string' },
      event: { type: 'string' },
      proof: { type: 'string' },
      chain: { type: 'string' },
      key: { type: 'string' },
      json: { type: 'boolean', default: false },
    },
  })
  const { day, event, proof, chain, json } = values
  const asked = [day, event, proof, chain].filter((what) => what !== undefined)
  const isDay = day === undefined || (/^\d{4}-\d\d-\d\d$/.test(day) && !Number.isNaN(Date.parse(day)))
  const offline = proof !== undefined || chain !== undefined
  if (asked.length !== 1 || !isDay || (offline && values.key === undefined)) {
    return null
  }
  const trusted = values.key === undefined ? undefined : publicFromPem(readFileSync(values.key, 'utf8'))
  if (proof !== undefined) return checkProof(proof, trusted!, json)
  if (chain !== undefined) return checkChain(chain, trusted!, json)
  const config = loadConfig()
  if (event !== undefined) {
    const answer = await withLocalTokens(config, null, ({ api }) =>
      ask(config, `proofs/${encodeURIComponent(event)}`, api),
    )
    if (answer === null) throw new Error('the product does not run: start it, and ask again')
    process.stdout.write(`${JSON.stringify(await answer.json(), null, 2)}\n`)
    return 0
  }
  const report = await reportOf(config, day!, trusted)
  process.stdout.write(json ? `${JSON.stringify(report)}\n` : words(report))
  return report.ok ? 0 : 1
}

/** Asks the product while it runs, for nobody else may open its store then; else reads the store itself. */
async function reportOf(config: Config, day: string, trusted: string | undefined): Promise<DayReport> {
  // A key that is kept elsewhere is held against the chain here: what is asked must not be the one who answers.
  const marks = new MarksFolder(join(config.dataFolder, 'integrity'))
  const local = openExisting(config)
  try {
    const told = await withLocalTokens(config, null, async ({ api }) => {
      const answer = await ask(config, `days/${day}`, api)
      return answer === null ? null : lastLine(answer)
    })
    const { chain } =
      trusted === undefined ? { chain: null } : await dayEvidence(local, day, { marks, logEnd: 0, trusted })
    if (told !== null) {
      const breaks = [...(chain?.breaks ?? []), ...told.breaks].slice(0, 100)
      return { ...told, ok: told.ok && breaks.length === 0, breaks }
    }
    const store = await openEventStore(config, (problem) => void process.stderr.write(`${String(problem)}\n`))
    try {
      const spool = await Spool.open(join(config.dataFolder, 'spool'), config.spool)
      const { durableSeq: logEnd } = spool
      await spool.close()
      const work = verifyDay(store, await dayEvidence(local, day, { marks, logEnd, trusted }))
      for (;;) {
        const { done, value } = await work.next()
        if (done === true) return value
        progress(value)
      }
    } finally {
      await store.close()
    }
  } finally {
    local.close()
  }
}

/** Nobody listens, or there is no way there, as on a machine whose loopback is down. */
const NOBODY_THERE: ReadonlySet<string> = new Set(['ECONNREFUSED', 'ENETUNREACH', 'EADDRNOTAVAIL'])

/** Null: nobody is there. @throws what the product refuses */
async function ask(config: Config, path: string, token: string): Promise<Response | null> {
  const url = `${process.env['SOC_URL'] ?? productUrl(config)}/api/v1/integrity/${path}`
  let answer: Response
  try {
    answer = await fetch(url, { headers: { authorization: `Bearer ${token}` } })
  } catch (error) {
    const { cause } = error as { cause?: { code?: string; message: string } }
    if (NOBODY_THERE.has(cause?.code ?? '')) return null
    throw new Error(`${url}: ${cause?.message ?? String(error)}`, { cause: error })
  }
  if (!answer.ok) throw new Error(`${answer.status} ${await answer.text()}`)
  return answer
}

async function lastLine(answer: Response): Promise<DayReport> {
  let text = ''
  for await (const chunk of answer.body!.pipeThrough(new TextDecoderStream())) {
    text += chunk
    for (let end = text.indexOf('\n'); end >= 0; end = text.indexOf('\n')) {
      const said = JSON.parse(text.slice(0, end)) as { records: number } | DayReport
      text = text.slice(end + 1)
      if ('day' in said) return said
      progress(said.records)
    }
  }
  throw new Error('the product broke off: its log says why')
}

function progress(records: number): void {
  if (process.stderr.isTTY) process.stderr.write(`\r${records} …`)
}

function words({
  day,
  ok,
  units,
  records,
  open,
  before,
  later,
  files,
  purged,
  signed,
  head,
  breaks,
  moreBreaks,
}: DayReport): string {
  const lines = [
    ok ? `${day}: nguyên vẹn · intact` : `${day}: KHÔNG nguyên vẹn · NOT intact`,
    `  ${records} bản ghi đúng như khi nhận, ${units} khối, ${files} tệp · records as they came, units, files`,
    ...(open > 0 ? [`  ${open} trong khối chưa đóng · of them in units that are not complete`] : []),
    ...(before > 0 ? [`  ${before} có từ trước khi lập chuỗi · from before the chain, not proved`] : []),
    ...(later > 0 ? [`  ${later} vừa nhận, chưa vào chuỗi · only just came, not in the chain yet`] : []),
    ...purged.map(
      ({ levels, at, keptDays, records: gone }) =>
        `  đã xóa theo chính sách, gốc Merkle còn giữ · purged by policy, root kept: cấp · levels ${levels}, ${gone} records, ${keptDays} ngày · days, ${at}`,
    ),
    signed === null ? '  chưa ký · not signed yet' : `  ký · signed ${signed.at}, khóa · key ${signed.key}`,
    `  cuối chuỗi · head ${head.n}:${head.hash}`,
    ...breaks.map(({ what, entry, path, unit, record }) => {
      const where = [
        path,
        // What a record is called may have been written by whoever altered it.
        record?.replace(/[\p{Cc}\p{Cf}]/gu, '·'),
        unit && `khối · unit ${unit.spool} ${unit.from}–${unit.through}`,
        entry !== undefined && `mục · entry ${entry}`,
      ]
      return `  ✗ ${WORDS[what]}: ${where.filter(Boolean).join(', ')}`
    }),
    ...(moreBreaks > 0 ? [`  … ${moreBreaks} nữa · more`] : []),
  ]
  return `${lines.join('\n')}\n`
}

function checkProof(path: string, trusted: string, json: boolean): number {
  const proof = JSON.parse(readFileSync(path, 'utf8')) as Proof
  const fault = faultOf(proof, trusted)
  const { record, receivedAt, agency, raw } = proof.evidence
  if (json)
    process.stdout.write(`${JSON.stringify({ ok: fault === null, record, ...(fault !== null && { fault }) })}\n`)
  else if (fault === null) {
    process.stdout.write(`Đúng · it holds: ${record}, ${receivedAt}, ${agency}, ký · signed ${proof.signature.at}\n`)
    process.stdout.write(`  ${raw.slice(0, 500).replace(/[\p{Cc}\p{Cf}]/gu, '·')}\n`)
  } else process.stdout.write(`KHÔNG đúng · it does not hold: ${fault}\n`)
  return fault === null ? 0 : 1
}

async function checkChain(path: string, trusted: string, json: boolean): Promise<number> {
  if (!existsSync(path)) throw new Error(`${path} is not there`)
  const { head, breaks, signed } = await readChain(linksIn(path), '', trusted)
  const ok = breaks.length === 0 && signed !== undefined
  if (json) process.stdout.write(`${JSON.stringify({ ok, head, signed: signed ?? null, breaks })}\n`)
  else {
    const found = breaks.map(({ what, entry }) => `  ✗ ${WORDS[what]}: mục · entry ${entry ?? '-'}\n`).join('')
    const state = ok ? 'nguyên vẹn · intact' : 'KHÔNG nguyên vẹn · NOT intact'
    process.stdout.write(`Chuỗi · chain: ${state}, ${head.n}:${head.hash}, ký · signed ${signed?.at ?? '-'}\n${found}`)
  }
  return ok ? 0 : 1
}

async function* linksIn(path: string): AsyncGenerator<Link> {
  for await (const line of createInterface(createReadStream(path))) {
    if (line !== '') yield JSON.parse(line) as Link
  }
}

export default {
  summary:
    'nhật ký đã lưu có đúng như lúc nhận: một ngày, một sự kiện, một bằng chứng, một chuỗi · that the stored log is as it came: a day, one event, a proof, a chain',
  usage,
  run,
} satisfies Command
