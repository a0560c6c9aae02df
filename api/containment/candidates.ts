import { normalIndicator } from '../../detection/indicators/normal.ts'
import type { Block, BlockKind } from '../../store/local/blocks.ts'
import type { Observable } from '../../store/local/observables.ts'

/** What an incident's observables name that firewalls can stop, in normal forms: links also with the host they lead to. */
export function candidatesOf(observables: readonly Observable[]): Pick<Block, 'kind' | 'value'>[] {
  const found = new Map<string, Pick<Block, 'kind' | 'value'>>()
  const add = (kind: BlockKind, text: string): void => {
    const named = normalIndicator(text, kind)
    if (typeof named !== 'string') found.set(`${kind} ${named.value}`, { kind, value: named.value })
  }
  for (const { kind, value } of observables) {
    if (kind === 'ip') add('ip', value)
    else if (kind === 'url') {
      add('url', value)
      const host = value.replace(/^[a-z]+:\/\/(?:[^@/]*@)?/i, '').replace(/[:/?#].*$/, '')
      add(/^[\d.]+$/.test(host) ? 'ip' : 'domain', host)
    } else if (kind === 'email') add('domain', value.slice(value.lastIndexOf('@') + 1))
    else if (kind !== 'host' && kind !== 'user') add('hash', value)
  }
  return [...found.values()]
}
