import { cpSync, mkdirSync, mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { once } from 'node:events'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { freePort, startProductProcess, type ProductProcess } from '../../bench/product-process.ts'
import { SpoolReader } from '../../collector/spool/reader.ts'
import type { LoadedRule, RuleProblem } from '../../detection/types.ts'
import type { Alert } from '../../model/alert.ts'
import { ROOT } from '../../model/root.ts'
import { readCheckpoint } from '../../store/local/checkpoint.ts'
import { openLocal } from '../../store/local/database.ts'
import { mintTokens } from '../product/wire.ts'

const LINES = 5_000 // several batches: the pipeline writes a checkpoint between one set of rules and the next
const ALL = { recordsMax: 100_000, bytesMax: 2 ** 30, throughSeq: Number.MAX_SAFE_INTEGER }

function rule(word: string): string {
  return `title: Says ${word}
id: 6f1b6a52-54b0-4f0e-9f0a-5d6f6a7b0001
status: test
level: high
logsource: { product: linux, service: sshd }
detection:
  words:
    - ${word}
  condition: words
`
}

async function lengthOf({ dataFolder }: ProductProcess): Promise<number> {
  const reader = await SpoolReader.open(join(dataFolder, 'spool'), 1)
  let length = 0
  for (let read = await reader.read(ALL); read.length > 0; read = await reader.read(ALL)) length += read.length
  await reader.close()
  return length
}

async function sendLines({ ports }: ProductProcess, lines: number): Promise<void> {
  const socket = connect(ports.syslogTcp, '127.0.0.1')
  socket.end(Array.from({ length: lines }, (_, i) => `<38>1 - host sshd 1 - - line ${i}\n`).join(''))
  await once(socket, 'close')
}

async function processed({ dataFolder }: ProductProcess, seq: number): Promise<void> {
  const local = openLocal(join(dataFolder, 'local.db'))
  await expect.poll(() => readCheckpoint(local).seq, { timeout: 60_000 }).toBeGreaterThanOrEqual(seq)
  local.close()
}

test('rules taken back before the pipeline has come to them do not stop it', async () => {
  const rulesFolder = mkdtempSync(join(tmpdir(), 'vong-gac-rules-'))
  // In one step: the watch over the folder reads it again as well, and might come upon half of it.
  const write = (word: string): void => {
    writeFileSync(join(rulesFolder, '.rule.yml'), rule(word))
    renameSync(join(rulesFolder, '.rule.yml'), join(rulesFolder, 'rule.yml'))
  }
  write('alpha')
  // The store is away: nothing is processed, and all that follows waits in the spool.
  const away = { SOC_STORE_ENGINE: 'elasticsearch', SOC_STORE_NODE: `http://127.0.0.1:${await freePort()}` }
  const first = await startProductProcess({ SOC_RULES_FOLDER: rulesFolder, ...away })
  await sendLines(first, LINES)
  await expect.poll(() => lengthOf(first), { timeout: 60_000 }).toBe(LINES + 1)
  for (const [i, word] of ['bravo', 'alpha'].entries()) {
    write(word)
    process.kill(first.pid, 'SIGHUP')
    await expect.poll(() => lengthOf(first), { timeout: 60_000 }).toBe(LINES + 2 + i)
  }
  await first.kill()

  const { SOC_STORE_ENGINE: _engine, SOC_STORE_NODE: _node, ...environment } = first.environment
  const second = await startProductProcess(environment)
  // Killed between the log and its own note of it, the first leaves the same rules to be announced once more.
  await processed(second, await lengthOf(second))
  expect(await second.stop(), second.output()).toBe(0)
})

test('an older copy of the spool is refused, for its positions would be given twice; a new spool is not', async () => {
  const first = await startProductProcess()
  const spool = join(first.dataFolder, 'spool')
  await sendLines(first, 3)
  await processed(first, 4)
  cpSync(spool, `${spool}-copy`, { recursive: true })
  await sendLines(first, 3)
  await processed(first, 7)
  await first.kill()
  rmSync(spool, { recursive: true })
  cpSync(`${spool}-copy`, spool, { recursive: true })
  await expect(startProductProcess(first.environment)).rejects.toThrow(
    'ends at position 4, but 7 was processed already',
  )
  rmSync(spool, { recursive: true })
  const anew = await startProductProcess(first.environment)
  await sendLines(anew, 2)
  await processed(anew, 2)
  expect(await anew.stop(), anew.output()).toBe(0)
})

const PART = '6f1b6a52-54b0-4f0e-9f0a-5d6f6a7b0001'
const COUNTS = `title: Three Times
id: 6f1b6a52-54b0-4f0e-9f0a-5d6f6a7b0002
correlation:
  type: event_count
  rules: [${PART}]
  group-by: [host.hostname]
  timespan: 1h
  condition: { gte: 3 }
level: high
`
const BROKEN = rule('line').replace('condition: words', 'condition: words or')

/** A rules folder with a rule that every line matches, and one that counts three of them. */
function countingRules(): { folder: string; put: (name: string, text: string) => void } {
  const folder = mkdtempSync(join(tmpdir(), 'vong-gac-rules-'))
  const put = (name: string, text: string): void => writeFileSync(join(folder, name), text)
  cpSync(join(ROOT, 'rules/logsources.yml'), join(folder, 'logsources.yml'))
  put('part.yml', rule('line'))
  put('counts.yml', COUNTS)
  return { folder, put }
}

function client({ url, dataFolder }: ProductProcess) {
  const { api } = mintTokens(dataFolder, 'any')
  const get = async <T>(path: string): Promise<T> => {
    const answer = await fetch(`${url}/api/v1${path}`, { headers: { authorization: `Bearer ${api}` } })
    expect(answer.status, path).toBe(200)
    return (await answer.json()) as T
  }
  const rules = (): Promise<{ items: LoadedRule[]; problems: RuleProblem[] }> => get('/rules')
  return {
    hashOf: async (id: string) => (await rules()).items.find((one) => one.id === id)?.hash,
    /** What is said of the rules, without what a linter would say. */
    said: async () =>
      (await rules()).problems
        .filter(({ severity, code }) => severity === 'error' || code === 'former_stays')
        .map(({ path, code }) => `${path} ${code}`)
        .sort(),
    alerts: async () => {
      const { items } = await get<{ items: { id: string }[] }>('/incidents')
      const pages = await Promise.all(items.map(({ id }) => get<{ items: Alert[] }>(`/incidents/${id}/alerts`)))
      return pages.flatMap((page) => page.items)
    },
  }
}

const WITHIN = { timeout: 60_000, interval: 100 }

test('a bad edit keeps the old rule, and says so; correlations go on counting, through a restart too', async () => {
  const { folder, put } = countingRules()
  const first = await startProductProcess({ SOC_RULES_FOLDER: folder })
  let ask = client(first)
  await sendLines(first, 1)
  await processed(first, 2)
  const good = await ask.hashOf(PART)
  const kept = ['part.yml bad_condition', 'part.yml former_stays']

  put('part.yml', BROKEN) // nobody says so: the folder is watched
  await expect.poll(ask.said, WITHIN).toEqual(kept)
  expect(first.output()).toMatch(/part\.yml:9:\d+: bad_condition: /)
  expect(first.output()).toMatch(
    /part\.yml:9:\d+: former_stays: 'Says line' \([0-9a-f]{12}\) stays in force as announced 2/,
  )
  expect(await ask.hashOf(PART)).toBe(good)
  await sendLines(first, 1)
  await processed(first, 4)
  await first.kill()

  const second = await startProductProcess(first.environment)
  ask = client(second)
  await expect.poll(ask.said, WITHIN).toEqual(kept)
  await sendLines(second, 1)
  await processed(second, 5)
  expect(await ask.alerts()).toMatchObject([{ rule: { title: 'Three Times' }, count: 3 }])

  put('part.yml', rule('nothing'))
  await expect.poll(ask.said, WITHIN).toEqual([])
  expect(await ask.hashOf(PART)).not.toBe(good)
  rmSync(join(folder, 'part.yml'))
  await expect.poll(ask.said, WITHIN).toEqual(['counts.yml unknown_reference'])
  expect(await ask.hashOf(PART)).toBeUndefined()
  expect(await second.stop(), second.output()).toBe(0)
})

test('folders that come and go are watched: rules in one that appears, and its exchange for another', async () => {
  const { folder, put } = countingRules()
  const product = await startProductProcess({ SOC_RULES_FOLDER: folder })
  const ask = client(product)
  const ids = ['6f1b6a52-54b0-4f0e-9f0a-5d6f6a7b0003', '6f1b6a52-54b0-4f0e-9f0a-5d6f6a7b0004']
  const present = async (): Promise<boolean[]> =>
    Promise.all(ids.map(async (id) => (await ask.hashOf(id)) !== undefined))
  mkdirSync(join(folder, 'pack/inner'), { recursive: true })
  await sleep(1_500) // the new folders are seen before there is a rule in them
  put('pack/inner/a.yml', rule('alpha').replace(PART, ids[0]!))
  await expect.poll(present, WITHIN).toEqual([true, false])
  mkdirSync(join(folder, '.pack.part'))
  put('.pack.part/b.yml', rule('bravo').replace(PART, ids[1]!))
  renameSync(join(folder, 'pack'), join(folder, '.pack.old'))
  renameSync(join(folder, '.pack.part'), join(folder, 'pack'))
  await expect.poll(present, WITHIN).toEqual([false, true])
  expect(await product.stop(), product.output()).toBe(0)
})

test('not watched, the folder is read at SIGHUP alone', async () => {
  const { folder, put } = countingRules()
  const product = await startProductProcess({ SOC_RULES_FOLDER: folder, SOC_DETECTION_WATCH_RULES: 'false' })
  const before = await lengthOf(product)
  put('part.yml', rule('other'))
  await sleep(2_000)
  expect(await lengthOf(product)).toBe(before)
  process.kill(product.pid, 'SIGHUP')
  await expect.poll(() => lengthOf(product), WITHIN).toBe(before + 1)
  expect(await product.stop(), product.output()).toBe(0)
})
