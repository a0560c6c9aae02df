import { titled } from '../../lib/language.ts'
import { vietnamTime } from '../../lib/time.ts'
import { has as isWord, kindOf, say as word, t as w } from '../../ui/words.ts'
import { has, say, t } from './history-messages.ts'
import type { HistoryEntry } from './incident-api.ts'

/** An entry of the history as a sentence: what, why, and what it was before. */
export function historyText({ code, params, before = {}, after = {} }: HistoryEntry): string {
  const shown: Record<string, string | number> = {
    ...params,
    ...(params['title'] !== undefined && {
      title: titled({ title: String(params['title']), titleVi: String(params['titleVi'] ?? params['title']) }),
    }),
    ...(params['dueAt'] !== undefined && { dueAt: vietnamTime(params['dueAt']) }),
    hours: params['lookBackHours'] ?? '',
    number: String(params['followsNumber'] ?? ''),
    kind: kindOf(String(params['kind'] ?? '')),
  }
  const sentence = (key: string): string => (has(key) ? say(key, shown) : '')
  // The states of a block are not those of an incident, and its sentence says them.
  const told = code.startsWith('block_') ? {} : after
  const changes = Object.keys(told)
    .filter((name) => has(`field.${name}`))
    .map((name) => {
      const field = `field.${name}`
      return t('change', {
        field: has(field) ? say(field) : name,
        before: valueOf(before, name),
        after: valueOf(after, name),
      })
    })
  return [sentence(code) || code, sentence(String(params['reason'] ?? '')), ...changes].filter(Boolean).join(' · ')
}

function valueOf(side: Readonly<Record<string, unknown>>, name: string): string {
  const held = side[name]
  if (typeof held === 'boolean') return t(held ? 'yes' : 'no')
  if (typeof held !== 'string' && typeof held !== 'number') return w('nothing')
  const key = `${name}.${held}`
  return isWord(key) ? word(key) : String(held)
}
