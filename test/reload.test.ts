import { cpSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { once } from 'node:events'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { freePort, startProductProcess, type ProductProcess } from '../bench/product-process.ts'
import { SpoolReader } from '../collector/spool/reader.ts'
import { readCheckpoint } from '../store/local/checkpoint.ts'
import { openLocal } from '../store/local/database.ts'

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
  await expect.poll(() => readCheckpoint(local).seq, { timeout: 20_000 }).toBe(seq)
  local.close()
}

test('rules taken back before the pipeline has come to them do not stop it', { timeout: 60_000 }, async () => {
  const rulesFolder = mkdtempSync(join(tmpdir(), 'vong-gac-rules-'))
  const write = (word: string): void => writeFileSync(join(rulesFolder, 'rule.yml'), rule(word))
  write('alpha')
  // The store is away: nothing is processed, and all that follows waits in the spool.
  const away = { SOC_STORE_ENGINE: 'elasticsearch', SOC_STORE_NODE: `http://127.0.0.1:${await freePort()}` }
  const first = await startProductProcess({ SOC_RULES_FOLDER: rulesFolder, ...away })
  await sendLines(first, LINES)
  await expect.poll(() => lengthOf(first), { timeout: 20_000 }).toBe(LINES + 1)
  for (const [i, word] of ['bravo', 'alpha'].entries()) {
    write(word)
    process.kill(first.pid, 'SIGHUP')
    await expect.poll(() => lengthOf(first), { timeout: 20_000 }).toBe(LINES + 2 + i)
  }
  await first.kill()

  const { SOC_STORE_ENGINE: _engine, SOC_STORE_NODE: _node, ...environment } = first.environment
  const second = await startProductProcess(environment)
  await processed(second, LINES + 3)
  expect(await second.stop(), second.output()).toBe(0)
})

test(
  'an older copy of the spool is refused, for its positions would be given twice; a new spool is not',
  { timeout: 60_000 },
  async () => {
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
  },
)
