import { readFileSync, readdirSync } from 'node:fs'
import { basename, join } from 'node:path'
import Type from 'typebox'
import { parse } from 'yaml'
import type { Incident } from '../../model/incident.ts'
import type { Task } from '../../store/local/collaboration.ts'
import { exact } from '../schemas/types.ts'
import { checked } from '../settings-file.ts'

export interface Playbook {
  /** Name of its file. */
  key: string
  vi: string
  en: string
  /** Whose incidents it is for: any of these rules, or any of these ATT&CK tags. */
  rules: readonly string[]
  tags: readonly string[]
  steps: readonly { key: string; vi: string; en: string; phase: Phase }[]
}

/** NIST SP 800-61: what a step is for. */
const PHASES = ['triage', 'contain', 'eradicate', 'recover', 'report'] as const
type Phase = (typeof PHASES)[number]

const Words = { vi: Type.String({ minLength: 1 }), en: Type.String({ minLength: 1 }) }
const FILE = exact({
  format: Type.Literal(1),
  ...Words,
  rules: Type.Optional(Type.Array(Type.String({ minLength: 1 }))),
  tags: Type.Optional(Type.Array(Type.String({ pattern: '^attack[.]' }))),
  steps: Type.Array(
    exact({
      key: Type.String({ pattern: '^[a-z][a-z0-9-]{0,39}$' }),
      phase: Type.Unsafe<Phase>({ type: 'string', enum: PHASES }),
      ...Words,
    }),
    { minItems: 1, maxItems: 50 },
  ),
})

/** The checklists of a folder, a file each, in order of name. @throws for the first thing wrong, with the file */
export function readPlaybooks(folder: string): Playbook[] {
  const names = readdirSync(folder).filter((name) => /^[a-z][a-z0-9-]*[.]yml$/.test(name))
  return names.sort().map((name) => parsePlaybook(readFileSync(join(folder, name), 'utf8'), join(folder, name)))
}

export function parsePlaybook(text: string, path: string): Playbook {
  const { vi, en, rules = [], tags = [], steps } = checked(FILE, parse(text), path)
  const twice = steps.find(({ key }, i) => steps.findIndex((other) => other.key === key) !== i)
  if (twice !== undefined) throw new Error(`${path}: step ${twice.key} stands there twice`)
  return { key: basename(path, '.yml'), vi, en, rules, tags, steps }
}

/** Those that are about the incident: its rules, or the techniques its rules name. */
export function playbooksFor(playbooks: readonly Playbook[], incident: Incident): Playbook[] {
  const attack = new Set(incident.attack)
  return playbooks.filter(
    ({ rules, tags }) => incident.rules.some(({ id }) => rules.includes(id)) || tags.some((tag) => attack.has(tag)),
  )
}

export interface ChecklistItem extends Omit<Task, 'addedAt' | 'addedBy'> {
  /** Key of the playbook, where it comes from one. */
  playbook?: string
  phase?: Phase
}

/** Every step to be done, with who did which; what was done stays even where its playbook has changed since. */
export function checklistOf(
  playbooks: readonly Playbook[],
  incident: Incident,
  tasks: readonly Task[],
): ChecklistItem[] {
  const kept = new Map(tasks.map(({ addedAt: _at, addedBy: _by, ...task }) => [task.key, task]))
  const steps = playbooksFor(playbooks, incident).flatMap(({ key: playbook, steps }) =>
    steps.map(({ key: step, phase, vi, en }): ChecklistItem => {
      const key = `${playbook}/${step}`
      const done = kept.get(key)
      kept.delete(key)
      return { playbook, phase, ...done, key, title: en, titleVi: vi }
    }),
  )
  return [...steps, ...kept.values()]
}
