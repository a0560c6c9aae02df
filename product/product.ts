import { randomBytes } from 'node:crypto'
import { existsSync, mkdirSync, readFileSync, renameSync, statSync, writeFileSync } from 'node:fs'
import http from 'node:http'
import https from 'node:https'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { createSecureContext } from 'node:tls'
import { schedule } from 'node-cron'
import type { Logger } from 'pino'
import { ADMINISTRATOR, ensureAdministrator } from '../api/access/passwords.ts'
import { buildApp } from '../api/app.ts'
import { exceptionFiles, tendExceptions } from '../api/exceptions/tend.ts'
import { expireBlocks } from '../api/containment/lists.ts'
import { Problem } from '../api/problem.ts'
import { readGrouping } from '../api/incidents/grouping-settings.ts'
import { warnOfClocks } from '../api/incidents/clock-watch.ts'
import { warnOfDeadlines } from '../api/incidents/deadline-watch.ts'
import { readLegal, refuseBelowLaw, retentionPolicy } from '../api/incidents/legal.ts'
import { readTargets } from '../api/incidents/service-clocks.ts'
import { readPlaybooks } from '../api/incidents/playbooks.ts'
import { notify } from '../api/notify/notify.ts'
import { readNotifyRules } from '../api/notify/rules.ts'
import { readReportLayout } from '../api/reports/layout.ts'
import { keepPeriodReports } from '../api/reports/scheduled.ts'
import { dispatchWebhooks } from '../api/webhooks/dispatch.ts'
import { disableIdleAccounts } from '../api/access/idle-accounts.ts'
import type { Health, Services } from '../api/services.ts'
import { backtestsIn } from '../backtest/host.ts'
import {
  announcedBundle,
  bundleHash,
  bundleTime,
  keepBundle,
  loadBundle,
  noteAnnounced,
  pruneBundles,
  readBundle,
  ruleFilesOf,
  type Bundle,
  type Control,
} from '../pipeline/bundle.ts'
import { InputOptionsError, startCollector } from '../collector/collector.ts'
import { SpoolError } from '../collector/spool/errors.ts'
import { Spool } from '../collector/spool/spool.ts'
import type { Drops } from '../collector/tally.ts'
import { ConfigError, type Config } from '../config.ts'
import { serveControl } from './control.ts'
import { dropSnapshots, makeSnapshot } from '../data-folder/snapshot.ts'
import { prepareDataFolder } from '../data-folder/version.ts'
import { toldAt } from './disk-forecast.ts'
import { diskWatch } from './disk-watch.ts'
import { certificateTimes, forwardedBy, readPair } from './https.ts'
import { inRounds } from './rounds.ts'
import { agenciesOf, named, signOnOf, waysOf } from './settings.ts'
import type { Running } from '../doctor/check.ts'
import type { RuleEdit } from '../detection/life.ts'
import { Never, readNeverList, type NeverList } from '../detection/indicators/never.ts'
import { indicatorService, ownNetworks } from '../indicators/indicators.ts'
import { renderMetrics } from './metrics.ts'
import { ThreadTimeout } from '../model/kept-thread.ts'
import { UNREGISTERED } from '../model/event.ts'
import type { RuleFile } from '../detection/types.ts'
import type { DeadLetter, Frame } from '../model/record.ts'
import { Masking, readPersonal } from '../model/personal.ts'
import { parseRegistry, resolveSource } from '../model/registry.ts'
import { zoneOffset } from '../model/time-zone.ts'
import { workingTime } from '../model/working-time.ts'
import { startPipeline } from '../pipeline/host.ts'
import { proveNight, sign } from './proving.ts'
import { editedFiles, RuleEditError } from '../rule-life/edit.ts'
import { writeRuleFile } from '../rule-life/write.ts'
import { countCases } from '../rule-work/tests.ts'
import { RuleWorker } from '../rule-work/work.ts'
import { keepLastGoodAside } from '../rule-work/trial.ts'
import { filesAround, readRulesFolder } from '../rule-life/folder.ts'
import { watchRules } from '../rule-life/watch.ts'
import { shippingService } from '../shipping/plan.ts'
import { writeStatements } from './statements.ts'
import { sweepOrphans } from '../store/local/attachments.ts'
import { lookAtAll } from '../store/local/clock-looks.ts'
import { readCheckpoint } from '../store/local/checkpoint.ts'
import { openLocal } from '../store/local/database.ts'
import { noteRegistry } from '../store/local/registry-revisions.ts'
import { noteInForce } from '../store/local/exceptions.ts'
import { accountsOf, forgetLedger } from '../store/local/ledger.ts'
import { chainHead } from '../store/local/history.ts'
import { forgetRisk } from '../store/local/risk.ts'
import type { ChangeNote } from '../store/local/rule-revisions.ts'
import { forgetShadow } from '../store/local/shadow.ts'
import { forgetSenderIds } from '../store/local/sender-ids.ts'
import { countStates, healthOfAll } from '../store/local/source-health.ts'
import { authenticateIngest } from '../store/local/tokens.ts'
import { keptFrom } from '../store/retention.ts'
import { StoreError } from '../store/store.ts'

