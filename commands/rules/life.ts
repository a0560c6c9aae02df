import { userInfo } from 'node:os'
import { parseArgs } from 'node:util'
import type { Config } from '../../config.ts'
import { loadRules } from '../../detection/engine.ts'
import type { RuleEdit } from '../../detection/life.ts'
import { BUDGET_MAX, type LifeState } from '../../model/rule-life.ts'
import { zoneOffset } from '../../model/time-zone.ts'
import { RefusedError, withLocalApi } from '../../product/local-access.ts'
import { editedFiles, RuleEditError } from '../../rule-life/edit.ts'
import { writeRuleFile } from '../../rule-life/write.ts'
import { readRulesFolder } from '../../rule-life/folder.ts'
import type { RulesVerb } from './verb.ts'

const DAY = 'YYYY-MM-DD'.length
const ROUTES = {
  state: ['POST', 'state'],
  switch: ['POST', 'switch'],
  budget: ['PUT', 'budget'],
  text: ['POST', 'restore'],
} as const

/**
 * Makes the change through the running product, which writes down who made it and from which position of the log it holds; where
 * none runs, in the rules folder, for its next start.
 * @param body of the request that asks the same of the API
 */
export async function settle(
  config: Config,
  edit: Exclude<RuleEdit, { kind: 'new' }>,
  body: object,
  why: string,
): Promise<number> {
  const [method, verb] = ROUTES[edit.kind]
  try {
    const path = `/rules/${encodeURIComponent(edit.rule)}/${verb}`
    const change = { ...body, why }
    const answer = await withLocalApi(config, (ask) => ask<{ seq: number }>(method, path, change)).catch(
      (error: unknown) => {
        if (error instanceof RefusedError) throw error
        return null // none runs
      },
    )
    if (answer !== null) {
      process.stdout.write(`có hiệu lực từ vị trí ${answer.seq} · in force from position ${answer.seq}\n`)
      return 0
    }
    const files = readRulesFolder(config.rulesFolder)
    if (edit.kind !== 'text' && !(await loadRules(files)).rules.some(({ id }) => id === edit.rule)) {
      throw new RuleEditError(`no rule that loads has the id ${edit.rule}`)
    }
    const nowMs = Date.now()
    const day = new Date(nowMs + zoneOffset(config.timeZone)(nowMs)).toISOString().slice(0, DAY)
    for (const file of await editedFiles(files, edit, { by: userInfo().username, why, day })) {
      writeRuleFile(config.rulesFolder, file)
      process.stdout.write(
        `đã ghi ${file.path}, có hiệu lực khi khởi động · written to ${file.path}, in force at the next start\n`,
      )
    }
    return 0
  } catch (error) {
    if (!(error instanceof RefusedError || error instanceof RuleEditError)) throw error
    process.stderr.write(`không đổi gì · nothing was changed: ${error.message}\n`)
    return 1
  }
}

function stateVerb(name: string, state: LifeState, what: string): RulesVerb {
  return {
    usage: `soc rules ${`${name} RULE [--why TEXT]`.padEnd(34)} ${what}\n`,
    async run(argv, config) {
      const { values, positionals } = parseArgs({
        args: argv,
        allowPositionals: true,
        options: { why: { type: 'string' } },
      })
      const [rule, ...more] = positionals
      if (rule === undefined || more.length > 0) return null
      return settle(config, { kind: 'state', rule, state }, { state }, values.why ?? '')
    },
  }
}

function switchVerb(name: string, off: boolean, what: string): RulesVerb {
  return {
    usage: `soc rules ${`${name} RULE [--agency KEY]… [--why TEXT]`.padEnd(34)} ${what}\n`,
    async run(argv, config) {
      const { values, positionals } = parseArgs({
        args: argv,
        allowPositionals: true,
        options: { why: { type: 'string' }, agency: { type: 'string', multiple: true } },
      })
      const [rule, ...more] = positionals
      if (rule === undefined || more.length > 0) return null
      const body = { off, ...(values.agency !== undefined && { agencies: values.agency }) }
      return settle(config, { kind: 'switch', rule, ...body }, body, values.why ?? '')
    },
  }
}

const budget: RulesVerb = {
  usage:
    'soc rules budget RULE N|none [--owner USER] [--why TEXT]   mỗi ngày mỗi cơ quan nhiều nhất N cảnh báo; phần còn lại gộp làm một · at most N alerts of an agency in a day; the rest in one\n',
  async run(argv, config) {
    const { values, positionals } = parseArgs({
      args: argv,
      allowPositionals: true,
      options: { why: { type: 'string' }, owner: { type: 'string' } },
    })
    const [rule, most, ...more] = positionals
    if (rule === undefined || most === undefined || more.length > 0) return null
    if (most !== 'none' && (!/^[1-9]\d{0,3}$/.test(most) || Number(most) > BUDGET_MAX)) return null
    const perDay = most === 'none' ? null : Number(most)
    const body = { perDay, ...(values.owner !== undefined && { owner: values.owner }) }
    return settle(config, { kind: 'budget', rule, ...body }, body, values.why ?? '')
  },
}

/** Verbs that move a rule along its life, by name. */
export const LIFE_VERBS: Record<string, RulesVerb> = {
  draft: stateVerb('draft', 'draft', 'được nạp và kiểm, không chạy · loads and is checked, never runs'),
  shadow: stateVerb(
    'shadow',
    'shadow',
    'chạy và được đo; chỉ người tinh chỉnh thấy cảnh báo · runs and is measured; only who tunes rules sees its alerts',
  ),
  promote: stateVerb('promote', 'live', 'dùng chính thức · live: its alerts are alerts'),
  retire: stateVerb('retire', 'retired', 'thôi chạy, vẫn đọc được · runs no more, and stays to be read'),
  off: switchVerb('off', true, 'tắt, ở mọi nơi hoặc ở một số cơ quan · switches it off, everywhere or for agencies'),
  on: switchVerb('on', false, 'bật lại · switches it on again'),
  budget,
}
