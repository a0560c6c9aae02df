import type { Level } from '../model/alert.ts'
import type { LifeState } from '../model/rule-life.ts'
import type { NoiseBudget } from './life.ts'

/** A file of the rules folder, by its path below that folder (`linux/sshd-brute-force.yml`, `pipelines/windows.yml`). */
export interface RuleFile {
  path: string
  text: string
  /** The filters in it are one exception: what it is known by, and the agencies whose events alone it is about. */
  exception?: { id: string; agencies: 'all' | readonly string[] }
}

/** What is wrong with a rule, at a place a person can go to. An error keeps that rule out; a warning does not. */
export interface RuleProblem {
  path: string
  /** 1-based. */
  line: number
  column: number
  severity: 'error' | 'warning'
  /** Stable: `bad_yaml`, `duplicate_key`, `unknown_modifier`, `bad_condition`, `bad_value`, `unknown_reference` … */
  code: string
  message: string
  /** Id of the rule it is about; absent where the document is not a rule or cannot be read as far as that. */
  rule?: string
}

/** A rule that loaded, as lists and the API show it. */
export interface LoadedRule {
  id: string
  title: string
  kind: 'detection' | 'correlation'
  level: Level
  status: string
  /** SHA-256 of the rule's own document text, lower-case hex. */
  hash: string
  description?: string
  /** For the reader in Vietnamese: custom attributes `title_vi`, `description_vi`, and `triage_vi`, what to look at first. */
  titleVi?: string
  descriptionVi?: string
  triageVi?: string
  author?: string
  /** As the rule says; a pack's own licence stands in its folder. */
  license?: string
  /** Why it raises no alert, where `disabled.yml` switched it off; may be empty. */
  disabled?: string
  /** Why it raises no alert of these agencies, where `disabled.yml` names them. */
  disabledIn?: Record<string, string>
  /** How far along it is, as `life.yml` says; absent: live. */
  state?: LifeState
  budget?: NoiseBudget
  /** User name of whom it concerns. */
  owner?: string
  /** Of the last change that `life.yml` notes: who, on what day, why. */
  changed?: { by?: string; since?: string; why?: string }
  /** Why no event that the parsers make can ever make it fire; docs/sigma.md lists the codes. */
  neverFires?: { code: string; message: string }
  tags: string[]
  falsepositives: string[]
  references?: string[]
  /** Days, `YYYY-MM-DD`. */
  date?: string
  modified?: string
  /** Rules this one is derived from, replaces, and so on. */
  related?: { id: string; type: string }[]
  /** Fields worth a look at in a match. */
  fields?: string[]
  /** Whom or what it is meant for, in its author's words. */
  scope?: string[]
  logsource?: { product?: string; category?: string; service?: string }
  path: string
  text: string
}
