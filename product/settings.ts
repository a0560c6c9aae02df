import { readFileSync } from 'node:fs'
import { type GroupMap, readGroupMap } from '../api/access/group-map.ts'
import type { SignOn } from '../api/access/sign-on.ts'
import { chatWay } from '../api/notify/chat.ts'
import type { Way } from '../api/notify/way.ts'
import { ConfigError, type Config } from '../config.ts'

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

/** The single sign-on that the settings name. @throws {ConfigError} */
export async function signOnOf({ signOn }: Config): Promise<{ provider: SignOn; map: GroupMap } | undefined> {
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
export async function waysOf({ notify: { mail, chat }, webhooks: { allow } }: Config): Promise<Way[]> {
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
export function agenciesOf(inputs: Config['inputs']): string[] {
  const entries = Object.values(inputs).flatMap((options) => [options, (options as { files?: unknown } | null)?.files])
  return entries.flat().flatMap((entry) => {
    const agency = (entry as { agency?: unknown } | null | undefined)?.agency
    return typeof agency === 'string' ? [agency] : []
  })
}