const DAY_MS = 86_400_000
const DAY = 'YYYY-MM-DD'.length
/** What rules in shadow raised is kept this long. */
const SHADOW_DAYS = 90
/** Mild alerts wait this long at most, in event time, for their entity to show more. */
const RISK_DAYS = 30
const WEBHOOKS_EVERY_MS = 2_000
const NOTICES_EVERY_MS = 5_000
const DROPS_EVERY_MS = 1_000
/** What requests under way are given to end when the product stops; a sender that dawdles must not keep it. */
const CLOSE_TIMEOUT_MS = 3_000

export interface Product {
  listening: { input: string; address: string; port: number }[]
  /** Base URL of console and API. */
  url: string
  /** Only where no user existed yet: shown once, kept nowhere in clear. */
  administrator: { name: string; password: string } | null
  /** Reads rules and registry again: in force from this position of the log on. */
  reload(): Promise<void>
  /** Reads certificates again, for HTTPS and the TLS inputs; connections that stand keep theirs. */
  reloadCertificates(): Promise<void>
  close(): Promise<void>
}

/**
 * Starts everything along the way of the data, sockets last: what is accepted can be kept.
 * @param onFailure something broke after which the process must end and be started again; the spool holds what is durable
 * @throws {ConfigError} what a setting names cannot be used: data folder, rules, registry, certificate, input
 * @throws when the data folder or a port is in use
 */
