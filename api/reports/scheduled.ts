import { rm } from 'node:fs/promises'
import { Readable } from 'node:stream'
import { zoneOffset } from '../../model/time-zone.ts'
import { contentPath, keepContent } from '../../store/local/attachments.ts'
import { addHistory } from '../../store/local/history.ts'
import { type KeptReport, addKeptReport, forgetKeptReports, hasKeptReport } from '../../store/local/kept-reports.ts'
import { inTransaction } from '../../store/local/transaction.ts'
import { LANGUAGES } from '../words.ts'
import type { PeriodKind } from './layout.ts'
import { PERIOD_FORMATS, type ReportSources, makePeriodReport } from './make.ts'
import { periodBefore } from './period-facts.ts'

const DAY_MS = 86_400_000
const BYTES_MAX = 64 * 1024 * 1024

/**
 * Makes the reports about the last whole week or month, in every form and language, over all agencies, and keeps them under their
 * hashes; nothing where that period has its reports. Those past their time go.
 */
export async function keepPeriodReports(
  sources: ReportSources,
  folder: string,
  kind: PeriodKind,
): Promise<KeptReport[]> {
  const { local, registry, clock, reportLayout } = sources
  const period = periodBefore(kind, zoneOffset(registry().timeZone), clock())
  const gone = forgetKeptReports(local, new Date(clock() - reportLayout().keepDays * DAY_MS).toISOString())
  for (const sha256 of gone) await rm(contentPath(folder, sha256), { force: true })
  if (hasKeptReport(local, kind, period.from)) return []
  const made: Omit<KeptReport, 'id'>[] = []
  for (const language of LANGUAGES) {
    for (const format of PERIOD_FORMATS) {
      const bytes = await makePeriodReport(sources, period, 'all', { format, language })
      const kept = await keepContent(folder, Readable.from([bytes]), BYTES_MAX)
      made.push({ period: kind, ...period, language, format, ...kept, at: new Date(clock()).toISOString() })
    }
  }
  return inTransaction(local, () =>
    made.map((report) => {
      const added = addKeptReport(local, report)
      const { id, at, ...params } = added
      const subject = { kind: 'report' as const, id: String(id) }
      addHistory(local, [{ at, actor: 'system', subject, code: 'report_kept', params }])
      return added
    }),
  )
}
