import { readFileSync } from 'node:fs'
import { parseArgs } from 'node:util'
import { loadConfig } from '../config.ts'
import { withLocalApi, type Ask } from '../product/local-access.ts'
import type { Command } from '../soc.ts'
import { hiding, printable, sinceOf, waitFor, type Job } from './exception/outcome.ts'

const usage = `soc exception draft ALERT | --rule RULE [--field NAME]… [--any-rule]   bộ lọc sẽ loại nó, để ghi ra tệp · the filter that would keep it out, to be put into a file
soc exception dry-run FILE --agency KEY…|all [--since 30d] [--until TIME] [--json]   nó đã có thể giấu gì · what it would have hidden
soc exception add FILE --owner WHO --reason WHY --expires 30d|TIME|never --agency KEY…|all [--alert ALERT]
soc exception list [--state in_force|pending|expired|revoked] [--json]
soc exception revoke ID --reason WHY
`

const DAY_MS = 86_400_000

const OPTIONS = {
  rule: { type: 'string' },
  field: { type: 'string', multiple: true },
  'any-rule': { type: 'boolean', default: false },
  owner: { type: 'string' },
  reason: { type: 'string' },
  expires: { type: 'string' },
  agency: { type: 'string', multiple: true },
  alert: { type: 'string' },
  state: { type: 'string' },
  since: { type: 'string', default: '30d' },
  until: { type: 'string' },
  json: { type: 'boolean', default: false },
} as const

function read(argv: string[]) {
  return parseArgs({ args: argv, allowPositionals: true, options: OPTIONS })
}
type Values = ReturnType<typeof read>['values']

interface Shown {
  id: string
  title: string
  state: string
  owner: string
  agencies: 'all' | string[]
  expiresAt?: string
  expiresSoon: boolean
  problem?: string
  position?: number
  hidden: { events: number; lastAt?: string }
}

/** @returns null where it was not called as the usage says */
type Verb = (ask: Ask, given: string | undefined, values: Values) => Promise<string | null>

const VERBS: Record<string, Verb> = {
  async draft(ask, alert, { rule, field, 'any-rule': anyRule }) {
    if ((alert === undefined) === (rule === undefined)) return null
    const draft = await ask<{
      filter: string
      alert: string
      agency: string
      fields: { field: string; chosen: boolean }[]
    }>('POST', '/exceptions/draft', {
      ...(alert && { alert }),
      ...(rule && { rule }),
      ...(field && { fields: field }),
      ...(anyRule && { rules: 'any' }),
    })
    const more = draft.fields.flatMap((each) => (each.chosen ? [] : [each.field]))
    process.stderr.write(
      `cảnh báo · alert ${draft.alert}, cơ quan · agency ${printable(draft.agency)}\n` +
        (more.length > 0 ? `trường khác có thể dùng · other fields (--field): ${printable(more.join(', '))}\n` : ''),
    )
    return draft.filter
  },

  async 'dry-run'(ask, file, { agency, since, until, json }) {
    if (file === undefined || !agency) return null
    const filter = readFileSync(file, 'utf8')
    const range = sinceOf({ since, until }, Date.now())
    const job = await ask<Job>('POST', '/exceptions/dry-run', { filter, agencies: whose(agency), ...range })
    const { result } = await waitFor(ask, job)
    if (json) return `${JSON.stringify(result, null, 2)}\n`
    return hiding(result)
      .map((said) => `${printable(said)}\n`)
      .join('')
  },

  async add(ask, file, { owner, reason, expires, agency, alert }) {
    if (file === undefined || !owner || !reason || !expires || !agency) return null
    const made = await ask<Shown>('POST', '/exceptions', {
      filter: readFileSync(file, 'utf8'),
      agencies: whose(agency),
      owner,
      reason,
      expiresAt: expiryOf(expires, Date.now()),
      ...(alert !== undefined && { alert }),
    })
    return `${made.id} ${made.state}${made.position === undefined ? '' : ` từ vị trí · from position ${made.position}`}\n`
  },

  async list(ask, given, { state, json }) {
    if (given !== undefined) return null
    const { items } = await ask<{ items: Shown[] }>(
      'GET',
      `/exceptions${state === undefined ? '' : `?${new URLSearchParams({ state })}`}`,
    )
    if (json) return `${JSON.stringify(items, null, 2)}\n`
    return items.map((each) => `${line(each)}\n`).join('')
  },

  async revoke(ask, id, { reason }) {
    if (id === undefined || !reason) return null
    const { state } = await ask<Shown>('POST', `/exceptions/${encodeURIComponent(id)}/revoke`, { reason })
    return `${id} ${state}\n`
  },
}

function line({ id, state, agencies, hidden, expiresAt, expiresSoon, owner, title, problem }: Shown): string {
  const whose = agencies === 'all' ? 'all' : agencies.join(',')
  const until = `${expiresAt?.slice(0, 10) ?? 'never'}${expiresSoon ? ' (!)' : ''}`
  const words = [id, state.padEnd(8), String(hidden.events).padStart(8), until, whose, owner, title]
  return printable([...words, ...(problem === undefined ? [] : [`— ${problem}`])].join('  '))
}

const whose = (agencies: string[]): 'all' | string[] => (agencies.includes('all') ? 'all' : agencies)

/** `30d` from now, a time, or `never`. @throws {TypeError} */
export function expiryOf(text: string, nowMs: number): string {
  const [, days] = /^(\d{1,4})d$/.exec(text) ?? []
  const ms = days === undefined ? Date.parse(text) : nowMs + Number(days) * DAY_MS
  if (text === 'never') return text
  if (Number.isNaN(ms)) throw new TypeError(`--expires ${text}: write 30d, a time, or never`)
  return new Date(ms).toISOString()
}

async function run(argv: string[]): Promise<number | null> {
  const verb = VERBS[argv[0] ?? '']
  const { values, positionals } = read(argv.slice(1))
  if (verb !== undefined && positionals.length < 2) {
    const said = await withLocalApi(loadConfig(), (ask) => verb(ask, positionals[0], values))
    if (said !== null) {
      process.stdout.write(said)
      return 0
    }
  }
  return null
}

export default {
  summary:
    'ngoại lệ của luật: thảo, chạy thử, thêm, xem, thu hồi · exceptions from rules: draft, dry run, add, list, revoke',
  usage,
  run,
} satisfies Command