export async function startProduct(config: Config, log: Logger, onFailure: (reason: Error) => void): Promise<Product> {
  const { dataFolder } = config
  named('dataFolder', () => mkdirSync(dataFolder, { recursive: true, mode: 0o700 }))
  if (config.http.certificate !== undefined) named('http.certificate', () => createSecureContext(readPair(config)))
  const bundles = join(dataFolder, 'bundles')
  const integrityFolder = join(dataFolder, 'integrity')
  let registry = named('registry', () => parseRegistry(readFileSync(config.registry, 'utf8'), config.registry))
  const checkAgencies = (keys: readonly string[]): void => {
    const stranger = keys.find((key) => key !== UNREGISTERED && !registry.agencies.has(key))
    if (stranger !== undefined) throw new Error(`there is no agency '${stranger}'`)
  }
  const playbooks = named('incidents.playbooks', () => readPlaybooks(config.incidents.playbooks))
  const legal = named('incidents.legal', () => readLegal(config.incidents.legal))
  const policy = retentionPolicy(config.retention.days, legal)
  named('retention', () => refuseBelowLaw(config.retention, legal, new Date().toISOString().slice(0, 10)))
  const targets = named('incidents.targets', () => readTargets(config.incidents.targets))
  const notifyRules = named('notify.rules', () => readNotifyRules(config.notify.rules))
  const ways = await waysOf(config)
  const reportLayout = named('reports.layout', () => readReportLayout(config.reports.layout))
  const reportsFolder = join(dataFolder, 'reports')
  const signOn = await signOnOf(config)
  named('signOn.groups', () =>
    checkAgencies(signOn?.map.groups.flatMap(({ agencies }) => (agencies === 'all' ? [] : agencies)) ?? []),
  )
  named('incidents.grouping', () => readGrouping(config.incidents.grouping))
  named('quotas.agencies', () => checkAgencies(Object.keys(config.quotas.agencies ?? {})))
  named('inputs', () => checkAgencies(agenciesOf(config.inputs)))
  let never = named('incidents.never', () => readNeverList(config.incidents.never))
  let masking = named('personal', () => new Masking(readPersonal(config.personal)))
  let inForce = ''
  await prepareDataFolder(dataFolder, (step) => log.info({ folder: dataFolder, step }, 'the data folder is upgraded'))
  const spool = await Spool.open(join(dataFolder, 'spool'), config.spool) // also keeps a second process out
  const local = openLocal(join(dataFolder, 'local.db'))
  const checkpoint = readCheckpoint(local)
  if (checkpoint.spool === spool.id && checkpoint.seq > spool.durableSeq) {
    throw new Error(
      `${join(dataFolder, 'spool')} ends at position ${spool.durableSeq}, but ${checkpoint.seq} was processed already: ` +
        'it was put back from an older copy, and its positions would be given twice; move it away, and a new one is begun',
    )
  }
  /** From this position on no other bundle can come than the one in force. */
  let announcedSeq = spool.durableSeq
  let undeclared: Drops[] = []

  /** What was announced last; null where it is lost, so that nothing can be kept of it. */
  const announced = (hash: string): { bundle: Bundle; since: string } | null => {
    try {
      return { bundle: loadBundle(bundles, hash), since: bundleTime(bundles, hash) }
    } catch (error) {
      log.warn({ error }, 'the rules announced last do not read back: those of now are announced as they are')
      return null
    }
  }

  /** The log itself says from which position other rules or another registry count (law 4). */
  const announce = async (change?: ChangeNote): Promise<void> => {
    const candidate = named('rulesFolder', () =>
      readBundle({ ...config, exceptions: exceptionFiles(local, Date.now()) }),
    )
    const read = parseRegistry(candidate.registry.text, candidate.registry.path)
    const former = announcedBundle(bundles)
    const previous = former === '' || former === bundleHash(candidate) ? null : announced(former)
    const bundle = previous === null ? candidate : await keepLastGoodAside(candidate, previous.bundle, previous.since)
    inForce = keepBundle(bundles, bundle)
    if (former !== inForce) {
      announcedSeq = await appendControl(spool, { bundle: inForce, ...(change && { change }) })
      noteAnnounced(bundles, inForce)
    }
    const { text } = candidate.registry
    const { by = '', why = '' } = change ?? {}
    noteRegistry(local, { text, at: new Date().toISOString(), seq: announcedSeq, by, why })
    never = named('incidents.never', () => readNeverList(config.incidents.never))
    masking = named('personal', () => new Masking(readPersonal(config.personal)))
    registry = read
  }
  let announcing = announce() // one after another: each notes what the log says last
  const neverList = (): NeverList => ({ ...never, networks: [...never.networks, ...ownNetworks(registry)] })
  const reload = async (): Promise<void> => {
    await (announcing = announcing.then(
      () => announce(),
      () => announce(),
    ))
    await indicators.refresh()
  }
  /** Puts what a person settled about a rule into the rules folder, and into the log with who did it and why. */
  const changeRules = async (edit: RuleEdit, note: { by: string; why: string }): Promise<{ seq: number }> => {
    const make = async (): Promise<void> => {
      const day = new Date(Date.now() + zoneOffset(config.timeZone)(Date.now())).toISOString().slice(0, DAY)
      const edited = await editedFiles(readRulesFolder(config.rulesFolder), edit, { ...note, day })
      for (const file of edited) writeRuleFile(config.rulesFolder, file)
      await announce({ ...note, rules: [edit.rule] })
    }
    const made = (announcing = announcing.then(make, make))
    await made.catch((error: unknown) => {
      throw error instanceof RuleEditError ? new Problem('rule_refused', error.message) : error
    })
    return { seq: announcedSeq }
  }
  /** Writes the registry anew and has the log say so. */
  const changeRegistry: Services['changeRegistry'] = async (edit, note) => {
    const make = async (): Promise<void> => {
      const text = readFileSync(config.registry, 'utf8')
      if (text !== loadBundle(bundles, inForce).registry.text) {
        throw new Problem('registry_refused', 'the file was changed by hand and is not in force yet: SIGHUP')
      }
      writeRegistry(config.registry, edit(text))
      await announce({ ...note, rules: [] }).catch((error: unknown) => {
        writeRegistry(config.registry, text)
        throw error
      })
    }
    await (announcing = announcing.then(make, make))
    return { seq: announcedSeq }
  }
  let readFiles: { bundle: string; files: RuleFile[] } | undefined
  const ruleFiles = (): RuleFile[] => {
    if (readFiles?.bundle !== inForce) readFiles = { bundle: inForce, files: ruleFilesOf(loadBundle(bundles, inForce)) }
    return readFiles.files
  }
  const announceExceptions = async (): Promise<void> => {
    await reload()
    const ids = ruleFiles().flatMap(({ exception }) => (exception === undefined ? [] : [exception.id]))
    noteInForce(local, ids, announcedSeq, new Date().toISOString())
  }
  /** Changed rules for which a full disk has no room yet: the former ones stay in force, and let the spool be worked off. */
  let unannounced = false
  await announcing.catch((error: unknown) => {
    if (!(error instanceof SpoolError) || error.code !== 'disk_full' || announcedBundle(bundles) === '') throw error
    unannounced = true
    inForce = announcedBundle(bundles)
    log.error({ error }, 'changed rules are not in force yet')
  })

  const indicators = indicatorService({
    folder: join(dataFolder, 'indicators'),
    announce: (manifest) => appendControl(spool, { indicators: manifest }),
    never: neverList,
    now: Date.now,
    durableSeq: spool.durableSeq,
  })
  await indicators.refresh().catch((error: unknown) => log.error({ error }, 'changed indicators are not in force yet'))

  let saying = Promise.resolve()
  /** One after another, or two would say the same. Identities are remembered as long as this looks back. */
  const sayHealth = (): Promise<void> =>
    (saying = saying
      .then(() => writeStatements(local, spool, Date.now() - config.senderIds.days * DAY_MS))
      .catch((error: unknown) => log.warn({ error }, 'what is to be said about sources is not in the log yet')))
  /** While a snapshot is taken: what it has not reached yet must still be there when it does. */
  let holding = false
  let forget = (): void => undefined
  const pipeline = startPipeline({
    config,
    spoolId: spool.id,
    durableSeq: spool.durableSeq,
    log,
    onDeath: onFailure,
    onCheckpoint: ({ seq, bundle, indicators: manifest, said }) => {
      if (said > 0) void sayHealth()
      forget = () => {
        spool.releaseThrough(seq).catch((error: unknown) => log.error({ error }, 'cannot delete old spool segments'))
        // Before that position rules that were taken back since may be in force once more, on the way to those of now.
        if (seq >= announcedSeq && bundle === inForce) pruneBundles(bundles, new Set([inForce]))
        indicators.prune(manifest, seq).catch((error: unknown) => log.error({ error }, 'old indicators stay'))
      }
      if (!holding) forget()
    },
  })
  spool.onDurable((seq) => pipeline.durable(seq))

  const collector = await startCollector({
    spool,
    inputs: config.inputs,
    authenticate: (token) => authenticateIngest(local, token),
    log,
    stateFolder: join(dataFolder, 'inputs'),
    agencyOf: (origin) => {
      const { agency } = resolveSource(registry, origin, new Date().toISOString())
      return agency === UNREGISTERED ? undefined : agency
    },
    quotas: config.quotas,
  }).catch((error: unknown) => {
    throw error instanceof InputOptionsError ? new ConfigError(error.message) : error
  })

  const disk = diskWatch({
    folder: dataFolder,
    reserveBytes: config.spool.freeBytesMin,
    // Of the levels that are kept longest: the disk may last longer than is said, never shorter.
    retentionDays: Math.max(...Object.values(config.retention.days)),
    counts: () => pipeline.store.counts('all'),
    spool,
    log,
  })

  const health = async (): Promise<Health> => {
    const { accepting, reason } = spool.state()
    const store = await pipeline.store.ready().then(
      () => null,
      (error: unknown) => (error instanceof StoreError ? error.code : 'failed'),
    )
    const checks = [
      check('spool', accepting ? null : (reason?.split(/\W/)[0] ?? 'failed')),
      check('store', store ?? (pipeline.state.waiting === undefined ? null : 'unavailable')),
      check('rules', pipeline.state.rules.length > 0 ? null : 'none_loaded'),
      {
        name: 'disk',
        ok: true,
        ...(toldAt(disk.now.fullInDays) !== null && { reason: `full_in_${disk.now.fullInDays}_days` }),
      },
    ]
    return { ready: checks.every(({ ok }) => ok), checks }
  }
  const ruleWorker = new RuleWorker(config.rulesFolder)
  /** For who writes a rule and waits: not behind what takes longer. */
  const ruleDesk = new RuleWorker(config.rulesFolder)
  let server: http.Server | https.Server | undefined
  const app = await buildApp({
    store: pipeline.store,
    exportFolder: join(config.dataFolder, 'exports'),
    local,
    rules: () => {
      const { rules, problems, stats } = pipeline.state
      return { rules, problems, stats: stats.rules, events: stats.events }
    },
    changeRules,
    ruleTests: () => countCases(config.rulesFolder, pipeline.state.rules),
    mutate: (rule) => ruleWorker.mutate(rule),
    overlaps: () => ruleWorker.overlaps(),
    checkDraft: (draft) => ruleDesk.check(draft).catch(refuseSlowRule),
    tryDraft: (draft, lines) => {
      const { registry: path, timeZone } = config
      return ruleDesk.tryOut(draft, lines, { registry: path, timeZone, receivedAtMs: Date.now() }).catch(refuseSlowRule)
    },
    filesOf: (rule) => filesAround(ruleFiles(), rule),
    ruleFiles,
    announceExceptions,
    startBacktest: backtestsIn(config, pipeline.store),
    registry: () => registry,
    changeRegistry,
    health,
    replay: async (letters) => void (await spool.append(letters.map(frameOf))),
    sayHunted: async (alerts) => void (await appendControl(spool, { hunted: [...alerts] })),
    shipping: shippingService(config, () => registry),
    throttled: (agency, source) => collector.throttled(agency, source),
    playbooks: () => playbooks,
    legal: () => legal,
    targets: () => targets,
    indicators,
    never: () => new Never(neverList()),
    masking: () => masking,
    containment: config.containment,
    webhookTargets: config.webhooks.allow,
    ways,
    notifyRules: () => notifyRules,
    reportLayout: () => reportLayout,
    reportsFolder,
    retention: policy,
    disk: () => disk.now,
    attachmentsFolder: join(dataFolder, 'attachments'),
    integrityFolder,
    logEnd: () => spool.durableSeq,
    metrics: () =>
      renderMetrics({
        spool,
        collector,
        pipeline: pipeline.state,
        accounts: accountsOf(local),
        disk: disk.now,
        health: { states: countStates(local), sources: healthOfAll(local) },
      }),
    cursorSecret: keptSecret(join(dataFolder, 'cursor.key')),
    secureCookies: config.http.certificate !== undefined || config.http.trustedProxy !== undefined,
    ...(signOn !== undefined && { signOn }),
    sessionLimits: { idleMs: config.sessions.idleMs, lifeMs: config.sessions.maxMs },
    logger: log.child({}, { level: 'warn' }),
    ...(config.http.trustedProxy !== undefined && { trustProxy: [config.http.trustedProxy] }),
    serverFactory: (handler) => {
      const senderOf = forwardedBy(config.http.trustedProxy)
      const listener: http.RequestListener = (req, res) => {
        if (!collector.handleHttp(req, res, senderOf(req))) handler(req, res)
      }
      server =
        config.http.certificate === undefined
          ? http.createServer(listener)
          : https.createServer(readPair(config), listener)
      return server
    },
  })
  await dropSnapshots(dataFolder)
  /** Everything as of now, for `soc backup`; one at a time. */
  const snapshot = async (): Promise<string> => {
    if (holding) throw new Error('a snapshot is being taken already')
    holding = true
    try {
      await dropSnapshots(dataFolder)
      const { store } = pipeline
      return await makeSnapshot(dataFolder, {
        ...(store.engine === 'embedded' && { copyStore: (folder: string) => store.snapshot!(folder) }),
      })
    } finally {
      holding = false
      forget()
    }
  }
  const status = async (): Promise<Running> => {
    const { accepting, reason, bytes, durableSeq } = spool.state()
    const { waiting, seq, rules, problems } = pipeline.state
    return {
      pid: process.pid,
      listening: [{ input: 'http', address: config.http.host, port: config.http.port }, ...collector.listening],
      checks: [...(await health()).checks],
      disk: disk.now,
      spool: { accepting, bytes, durableSeq, ...(reason !== undefined && { reason }) },
      pipelineSeq: seq,
      ...(waiting !== undefined && { waiting }),
      rules: rules.length,
      problems: problems.map(({ path, line, severity, message }) => ({ path, line, severity, message })),
    }
  }
  const endControl = await serveControl(dataFolder, { snapshot, status }).catch((error: unknown) => {
    log.warn({ error }, 'commands of this machine cannot ask the product: no backup while it runs')
    return () => Promise.resolve()
  })
  await app.listen({ host: config.http.host, port: config.http.port })
  const password = ensureAdministrator(local) // not before: a start that fails must not use up a password nobody saw

  const reloadCertificates = async (): Promise<void> => {
    if (server instanceof https.Server) server.setSecureContext(readPair(config))
    await collector.reloadCertificates()
  }
  const certificates = certificateTimes(config)
  lookAtAll(local) // what is promised may be another since
  const webhooks = inRounds(
    WEBHOOKS_EVERY_MS,
    () => dispatchWebhooks(local, { allow: config.webhooks.allow, now: Date.now, masking: () => masking }),
    (error) => log.warn({ error }, 'webhooks were not sent'),
  )
  const { publicUrl: consoleUrl } = config.http
  const notices = inRounds(
    NOTICES_EVERY_MS,
    async () => {
      const notifying = { rules: notifyRules, ways, registry: () => registry, masking: () => masking, now: Date.now }
      const failed = await notify(local, { ...notifying, ...(consoleUrl !== undefined && { consoleUrl }) })
      for (const { message, error } of failed) {
        log.warn({ message: message.id, user: message.user, way: message.way, error }, 'a notice did not go out')
      }
    },
    (error) => log.warn({ error }, 'notices were not sent'),
  )
  let seqMinuteAgo = -1
  let closing = false
  const proving = {
    store: pipeline.store,
    local,
    folder: integrityFolder,
    log,
    logEnd: () => spool.durableSeq,
    say: (frame: Frame) => spool.append([frame]),
    stopped: () => closing,
  }
  let provingDone: Promise<unknown> = Promise.resolve()
  /** One after another, and waited for when the product stops. What a store that is away does not let be done is done next time. */
  const proved = (work: (now: Date) => Promise<void>): Promise<void> => {
    const next = provingDone
      .then(() => work(new Date()))
      .catch((error: unknown) => log.warn({ error }, 'retention and proof are tried again later'))
    provingDone = next
    return next
  }
  const reporting = {
    store: pipeline.store,
    local,
    registry: () => registry,
    playbooks: () => playbooks,
    legal: () => legal,
    targets: () => targets,
    reportLayout: () => reportLayout,
    clock: Date.now,
  }
  const jobs = [
    // At the third minute past midnight UTC, by which days are cut, the last units of the day before are in the chain.
    schedule('3 * * * *', () => proved((now) => sign(proving, now.toISOString()))),
    schedule('20 0 * * *', () => proved((now) => proveNight(proving, policy, now)), { timezone: 'UTC' }),
    ...reportLayout.schedule.map(({ period, at }) =>
      schedule(
        at,
        async () => {
          const kept = await keepPeriodReports(reporting, reportsFolder, period)
          if (kept.length > 0) log.info({ period, from: kept[0]!.from, files: kept.length }, 'reports made')
        },
        { timezone: registry.timeZone },
      ),
    ),
    schedule('17 1 * * *', async () => {
      forgetLedger(local, keptFrom(policy, 0, new Date().toISOString().slice(0, 10)))
      const swept = await sweepOrphans(local, join(dataFolder, 'attachments'), Date.now() - DAY_MS)
      if (swept > 0) log.info({ files: swept }, 'files that no incident names are deleted')
      forgetShadow(local, new Date(Date.now() - SHADOW_DAYS * DAY_MS).toISOString().slice(0, DAY))
      forgetRisk(local, new Date(Date.now() - RISK_DAYS * DAY_MS).toISOString())
      const idle = disableIdleAccounts(local, Date.now(), config.sessions.accountIdleDays * DAY_MS)
      if (idle.length > 0) log.info({ accounts: idle }, 'accounts that nobody used are disabled')
      const head = chainHead(local)
      // Whoever keeps this log elsewhere can tell later whether the history was altered: soc audit verify --head.
      log.info({ head: `${head.id}:${head.hash}` }, 'end of the history')
      // A day more than they count: what is done again after a crash must still find them.
      forgetSenderIds(local, Date.now() - (config.senderIds.days + 1) * DAY_MS)
      if (!holding) await dropSnapshots(dataFolder, Date.now() - DAY_MS)
    }),
    schedule('* * * * *', () => {
      for (const { code, params, subject } of warnOfDeadlines(local, legal, Date.now())) {
        log.warn({ code, incident: subject.id, deadline: params['deadline'], dueAt: params['dueAt'] }, 'legal deadline')
      }
    }),
    schedule(
      '* * * * *',
      async () => {
        const working = workingTime(registry.calendar, registry.timeZone)
        const told = await warnOfClocks(local, { targets, working, nowMs: Date.now() })
        for (const { code, params, subject } of told) {
          log.info({ code, incident: subject.id, clock: params['clock'], dueAt: params['dueAt'] }, 'promised time')
        }
      },
      { noOverlap: true },
    ),
    schedule('* * * * *', async () => {
      const { expired, warned, isChanged } = tendExceptions(local, Date.now())
      for (const { id, title, owner, expiresAt } of warned) {
        log.warn({ exception: id, title, owner, expiresAt }, 'an exception ends soon')
      }
      for (const { id, title, owner } of expired) log.warn({ exception: id, title, owner }, 'an exception has ended')
      if (isChanged) await announceExceptions()
    }),
    schedule('* * * * *', async () => {
      // Without traffic nothing tells the log that time goes on, and silence is what must be noticed then.
      const { accepting, durableSeq } = spool.state()
      if (accepting && durableSeq === seqMinuteAgo) await appendControl(spool, { quiet: true })
      seqMinuteAgo = spool.durableSeq
      await sayHealth()
    }),
    schedule('* * * * *', () => {
      const over = expireBlocks(local, Date.now())
      if (over > 0) log.info({ blocks: over }, 'blocks ran out')
    }),
    schedule('*/5 * * * *', () =>
      disk.look().catch((error: unknown) => log.warn({ error }, 'how long the disk lasts is not known')),
    ),
    schedule('* * * * *', async () => {
      if (!unannounced) return
      await reload()
      unannounced = false
      log.info('changed rules are in force now')
    }),
    schedule('* * * * *', async () => {
      if (!certificates.changed()) return
      await reloadCertificates() // thrown: the certificate and its key may not have been written both yet; asked again
      certificates.read()
      log.info('certificates read again')
    }),
  ]
  /** Asked for only when they can be written down: what was told is not told again. */
  const recordDrops = async (): Promise<void> => {
    if (!spool.state().accepting) return
    const drops = [...undeclared, ...collector.drops()]
    undeclared = []
    if (drops.length === 0) return
    await appendControl(spool, { drops }).catch((error: unknown) => {
      undeclared.push(...drops)
      log.warn({ error }, 'drops not recorded yet')
    })
  }
  const drops = setInterval(() => void recordDrops(), DROPS_EVERY_MS)

  const unwatch = config.detection.watchRules
    ? watchRules(
        config.rulesFolder,
        () =>
          void reload().catch((error: unknown) =>
            log.error({ error }, 'changed rules are not in force: the former stay'),
          ),
        (error) => log.warn({ error }, 'the rules folder is not watched: SIGHUP reads it again'),
      )
    : () => undefined

  const { port } = server!.address() as AddressInfo
  const scheme = server instanceof https.Server ? 'https' : 'http'
  return {
    listening: collector.listening,
    url: `${scheme}://${config.http.host.includes(':') ? `[${config.http.host}]` : config.http.host}:${port}`,
    administrator: password === null ? null : { name: ADMINISTRATOR, password },
    reload,
    reloadCertificates,
    close: async () => {
      closing = true
      unwatch()
      clearInterval(drops)
      for (const job of jobs) await job.destroy()
      await endControl()
      const cut = setTimeout(() => server!.closeAllConnections(), CLOSE_TIMEOUT_MS)
      await app.close()
      await webhooks.stop()
      await notices.stop()
      await provingDone
      clearTimeout(cut)
      await collector.close()
      await recordDrops()
      await pipeline.stop()
      await saying
      await spool.close()
      local.close()
    },
  }
}

