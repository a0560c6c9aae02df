import { createHash } from 'node:crypto'
import type { Logger } from 'pino'
import { frameOf } from '../collector/health/statement.ts'
import type { Frame } from '../model/record.ts'
import { signChain } from '../store/integrity/signing.ts'
import { type DayReport, verifyDay } from '../store/integrity/verify.ts'
import type { LocalDatabase } from '../store/local/database.ts'
import { addHistory } from '../store/local/history.ts'
import { addToChain, dayEvidence, entriesOf, MarksFolder } from '../store/local/integrity.ts'
import { purge } from '../store/purge.ts'
import type { RetentionPolicy } from '../store/retention.ts'
import type { Store } from '../store/store.ts'

export interface ProvingParts {
  store: Store
  local: LocalDatabase
  /** Signing key and marks. */
  folder: string
  log: Logger
  /** The last position of the log. */
  logEnd: () => number
  /** Writes a record of the product's own into the log. */
  say: (frame: Frame) => Promise<unknown>
  /** The product is about to end: what takes long is left for another night. */
  stopped: () => boolean
}

/** Notes files that were sealed since, and signs what the chain has now. */
export async function sign({ store, local, folder, log }: ProvingParts, at: string): Promise<void> {
  const known = new Set(entriesOf(local, 'file').map(({ path }) => path))
  for (const { path, day, levels, sha256 } of await store.files()) {
    if (known.has(path)) continue
    const digest = sha256 ?? (await store.fileDigest(path))
    if (digest !== null) addToChain(local, [{ kind: 'file', day, levels, path, sha256: digest }])
  }
  if (signChain(local, folder, at).replaced) {
    log.error('the key that signs is none that the chain announced: verifying says so until that key is trusted')
  }
}

/** What is done once a night: old days go as the policy says, and two days are verified. */
export async function proveNight(parts: ProvingParts, policy: RetentionPolicy, now: Date): Promise<void> {
  const { store, local, folder, log } = parts
  const at = now.toISOString()
  const today = at.slice(0, 10)
  const marks = new MarksFolder(folder)
  await sign(parts, at)
  const { dropped, held } = await purge(store, local, policy, { today, at, marks })
  if (dropped.length > 0) log.info({ partitions: dropped }, 'days past retention deleted')
  if (held.length > 0) log.info({ partitions: held }, 'days past retention kept by a legal hold')
  await sign(parts, at)
  for (const day of daysToVerify(
    (await store.partitions()).map((partition) => partition.day),
    now,
  )) {
    const report = await verified(parts, marks, day)
    if (report === null) return
    log[report.ok ? 'info' : 'error'](
      { day, ...shortened(report) },
      report.ok ? 'the log is as it came' : 'the log was altered',
    )
    if (!report.ok) await parts.say(alarm(report, now.getTime()))
    addHistory(local, [
      {
        at,
        actor: 'system',
        subject: { kind: 'integrity', id: day },
        code: 'integrity_verified',
        params: { ok: report.ok ? 1 : 0, records: report.records, breaks: report.breaks.length + report.moreBreaks },
      },
    ])
  }
}

async function verified(
  { store, local, logEnd, stopped }: ProvingParts,
  marks: MarksFolder,
  day: string,
): Promise<DayReport | null> {
  const work = verifyDay(store, await dayEvidence(local, day, { marks, logEnd: logEnd() }))
  for (;;) {
    const step = await work.next()
    if (step.done === true) return step.value
    if (stopped()) return null
    await new Promise((resolve) => setImmediate(resolve)) // others first
  }
}

/** Yesterday, and one of the days before in turn, so that what was verified once is looked at again. */
export function daysToVerify(days: readonly string[], now: Date): string[] {
  const today = now.toISOString().slice(0, 10)
  const past = [...new Set(days)].filter((day) => day < today).sort()
  const [last, ...older] = past.toReversed()
  if (last === undefined) return []
  const inTurn = older[Math.floor(now.getTime() / 86_400_000) % Math.max(1, older.length)]
  return inTurn === undefined ? [last] : [last, inTurn]
}

function shortened({ units, records, files, signed, head, breaks, moreBreaks }: DayReport): object {
  const first = breaks.slice(0, 10)
  return {
    units,
    records,
    files,
    signed: signed?.at ?? null,
    head: `${head.n}:${head.hash}`,
    breaks: first,
    moreBreaks,
  }
}

/** One break of a day is told once, however often the day is verified; another break is told again. */
function alarm({ day, breaks, moreBreaks }: DayReport, atMs: number): Frame {
  const found = createHash('sha256').update(JSON.stringify(breaks)).digest('hex').slice(0, 16)
  const count = breaks.length + moreBreaks
  const [first] = breaks
  const where = first?.record ?? first?.path ?? (first?.entry === undefined ? '' : `#${first.entry}`)
  return frameOf({
    atMs,
    kind: 'broken',
    state: 'raised',
    address: '',
    episode: `broken-${day}`,
    key: `broken-${day}-${found}`,
    words: {
      vi: `Nhật ký ngày ${day} không còn nguyên vẹn: ${count} chỗ, trước hết ${first?.what} ${where}`,
      en: `The log of ${day} is not intact: ${count} places, first ${first?.what} ${where}`,
    },
    facts: { open: 1, source: 'store', day, breaks: count, first: `${first?.what} ${where}`.trim() },
  })
}
