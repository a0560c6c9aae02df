import { schedule } from 'node-cron'
import type { Logger } from 'pino'
import { disableIdleAccounts } from '../api/access/idle-accounts.ts'
import { expireBlocks } from '../api/containment/lists.ts'
import { tendExceptions } from '../api/exceptions/tend.ts'
import { warnOfClocks } from '../api/incidents/clock-watch.ts'
import { warnOfDeadlines } from '../api/incidents/deadline-watch.ts'
import { notify } from '../api/notify/notify.ts'
import { keepPeriodReports } from '../api/reports/scheduled.ts'
import { dispatchWebhooks } from '../api/webhooks/dispatch.ts'
import type { Spool } from '../collector/spool/spool.ts'
import type { Config } from '../config.ts'
import type { Frame } from '../model/record.ts'
import { workingTime } from '../model/working-time.ts'
import { controlFrame } from '../pipeline/bundle.ts'
import { sweepOrphans } from '../store/local/attachments.ts'
import type { LocalDatabase } from '../store/local/database.ts'
import { chainHead } from '../store/local/history.ts'
import { forgetLedger } from '../store/local/ledger.ts'
import { forgetRisk } from '../store/local/risk.ts'
import { forgetSenderIds } from '../store/local/sender-ids.ts'
import { forgetShadow } from '../store/local/shadow.ts'
import { keptFrom } from '../store/retention.ts'
import type { Store } from '../store/store.ts'
import type { diskWatch } from './disk-watch.ts'
import type { certificateTimes } from './https.ts'
import type { InForce } from './in-force.ts'
import { proveNight, sign } from './proving.ts'
import { inRounds } from './rounds.ts'
import type { Documents } from './settings.ts'
import type { Snapshots } from './snapshots.ts'

const DAY_MS = 86_400_000
const DAY = 'YYYY-MM-DD'.length
/** What rules in shadow raised is kept this long. */
const SHADOW_DAYS = 90
/** Mild alerts wait this long at most, in event time, for their entity to show more. */
const RISK_DAYS = 30
const WEBHOOKS_EVERY_MS = 2_000
const NOTICES_EVERY_MS = 5_000

export interface JobParts {
  config: Config
  documents: Documents
  log: Logger
  spool: Spool
  local: LocalDatabase
  store: Store
  inForce: InForce
  snapshots: Snapshots
  disk: ReturnType<typeof diskWatch>
  certificates: ReturnType<typeof certificateTimes>
  reportsFolder: string
  integrityFolder: string
  attachmentsFolder: string
  reload: () => Promise<void>
  announceExceptions: () => Promise<void>
  sayHealth: () => Promise<void>
  reloadCertificates: () => Promise<void>
}

/** What is done from time to time without anybody asking. `stop` waits for what is under way. */
export function startJobs(parts: JobParts): { stop: () => Promise<void> } {
  const webhooks = sendWebhooks(parts)
  const notices = sendNotices(parts)
  const proving = proveInTurn(parts)
  const scheduled = [
    // At the third minute past midnight UTC, by which days are cut, the last units of the day before are in the chain.
    schedule('3 * * * *', proving.sign),
    schedule('20 0 * * *', proving.proveNight, { timezone: 'UTC' }),
    ...periodReports(parts),
    schedule('17 1 * * *', () => forgetOld(parts)),
    ...eachMinute(parts).map((job) => schedule('* * * * *', job, { noOverlap: true })),
    schedule('*/5 * * * *', () =>
      parts.disk.look().catch((error: unknown) => parts.log.warn({ error }, 'how long the disk lasts is not known')),
    ),
  ]
  return {
    stop: async () => {
      const proved = proving.stop()
      for (const job of scheduled) await job.destroy()
      await webhooks.stop()
      await notices.stop()
      await proved
    },
  }
}

function sendWebhooks({ config, local, inForce, log }: JobParts): { stop: () => Promise<void> } {
  const { allow } = config.webhooks
  return inRounds(
    WEBHOOKS_EVERY_MS,
    () => dispatchWebhooks(local, { allow, now: Date.now, masking: () => inForce.masking }),
    (error) => log.warn({ error }, 'webhooks were not sent'),
  )
}

function sendNotices({ config, documents, local, inForce, log }: JobParts): { stop: () => Promise<void> } {
  const { publicUrl: consoleUrl } = config.http
  const notifying = {
    rules: documents.notifyRules,
    ways: documents.ways,
    registry: () => inForce.registry,
    masking: () => inForce.masking,
    now: Date.now,
    ...(consoleUrl !== undefined && { consoleUrl }),
  }
  return inRounds(
    NOTICES_EVERY_MS,
    async () => {
      for (const { message, error } of await notify(local, notifying)) {
        log.warn({ message: message.id, user: message.user, way: message.way, error }, 'a notice did not go out')
      }
    },
    (error) => log.warn({ error }, 'notices were not sent'),
  )
}

