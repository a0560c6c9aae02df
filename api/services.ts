import type { Indicator, IndicatorKind, Tlp } from '../detection/indicators/indicator.ts'
import type { Never } from '../detection/indicators/never.ts'
import type { Feed } from '../detection/indicators/set.ts'
import type { RuleEdit } from '../detection/life.ts'
import type { Overlap } from '../detection/overlap.ts'
import type { LoadedRule, RuleFile, RuleProblem } from '../detection/types.ts'
import type { Alert, Level, Proof } from '../model/alert.ts'
import type { EcsEvent } from '../model/event.ts'
import type { Masking } from '../model/personal.ts'
import type { DeadLetter } from '../model/record.ts'
import type { Registry } from '../model/registry.ts'
import type { LocalDatabase } from '../store/local/database.ts'
import type { FiguresReader } from '../store/local/figures-reader.ts'
import type { SessionLimits } from '../store/local/sessions.ts'
import type { GroupMap } from './access/group-map.ts'
import type { SignOn } from './access/sign-on.ts'
import type { StartBacktest } from './backtests/jobs.ts'
import type { LegalProfile } from './incidents/legal.ts'
import type { ServiceTargets } from './incidents/service-clocks.ts'
import type { Playbook } from './incidents/playbooks.ts'
import type { NotifyRules } from './notify/rules.ts'
import type { ReportLayout } from './reports/layout.ts'
import type { Way } from './notify/way.ts'
import type { RetentionPolicy } from '../store/retention.ts'
import type { Store } from '../store/store.ts'

/** The rules in force, what was refused, and what each has cost and found. */
export interface RuleSetView {
  rules: readonly LoadedRule[]
  problems: readonly RuleProblem[]
  /** Since start, by rule id. */
  stats?: Readonly<Record<string, RuleStats>>
  /** That went through detection since start. */
  events?: number
}

interface RuleStats {
  /** Events on which its condition was run. */
  evaluated: number
  /** Time that took, estimated from a sample. */
  nanos: number
  matches: number
  /** That a filter kept out. */
  hidden: number
  alerts: number
  /** Alerts that did not go out: off for their agency, or beyond the rule's budget. */
  withheld: number
}

/** Of the disk with the data. */
interface DiskState {
  freeBytes: number
  totalBytes: number
  /** What events of one day take; null where nothing is known yet, or events are kept elsewhere. */
  bytesPerDay: number | null
  /** Whole days until no more is accepted; null: not within two years, or not known. */
  fullInDays: number | null
}

export interface Health {
  ready: boolean
  /** `reason` is a stable code such as `disk_full`: nothing about the machine leaves it here. With `ok` it is a warning. */
  checks: readonly { name: string; ok: boolean; reason?: string }[]
}

/** A feed of indicators in force. */
export interface IndicatorFeed extends Feed {
  indicators: number
  /** What the last import brought that was not there before. */
  fresh: { indicators: number }
  importedAt: string
  importedBy: string
}

/** A file that is no feed: what it lacks, in words. */
export class FaultyFeed extends Error {
  override readonly name = 'FaultyFeed'
}

/** A stored event that shows an indicator. */
export interface HuntedHit {
  record: string
  agency: string
  at: string
  field: string
  kind: IndicatorKind
  value: string
  level: Level
}

/** What one page of stored events shows. */
export interface HuntedPage {
  hits: HuntedHit[]
  /** Those that the stream raises of the same events once the feed is in force: the same ids. */
  alerts: Alert[]
}

/** Holds events against indicators, in a thread of its own; one call after another. */
export interface Hunter {
  match: (events: readonly EcsEvent[]) => Promise<HuntedPage>
  close: () => Promise<void>
}

export interface IndicatorService {
  feeds: () => readonly IndicatorFeed[]
  /**
   * Reads a file into a feed, in force from a position of the log on.
   * @throws {FaultyFeed}
   */
  import: (task: {
    name: string
    /** The file, below `incoming`; the caller deletes it. */
    path: string
    by: string
    /** To what is there, instead of in its place. */
    add: boolean
    format?: string
    level: Level
    confidence?: number
    tlp?: Tlp
    validDays?: number
  }) => Promise<{
    feed: IndicatorFeed
    format: string
    refused: Record<string, { count: number; examples: string[] }>
  }>
  /** Null where there is no such feed. */
  remove: (name: string) => Promise<IndicatorFeed | null>
  /** What the feeds say of one value in its normal form. */
  find: (kind: IndicatorKind, value: string) => ({ feed: string } & Indicator)[]
  /** For what a feed that is there has, or only what its last import brought. */
  hunter: (feed: string, part: 'all' | 'fresh') => Hunter
  /** Folder for files that are about to be imported. */
  incoming: string
}

/** One way of one shipper to this collector. */
export interface ShippingWay {
  shipper: string
  transport: string
  /** Input of the collector that it ships to. */
  input: string
  /** By what the collector knows whose the records are. */
  identity: 'address' | 'token'
  /** Whether the collector's answer means that a record is on its disk. */
  acknowledges: boolean
  /** Versions that were run as written; absent: none. */
  tested?: string
}

export interface ShippingWish {
  agency: string
  system?: string | undefined
  shipper: string
  transport: string
  /** Of the collector, as the sender calls it. */
  host: string
  address?: string | undefined
  stream?: string | undefined
}

/** What one sender is given, and what else is to be done for it. */
export interface ShippingPlan {
  way: ShippingWay
  stream: string
  /** The shipper's configuration, with `token` where one belongs. */
  configuration: (token: string) => string
  /** Where it belongs on the sender. */
  file: string
  /** File on the sender with the collector's authority, where it needs one. */
  ca?: string
  /** What to do then. */
  after: { vi: string; en: string }
  /** Line that the registry's `sources` lacks. */
  registryLine?: string
  /** Lines that the collector's own settings lack. */
  settings: readonly string[]
}

