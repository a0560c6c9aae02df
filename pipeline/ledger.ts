import type { RuleSet } from '../detection/engine.ts'
import { classifier } from '../detection/sigma/logsource.ts'
import type { EcsEvent } from '../model/event.ts'
import type { LedgerCount, LedgerRule } from '../store/local/ledger.ts'

/** How the ledger tells events apart under one set of rules: by the log sources they carry. */
export interface LedgerClasses {
  bundle: string
  /** Every rule of the set, to be kept beside the counts: which of them met which class is told when somebody asks. */
  rules: LedgerRule[]
  /** The log sources of an event, as one text; empty where it has none, so that no rule is about it. */
  classOf(event: EcsEvent): string
}

export function ledgerClasses(bundle: string, { rules, network, logSources }: RuleSet): LedgerClasses {
  const { classify } = classifier(logSources)
  const found: number[] = []
  const known = new Map<string, string>()
  const mapped = new Map(network.rules.map(({ rule, mapped: { logsource } }) => [rule.id, logsource]))
  return {
    bundle,
    rules: rules.map(({ id, hash, kind, logsource, disabled }) => {
      const own = mapped.get(id)
      const runs = kind === 'correlation' ? disabled === undefined : own !== undefined
      return { rule: id, hash, runs, logsource: own ?? logsource ?? null }
    }),
    classOf(event) {
      const count = classify(event, found)
      let key = ''
      for (let i = 0; i < count; i++) key += `${found[i]} `
      let text = known.get(key)
      if (text === undefined) {
        const sources = found.slice(0, count).flatMap((row) => logSources[row]!.sources)
        text = sources.length === 0 ? '' : JSON.stringify(sources)
        known.set(key, text)
      }
      return text
    },
  }
}

const HOUR_MS = 3_600_000
const HOUR = 'YYYY-MM-DDTHH'.length

/** What became of the records since the last checkpoint, by hour of receipt, agency and class. Counts, and nothing else. */
export class Ledger {
  readonly #counts: LedgerCount[] = []
  /** By hour and bundle, then agency, end and log sources: texts that exist once, so that their hashes are known. */
  readonly #tree = new Map<string, Branch>()
  #open: Branch = new Map()
  #openHourMs = Number.NaN
  #openBundle = ''

  /** @param what `evaluated`, `failed`, `repeat`, `control`, `dropped`, or `dead:` and the code of the dead letter */
  count(bundle: string, receivedAtMs: number, agency: string, what: string, sources = '', records = 1): void {
    const hourMs = receivedAtMs - (receivedAtMs % HOUR_MS)
    if (hourMs !== this.#openHourMs || bundle !== this.#openBundle) {
      const key = `${hourMs} ${bundle}`
      const known = this.#tree.get(key)
      this.#open = known ?? new Map<string, Twig>()
      if (known === undefined) this.#tree.set(key, this.#open)
      this.#openHourMs = hourMs
      this.#openBundle = bundle
    }
    let ends = this.#open.get(agency)
    if (ends === undefined) this.#open.set(agency, (ends = new Map()))
    let classes = ends.get(what)
    if (classes === undefined) ends.set(what, (classes = new Map()))
    const known = classes.get(sources)
    if (known !== undefined) {
      known.records += records
      return
    }
    const hour = new Date(hourMs).toISOString().slice(0, HOUR)
    const fresh = { hour, bundle, agency, what, sources, records }
    classes.set(sources, fresh)
    this.#counts.push(fresh)
  }

  counts(): readonly LedgerCount[] {
    return this.#counts
  }

  clear(): void {
    this.#counts.length = 0
    this.#tree.clear()
    this.#openHourMs = Number.NaN
  }
}

type Twig = Map<string, Map<string, LedgerCount>>
type Branch = Map<string, Twig>
