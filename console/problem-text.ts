import { RequestError } from './client.ts'
import { t } from './language.ts'
import { isMessageKey } from './messages.ts'

/** What went wrong, as a sentence for the person in front of the page. */
export function problemText(error: unknown): string {
  const code = error instanceof RequestError ? error.code : 'internal'
  const key = `error.${code}`
  return isMessageKey(key) ? t(key) : t('error.other', { code })
}