function refuseSlowRule(error: unknown): never {
  throw error instanceof ThreadTimeout ? new Problem('rule_refused', error.message) : error
}

function check(name: string, reason: string | null): Health['checks'][number] {
  return reason === null ? { name, ok: true } : { name, ok: false, reason }
}

/** A replayed record has an identity, so that asking twice stores it once; what had been cut short stays cut. */
function frameOf({ record, origin, bytes }: DeadLetter): Frame {
  return { origin, bytes: Buffer.from(bytes, 'base64'), senderId: `dead-letter:${record}` }
}

function appendControl(spool: Spool, control: Control): Promise<number> {
  return spool.append([{ origin: { input: 'control', address: '' }, bytes: Buffer.from(JSON.stringify(control)) }])
}

/** Puts the registry in its place at once: whoever reads finds the former or the new one. @throws {Problem} it cannot be written */
function writeRegistry(path: string, text: string): void {
  try {
    writeFileSync(`${path}.new`, text, { flush: true, mode: statSync(path).mode })
    renameSync(`${path}.new`, path)
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code ?? 'failed'
    throw new Problem('registry_refused', `the file cannot be written: ${code}`)
  }
}

/** A secret of this installation, made at first start. */
function keptSecret(path: string): Buffer {
  if (!existsSync(path)) writeFileSync(path, randomBytes(32), { mode: 0o600 })
  return readFileSync(path)
}