/** Signing and proof, one after another. What a store that is away does not let be done is done next time. */
function proveInTurn({ store, local, spool, log, integrityFolder, documents }: JobParts) {
  let stopped = false
  const proving = {
    store,
    local,
    folder: integrityFolder,
    log,
    logEnd: () => spool.durableSeq,
    say: (frame: Frame) => spool.append([frame]),
    stopped: () => stopped,
  }
  let last: Promise<void> = Promise.resolve()
  const inTurn = (work: () => Promise<void>) => (): Promise<void> =>
    (last = last.then(work).catch((error: unknown) => log.warn({ error }, 'retention and proof are tried again later')))
  return {
    sign: inTurn(() => sign(proving, new Date().toISOString())),
    proveNight: inTurn(() => proveNight(proving, documents.policy, new Date())),
    stop: (): Promise<void> => {
      stopped = true
      return last
    },
  }
}

function periodReports({ store, local, inForce, documents, reportsFolder, log }: JobParts) {
  const { playbooks, legal, targets, reportLayout } = documents
  const reporting = {
    store,
    local,
    registry: () => inForce.registry,
    playbooks: () => playbooks,
    legal: () => legal,
    targets: () => targets,
    reportLayout: () => reportLayout,
    clock: Date.now,
  }
  return reportLayout.schedule.map(({ period, at }) =>
    schedule(
      at,
      async () => {
        const kept = await keepPeriodReports(reporting, reportsFolder, period)
        if (kept.length > 0) log.info({ period, from: kept[0]!.from, files: kept.length }, 'reports made')
      },
      { timezone: inForce.registry.timeZone },
    ),
  )
}

async function forgetOld({ config, documents, local, attachmentsFolder, snapshots, log }: JobParts): Promise<void> {
  const { senderIds, sessions } = config
  forgetLedger(local, keptFrom(documents.policy, 0, new Date().toISOString().slice(0, DAY)))
  const swept = await sweepOrphans(local, attachmentsFolder, Date.now() - DAY_MS)
  if (swept > 0) log.info({ files: swept }, 'files that no incident names are deleted')
  forgetShadow(local, new Date(Date.now() - SHADOW_DAYS * DAY_MS).toISOString().slice(0, DAY))
  forgetRisk(local, new Date(Date.now() - RISK_DAYS * DAY_MS).toISOString())
  const idle = disableIdleAccounts(local, Date.now(), sessions.accountIdleDays * DAY_MS)
  if (idle.length > 0) log.info({ accounts: idle }, 'accounts that nobody used are disabled')
  const head = chainHead(local)
  // Whoever keeps this log elsewhere can tell later whether the history was altered: soc audit verify --head.
  log.info({ head: `${head.id}:${head.hash}` }, 'end of the history')
  // A day more than they count: what is done again after a crash must still find them.
  forgetSenderIds(local, Date.now() - (senderIds.days + 1) * DAY_MS)
  await snapshots.tidy(Date.now() - DAY_MS)
}

function eachMinute(parts: JobParts): (() => unknown)[] {
  const { documents, local, spool, inForce, certificates, log } = parts
  let seqMinuteAgo = -1
  return [
    () => {
      for (const { code, params, subject } of warnOfDeadlines(local, documents.legal, Date.now())) {
        log.warn({ code, incident: subject.id, deadline: params['deadline'], dueAt: params['dueAt'] }, 'legal deadline')
      }
    },
    async () => {
      const working = workingTime(inForce.registry.calendar, inForce.registry.timeZone)
      const told = await warnOfClocks(local, { targets: documents.targets, working, nowMs: Date.now() })
      for (const { code, params, subject } of told) {
        log.info({ code, incident: subject.id, clock: params['clock'], dueAt: params['dueAt'] }, 'promised time')
      }
    },
    async () => {
      const { expired, warned, isChanged } = tendExceptions(local, Date.now())
      for (const { id, title, owner, expiresAt } of warned) {
        log.warn({ exception: id, title, owner, expiresAt }, 'an exception ends soon')
      }
      for (const { id, title, owner } of expired) log.warn({ exception: id, title, owner }, 'an exception has ended')
      if (isChanged) await parts.announceExceptions()
    },
    async () => {
      // Without traffic nothing tells the log that time goes on, and silence is what must be noticed then.
      const { accepting, durableSeq } = spool.state()
      if (accepting && durableSeq === seqMinuteAgo) await spool.append([controlFrame({ quiet: true })])
      seqMinuteAgo = spool.durableSeq
      await parts.sayHealth()
    },
    () => {
      const over = expireBlocks(local, Date.now())
      if (over > 0) log.info({ blocks: over }, 'blocks ran out')
    },
    async () => {
      if (!inForce.waits) return
      await parts.reload()
      log.info('changed rules are in force now')
    },
    async () => {
      if (!certificates.changed()) return
      await parts.reloadCertificates() // thrown: the certificate and its key may not have been written both yet; asked again
      certificates.read()
      log.info('certificates read again')
    },
  ]
}
