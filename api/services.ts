import type { LoadedRule, RuleProblem } from '../detection/types.ts'
import type { DeadLetter } from '../model/record.ts'
import type { Registry } from '../model/registry.ts'
import type { LocalDatabase } from '../store/local/database.ts'
import type { SessionLimits } from '../store/local/sessions.ts'
import type { LegalProfile } from './incidents/legal.ts'
import type { ServiceTargets } from './incidents/service-clocks.ts'
import type { Playbook } from './incidents/playbooks.ts'
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
  alerts: number
}

export interface Health {
  ready: boolean
  /** `reason` is a stable code such as `disk_full`: nothing about the machine leaves it here. */
  checks: readonly { name: string; ok: boolean; reason?: string }[]
}

/** What the routes stand on. */
export interface Services {
  store: Store
  local: LocalDatabase
  rules: () => RuleSetView
  registry: () => Registry
  health: () => Promise<Health>
  /** Puts the records of dead letters into the spool again; durable when it resolves. */
  replay: (letters: readonly DeadLetter[]) => Promise<void>
  /** How often a source of an agency was over the agency's quota since start. Absent: there are no quotas. */
  throttled?: (agency: string, source: string) => number
  /** Checklists, by what they are for. */
  playbooks: () => readonly Playbook[]
  legal: () => readonly LegalProfile[]
  targets: () => ServiceTargets
  /** Addresses and networks that webhooks may reach although they are not public. */
  webhookTargets: readonly string[]
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
  /** Epoch milliseconds. */
  clock: () => number
}
