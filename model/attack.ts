import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { parse } from 'yaml'
import { ROOT } from './root.ts'

/** Names of ATT&CK: what the tags of rules stand for. */
export interface Attack {
  version: string
  /** In the order of an attack, by the words of tags: `credential-access`. */
  tactics: ReadonlyMap<string, { id: string; en: string; vi: string }>
  /** By id: `T1110.001`. */
  techniques: ReadonlyMap<string, { name: string; tactics: readonly string[] }>
}

let read: Attack | undefined

/** Enterprise, as shipped in `attack/`; read once, as it is part of the program. */
export function enterpriseAttack(): Attack {
  if (read === undefined) {
    const file = parse(readFileSync(join(ROOT, 'attack', 'enterprise.yml'), 'utf8')) as {
      version: string
      tactics: Record<string, { id: string; en: string; vi: string }>
      techniques: Record<string, { name: string; tactics: string[] }>
    }
    const { version } = file
    read = {
      version,
      tactics: new Map(Object.entries(file.tactics)),
      techniques: new Map(Object.entries(file.techniques)),
    }
  }
  return read
}

/** Techniques (`T1110.001`) and tactics (`credential-access`) that tags name; other tags are about something else. */
export function attackOf(tags: readonly string[]): { techniques: string[]; tactics: string[] } {
  const own = tags.flatMap((tag) => (tag.startsWith('attack.') ? tag.slice('attack.'.length) : []))
  const isTechnique = (word: string): boolean => /^t\d{4}(?:\.\d{3})?$/.test(word)
  return {
    techniques: own.filter(isTechnique).map((word) => word.toUpperCase()),
    tactics: own.filter((word) => !isTechnique(word) && !/^[gs]\d{4}$/.test(word)),
  }
}
