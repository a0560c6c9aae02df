import { randomBytes } from 'node:crypto'
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import http from 'node:http'
import https from 'node:https'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { createSecureContext } from 'node:tls'
import type { Logger } from 'pino'
import { ADMINISTRATOR, ensureAdministrator } from '../api/access/passwords.ts'
import { buildApp } from '../api/app.ts'
import { Problem } from '../api/problem.ts'
import type { Health } from '../api/services.ts'
import { backtestsIn } from '../backtest/host.ts'
import { InputOptionsError, startCollector } from '../collector/collector.ts'
import { Spool } from '../collector/spool/spool.ts'
import { ConfigError, type Config } from '../config.ts'
import { prepareDataFolder } from '../data-folder/version.ts'
import { Never } from '../detection/indicators/never.ts'
import type { Running } from '../doctor/check.ts'
import { indicatorService } from '../indicators/indicators.ts'
import { UNREGISTERED } from '../model/event.ts'
import { ThreadTimeout } from '../model/kept-thread.ts'
import type { DeadLetter, Frame } from '../model/record.ts'
import { parseRegistry, resolveSource } from '../model/registry.ts'
import { controlFrame } from '../pipeline/bundle.ts'
import { startPipeline } from '../pipeline/host.ts'
import { filesAround } from '../rule-life/folder.ts'
import { watchRules } from '../rule-life/watch.ts'
import { countCases } from '../rule-work/tests.ts'
import { RuleWorker } from '../rule-work/work.ts'
import { shippingService } from '../shipping/plan.ts'
import { readCheckpoint } from '../store/local/checkpoint.ts'
import { lookAtAll } from '../store/local/clock-looks.ts'
import { openLocal, type LocalDatabase } from '../store/local/database.ts'
import { accountsOf } from '../store/local/ledger.ts'
import { countStates, healthOfAll } from '../store/local/source-health.ts'
import { authenticateIngest } from '../store/local/tokens.ts'
import { StoreError } from '../store/store.ts'
import { serveControl } from './control.ts'
import { toldAt } from './disk-forecast.ts'
import { diskWatch } from './disk-watch.ts'
import { declareDrops } from './drops.ts'
import { certificateTimes, forwardedBy, readPair } from './https.ts'
import { InForce } from './in-force.ts'
import { startJobs } from './jobs.ts'
import { renderMetrics } from './metrics.ts'
import { named, readDocuments } from './settings.ts'
import { Snapshots } from './snapshots.ts'
import { writeStatements } from './statements.ts'

