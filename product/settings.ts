import { readFileSync } from 'node:fs'
import { type GroupMap, readGroupMap } from '../api/access/group-map.ts'
import type { SignOn } from '../api/access/sign-on.ts'
import { chatWay } from '../api/notify/chat.ts'
import type { Way } from '../api/notify/way.ts'
import { readGrouping } from '../api/incidents/grouping-file.ts'
import type { GroupingSettings } from '../api/incidents/grouping-settings.ts'
import { readLegal, refuseBelowLaw, retentionPolicy, type LegalProfile } from '../api/incidents/legal.ts'
import { readPlaybooks, type Playbook } from '../api/incidents/playbooks.ts'
import { readTargets, type ServiceTargets } from '../api/incidents/service-clocks.ts'
import { readNotifyRules, type NotifyRules } from '../api/notify/rules.ts'
import { readReportLayout, type ReportLayout } from '../api/reports/layout.ts'
import { ConfigError, type Config } from '../config.ts'
import { UNREGISTERED } from '../model/event.ts'
import type { Registry } from '../model/registry.ts'
import type { RetentionPolicy } from '../store/retention.ts'

/** What a setting names, read. @throws {ConfigError} */
export function named<T>(setting: string, read: () => T): T {
  try {
    return read()
  } catch (cause) {
    throw new ConfigError(`${setting}: ${cause instanceof Error ? cause.message : String(cause)}`, { cause })
  }
}

/** A secret in a file of its own. @throws {ConfigError} */
function secretIn(setting: string, path: string): string {
  return named(setting, () => readFileSync(path, 'utf8').trim())
}

/** What the settings name and the whole product goes by, as it was at start. */
export interface Documents {
  playbooks: Playbook[]
  legal: LegalProfile[]
  /** How long what is kept: as set, and as the law asks. */
  policy: RetentionPolicy
  targets: ServiceTargets
  notifyRules: NotifyRules
  ways: Way[]
  reportLayout: ReportLayout
  grouping: GroupingSettings
  signOn: { provider: SignOn; map: GroupMap } | undefined
}

/** Reads the documents that settings name, and holds them against the law and the registry. @throws {ConfigError} */
export async function readDocuments(config: Config, registry: Registry): Promise<Documents> {
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
  const { grouping: path, lookBackMs } = config.incidents
  const grouping = named('incidents.grouping', () => readGrouping(path, lookBackMs))
  const reportLayout = named('reports.layout', () => readReportLayout(config.reports.layout))
  const signOn = await signOnOf(config)
  named('signOn.groups', () =>
    checkAgencies(signOn?.map.groups.flatMap(({ agencies }) => (agencies === 'all' ? [] : agencies)) ?? []),
  )
  named('quotas.agencies', () => checkAgencies(Object.keys(config.quotas.agencies ?? {})))
  named('inputs', () => checkAgencies(agenciesOf(config.inputs)))
  return { playbooks, legal, policy, targets, notifyRules, ways, reportLayout, grouping, signOn }
}

/** The single sign-on that the settings name. @throws {ConfigError} */
async function signOnOf({ signOn }: Config): Promise<Documents['signOn']> {
  if (signOn === undefined) return undefined
  const { SignOn } = await import('../api/access/sign-on.ts') // loaded where it is set up, and so is mail
  const { groups, clientSecretFile: file, ...rest } = signOn
  return {
    map: named('signOn.groups', () => readGroupMap(groups)),
    provider: new SignOn({
      ...rest,
      ...(file !== undefined && { clientSecret: secretIn('signOn.clientSecretFile', file) }),
    }),
  }
}

/** The ways to tell people that the settings name. @throws {ConfigError} */
async function waysOf({ notify: { mail, chat }, webhooks: { allow } }: Config): Promise<Way[]> {
  const ways: Way[] = []
  if (mail !== undefined) {
    const { mailWay } = await import('../api/notify/mail.ts')
    const { ca, passwordFile, ...rest } = mail
    ways.push(
      mailWay({
        ...rest,
        ...(ca !== undefined && { ca: named('notify.mail.ca', () => readFileSync(ca, 'utf8')) }),
        ...(passwordFile !== undefined && { password: secretIn('notify.mail.passwordFile', passwordFile) }),
      }),
    )
  }
  if (chat !== undefined) {
    const { baseUrl, token, tokenFile } = chat
    const text = tokenFile === undefined ? (token ?? '') : secretIn('notify.chat.tokenFile', tokenFile)
    ways.push(chatWay({ baseUrl, token: text }, { allow }))
  }
  return ways
}

/** Those that inputs without credentials name for what they read. */
function agenciesOf(inputs: Config['inputs']): string[] {
  const entries = Object.values(inputs).flatMap((options) => [options, (options as { files?: unknown } | null)?.files])
  return entries.flat().flatMap((entry) => {
    const agency = (entry as { agency?: unknown } | null | undefined)?.agency
    return typeof agency === 'string' ? [agency] : []
  })
}