/** The text of a rule that is being written. */
export interface RuleDraft {
  text: string
  /** The rule that it is to replace. */
  rule?: string
}

export interface CheckedDraft {
  problems: RuleProblem[]
  /** Those that load. */
  rules: Pick<LoadedRule, 'id' | 'title' | 'titleVi' | 'level' | 'kind'>[]
}

export interface TriedDraft extends CheckedDraft {
  lines: {
    /** Why no event came of it: `code: reason`. */
    unread?: string
    rules: { id: string; proof: Proof[] }[]
  }[]
  /** Of correlations, as they ended; `lines` are the places of what contributed, from 0. */
  alerts: { rule: string; count: number; group: Record<string, string>; lines: number[] }[]
}

/** What the routes stand on. */
export interface Services {
  store: Store
  local: LocalDatabase
  figures: FiguresReader
  rules: () => RuleSetView
  /**
   * Writes a change into the rules folder and announces it; gives the position of the log from which it holds.
   * @throws {Problem} `rule_refused`
   */
  changeRules: (edit: RuleEdit, note: { by: string; why: string }) => Promise<{ seq: number }>
  /** By rule: cases beside the rules that expect it to alert, and that do not. */
  ruleTests: () => ReadonlyMap<string, { positive: number; negative: number }>
  /** Drops each predicate of a rule in turn: those whose absence no test notices. */
  mutate: (rule: string) => Promise<{
    mutants: number
    survivors: readonly { path: string; line: number; column: number; dropped: string }[]
  }>
  /** Rules that add nothing beside another one. */
  overlaps: () => Promise<Overlap[]>
  /**
   * What is wrong with the text of a rule, which may be to replace one that is there, and the rules that it holds.
   * @throws {Problem} `rule_refused`: it takes too long
   */
  checkDraft: (draft: RuleDraft) => Promise<CheckedDraft>
  /** What its rules make of log lines, whatever their stage and switches. @throws {Problem} `rule_refused`: it takes too long */
  tryDraft: (draft: RuleDraft, lines: readonly string[]) => Promise<TriedDraft>
  /** The file of a rule, those of the rules it refers to, and the settings that all rules have. */
  filesOf: (rule: string) => RuleFile[]
  /** What rules are loaded from: rules, pipelines, log sources and exceptions, as announced last. */
  ruleFiles: () => readonly RuleFile[]
  /** Has the log say which exceptions are in force; each then knows from which position. */
  announceExceptions: () => Promise<void>
  startBacktest: StartBacktest
  registry: () => Registry
  /**
   * Puts another text of the registry in force, from a position of the log on.
   * @param edit makes it of the one in force; what it throws changes nothing
   * @throws {Problem} `registry_refused`: the file cannot be written, or was changed by hand and not read yet
   */
  changeRegistry: (edit: (text: string) => string, note: { by: string; why: string }) => Promise<{ seq: number }>
  health: () => Promise<Health>
  /** Puts the records of dead letters into the spool again; durable when it resolves. */
  replay: (letters: readonly DeadLetter[]) => Promise<void>
  /** Has the log say which alerts a hunt found, so that they are raised; durable when it resolves. */
  sayHunted: (alerts: readonly Alert[]) => Promise<void>
  /** How often a source of an agency was over the agency's quota since start. Absent: there are no quotas. */
  throttled?: (agency: string, source: string) => number
  shipping: {
    ways: () => readonly ShippingWay[]
    /** `refused`: the part of the wish that cannot be met. */
    plan: (wish: ShippingWish) => ShippingPlan | { refused: keyof ShippingWish }
  }
  /** Checklists, by what they are for. */
  playbooks: () => readonly Playbook[]
  legal: () => readonly LegalProfile[]
  targets: () => ServiceTargets
  indicators: IndicatorService
  /** Hides what is hidden in everything that is answered. */
  masking: () => Masking
  /** What is neither alarmed about nor blocked. */
  never: () => Never
  /** How long a block lasts at most, and how many entries a list has: what the smallest firewall takes. */
  containment: { daysMax: number; entriesMax: number }
  /** Addresses and networks that webhooks may reach although they are not public. */
  webhookTargets: readonly string[]
  /** How long records are kept, as set and as the law asks. */
  retention: RetentionPolicy
  /** How full the disk is, and will be. */
  disk: () => DiskState
  /** How people are told of incidents: ways that are set up, and who is told of what. */
  ways: readonly Way[]
  notifyRules: () => NotifyRules
  reportLayout: () => ReportLayout
  /** Where the bytes of reports that were made by themselves lie. */
  reportsFolder: string
  /** Where the bytes of attachments lie; nothing there is ever served by path. */
  attachmentsFolder: string
  /** Signing key and marks of the proof. */
  integrityFolder: string
  /** The last position of the log. */
  logEnd: () => number
  /** Prometheus text exposition format. */
  metrics: () => Promise<string>
  /** Where exports wait for who asked for them; emptied at start. */
  exportFolder: string
  /** At least 32 random bytes, kept across restarts: cursors in open pages stay good. */
  cursorSecret: Buffer
  /** The page is served over TLS: `Secure` cookies with the `__Host-` prefix, and HSTS. */
  secureCookies: boolean
  sessionLimits: SessionLimits
  /** Log-in by OpenID Connect. Absent: by password alone. */
  signOn?: { provider: SignOn; map: GroupMap }
  /** Epoch milliseconds. */
  clock: () => number
}