const DAY_MS = 86_400_000
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
  const folders = {
    reportsFolder: join(dataFolder, 'reports'),
    integrityFolder: join(dataFolder, 'integrity'),
    attachmentsFolder: join(dataFolder, 'attachments'),
  }
  named('dataFolder', () => mkdirSync(dataFolder, { recursive: true, mode: 0o700 }))
  if (config.http.certificate !== undefined) named('http.certificate', () => createSecureContext(readPair(config)))
  const registry = named('registry', () => parseRegistry(readFileSync(config.registry, 'utf8'), config.registry))
  const documents = await readDocuments(config, registry)
  await prepareDataFolder(dataFolder, (step) => log.info({ folder: dataFolder, step }, 'the data folder is upgraded'))
  const spool = await Spool.open(join(dataFolder, 'spool'), config.spool) // also keeps a second process out
  const local = openLocal(join(dataFolder, 'local.db'))
  refuseOlderSpool(spool, local, join(dataFolder, 'spool'))

  const inForce = await InForce.announced({ config, spool, local, log }, registry)
  const indicators = indicatorService({
    folder: join(dataFolder, 'indicators'),
    announce: (manifest) => spool.append([controlFrame({ indicators: manifest })]),
    never: () => inForce.never,
    now: Date.now,
    durableSeq: spool.durableSeq,
  })
  await indicators.refresh().catch((error: unknown) => log.error({ error }, 'changed indicators are not in force yet'))

  const reload = async (): Promise<void> => {
    await inForce.reload()
    await indicators.refresh()
  }
  const announceExceptions = async (): Promise<void> => {
    await reload()
    inForce.noteExceptions()
  }

  let saying = Promise.resolve()
  /** One after another, or two would say the same. Identities are remembered as long as this looks back. */
  const sayHealth = (): Promise<void> =>
    (saying = saying
      .then(() => writeStatements(local, spool, Date.now() - config.senderIds.days * DAY_MS))
      .catch((error: unknown) => log.warn({ error }, 'what is to be said about sources is not in the log yet')))
  const snapshots = new Snapshots(dataFolder)
  const pipeline = startPipeline({
    config,
    spoolId: spool.id,
    durableSeq: spool.durableSeq,
    log,
    onDeath: onFailure,
    onCheckpoint: ({ seq, bundle, indicators: manifest, said }) => {
      if (said > 0) void sayHealth()
      snapshots.forget(() => {
        spool.releaseThrough(seq).catch((error: unknown) => log.error({ error }, 'cannot delete old spool segments'))
        inForce.prune(seq, bundle)
        indicators.prune(manifest, seq).catch((error: unknown) => log.error({ error }, 'old indicators stay'))
      })
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
      const { agency } = resolveSource(inForce.registry, origin, new Date().toISOString())
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
    changeRules: (edit, note) => inForce.changeRules(edit, note),
    ruleTests: () => countCases(config.rulesFolder, pipeline.state.rules),
    mutate: (rule) => ruleWorker.mutate(rule),
    overlaps: () => ruleWorker.overlaps(),
    checkDraft: (draft) => ruleDesk.check(draft).catch(refuseSlowRule),
    tryDraft: (draft, lines) => {
      const { registry: path, timeZone } = config
      return ruleDesk.tryOut(draft, lines, { registry: path, timeZone, receivedAtMs: Date.now() }).catch(refuseSlowRule)
    },
    filesOf: (rule) => filesAround(inForce.ruleFiles, rule),
    ruleFiles: () => inForce.ruleFiles,
    announceExceptions,
    startBacktest: backtestsIn({
      config,
      store: pipeline.store,
      levels: () => inForce.registry,
      grouping: documents.grouping,
    }),
    registry: () => inForce.registry,
    changeRegistry: inForce.changeRegistry,
    health,
    replay: async (letters) => void (await spool.append(letters.map(frameOf))),
    sayHunted: async (alerts) => void (await spool.append([controlFrame({ hunted: [...alerts] })])),
    shipping: shippingService(config, () => inForce.registry),
    throttled: (agency, source) => collector.throttled(agency, source),
    playbooks: () => documents.playbooks,
    legal: () => documents.legal,
    targets: () => documents.targets,
    indicators,
    never: () => new Never(inForce.never),
    masking: () => inForce.masking,
    containment: config.containment,
    webhookTargets: config.webhooks.allow,
    ways: documents.ways,
    notifyRules: () => documents.notifyRules,
    reportLayout: () => documents.reportLayout,
    retention: documents.policy,
    disk: () => disk.now,
    ...folders,
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
    ...(documents.signOn !== undefined && { signOn: documents.signOn }),
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
  await snapshots.tidy()
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
  const endControl = await serveControl(dataFolder, { snapshot: () => snapshots.take(pipeline.store), status }).catch(
    (error: unknown) => {
      log.warn({ error }, 'commands of this machine cannot ask the product: no backup while it runs')
      return () => Promise.resolve()
    },
  )
  await app.listen({ host: config.http.host, port: config.http.port })
  const password = ensureAdministrator(local) // not before: a start that fails must not use up a password nobody saw

  const reloadCertificates = async (): Promise<void> => {
    if (server instanceof https.Server) server.setSecureContext(readPair(config))
    await collector.reloadCertificates()
  }
  lookAtAll(local) // what is promised may be another since
  const jobs = startJobs({
    config,
    documents,
    log,
    spool,
    local,
    store: pipeline.store,
    inForce,
    snapshots,
    disk,
    certificates: certificateTimes(config),
    ...folders,
    reload,
    announceExceptions,
    sayHealth,
    reloadCertificates,
  })
  const drops = declareDrops({ spool, collector, log })

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
      unwatch()
      const jobsEnded = jobs.stop()
      await endControl()
      const cut = setTimeout(() => server!.closeAllConnections(), CLOSE_TIMEOUT_MS)
      await app.close()
      await jobsEnded
      clearTimeout(cut)
      await collector.close()
      await drops.stop()
      await pipeline.stop()
      await saying
      await spool.close()
      local.close()
    },
  }
}

/** @throws the spool is older than what was processed of it */
function refuseOlderSpool(spool: Spool, local: LocalDatabase, folder: string): void {
  const checkpoint = readCheckpoint(local)
  if (checkpoint.spool !== spool.id || checkpoint.seq <= spool.durableSeq) return
  throw new Error(
    `${folder} ends at position ${spool.durableSeq}, but ${checkpoint.seq} was processed already: ` +
      'it was put back from an older copy, and its positions would be given twice; move it away, and a new one is begun',
  )
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

/** A secret of this installation, made at first start. */
function keptSecret(path: string): Buffer {
  if (!existsSync(path)) writeFileSync(path, randomBytes(32), { mode: 0o600 })
  return readFileSync(path)
}
