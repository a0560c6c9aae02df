import { join } from 'node:path'
import { plainGrouping } from '../../api/incidents/grouping-settings.ts'
import { loadBundle } from '../../pipeline/bundle.ts'
import { loadIndicators } from '../../indicators/files.ts'
import { SpoolReader } from '../../collector/spool/reader.ts'
import type { Spool } from '../../collector/spool/spool.ts'
import { runPipeline, type PipelineReport } from '../../pipeline/pipeline.ts'
import type { LocalDatabase } from '../../store/local/database.ts'
import type { Store } from '../../store/store.ts'

/** Where a pipeline finds what it works on: below `folder` the spool and the bundles. */
export interface Place {
  folder: string
  spool: Spool
  store: Store
  local: LocalDatabase
}

/**
 * Runs a pipeline over what is durable and stops when it is done. Gives what it reported.
 * @param durable the last position that it may know of; without it, all there are
 * @param stopped whether it is to stop before that
 */
export async function drain(
  { folder, spool, store, local }: Place,
  {
    durable,
    onReport,
    stopped = () => false,
  }: { durable?: number; onReport?: (report: PipelineReport) => void; stopped?: () => boolean } = {},
): Promise<PipelineReport[]> {
  const reports: PipelineReport[] = []
  let quiet = false
  await runPipeline(
    {
      spoolId: spool.id,
      latenessMs: 0,
      grouping: plainGrouping(),
      rememberSenderIdsMs: 7 * 86_400_000,
      loadBundle: (hash) => loadBundle(join(folder, 'bundles'), hash),
      integrityFolder: join(folder, 'integrity'),
      loadIndicators: (hash) => loadIndicators(join(folder, 'indicators'), hash),
    },
    {
      openReader: (seq) => SpoolReader.open(join(folder, 'spool'), seq),
      store,
      local,
      durable: () => durable ?? spool.durableSeq,
      moreDurable: () => {
        quiet = true
        return Promise.resolve()
      },
      stopped: () => quiet || stopped(),
      report: (report) => {
        reports.push(report)
        onReport?.(report)
      },
    },
  )
  return reports
}
