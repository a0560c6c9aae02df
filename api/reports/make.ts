import { join } from 'node:path'
import { KeptThread } from '../../model/kept-thread.ts'
import type { Incident } from '../../model/incident.ts'
import { ROOT } from '../../model/root.ts'
import { zoneOffset } from '../../model/time-zone.ts'
import type { Scope } from '../../store/store.ts'
import type { Services } from '../services.ts'
import type { Language } from '../words.ts'
import type { ReportDocument } from './document.ts'
import { incidentFacts } from './facts.ts'
import { incidentReport } from './incident.ts'
import { incidentCsv } from './incident-csv.ts'
import { periodCsv, periodReport } from './period.ts'
import { type Period, periodFacts } from './period-facts.ts'
import type { Printing } from './print-thread.ts'
import { stixBundle } from './stix.ts'

export const INCIDENT_FORMATS = ['pdf', 'docx', 'stix', 'csv'] as const
export const PERIOD_FORMATS = ['pdf', 'docx', 'csv'] as const
type Format = (typeof INCIDENT_FORMATS)[number] | (typeof PERIOD_FORMATS)[number]

export const REPORT_TYPES: Record<Format, string> = {
  pdf: 'application/pdf',
  docx: 'application/vnd.openxmlformats-officedocument.wordprocessingml.document',
  stix: 'application/stix+json;version=2.1',
  csv: 'text/csv; charset=utf-8',
}
export const REPORT_ENDINGS: Record<Format, string> = { pdf: 'pdf', docx: 'docx', stix: 'json', csv: 'csv' }

/** Alerts that a printed report reads for its lines; a table has them all, within reason. */
const ALERTS_PRINTED = 20
const ALERTS_LISTED = 10_000

export type ReportSources = Parameters<typeof incidentFacts>[0] & Pick<Services, 'reportLayout'>

export async function makeIncidentReport(
  sources: ReportSources & Pick<Services, 'masking'>,
  incident: Incident,
  scope: Scope,
  { format, language }: { format: (typeof INCIDENT_FORMATS)[number]; language: Language },
): Promise<Buffer> {
  const found = await incidentFacts(sources, incident, scope, format === 'csv' ? ALERTS_LISTED : ALERTS_PRINTED)
  // What is hidden in answers is hidden in files as well, before it is set in type or packed.
  const facts = sources.masking().deep(found) as typeof found
  switch (format) {
    case 'stix':
      return Buffer.from(`${JSON.stringify(stixBundle(facts), null, 2)}\n`)
    case 'csv':
      return Buffer.from(incidentCsv(facts))
    default:
      return print(sources, incidentReport(facts, wallOf(sources, language)), format)
  }
}

export async function makePeriodReport(
  sources: ReportSources,
  period: Period,
  scope: Scope,
  { format, language }: { format: (typeof PERIOD_FORMATS)[number]; language: Language },
): Promise<Buffer> {
  const facts = await periodFacts(sources, period, scope)
  return format === 'csv'
    ? Buffer.from(periodCsv(facts))
    : print(sources, periodReport(facts, wallOf(sources, language)), format)
}

/** A page takes about a tenth of a second to set, in which the thread that answers everybody would do nothing else. */
const printer = new KeptThread<Printing, Uint8Array>(join(ROOT, 'dist', 'api', 'reports', 'print-thread.js'))

async function print(
  { reportLayout }: ReportSources,
  document: ReportDocument,
  format: 'pdf' | 'docx',
): Promise<Buffer> {
  return Buffer.from(await printer.ask({ document, layout: reportLayout(), format }))
}

function wallOf({ registry, clock }: ReportSources, language: Language): Parameters<typeof incidentReport>[1] {
  return { language, offset: zoneOffset(registry().timeZone), nowMs: clock() }
}
