import { once } from 'node:events'
import { mkdtempSync, mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Worker } from 'node:worker_threads'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { ROOT } from '../../model/root.ts'
import type { RuleWorker } from '../../rule-work/work.ts'

// A thread of its own runs what was compiled.
const { RuleWorker: Compiled } = (await import(join(ROOT, 'dist', 'rule-work', 'work.js'))) as {
  RuleWorker: typeof RuleWorker
}
const RULE = `title: Wrong Password
id: 6f1b6a52-54b0-4f0e-9f0a-5d6f6a7b0001
status: test
logsource: { product: linux, service: sshd }
detection:
  words: ['Failed password']
  condition: words
level: high
`
const SETTING = {
  registry: join(ROOT, 'registry', 'hai-duong.yml'),
  timeZone: 'Asia/Ho_Chi_Minh',
  receivedAtMs: Date.parse('2026-11-20T10:00:00+07:00'),
}

let folder: string
let threads = 0
let last: Worker | undefined
const began = (thread: Worker): void => {
  threads++
  last = thread
}
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'vong-gac-rules-'))
  mkdirSync(join(folder, 'own'))
  writeFileSync(join(folder, 'logsources.yml'), 'logsources: []\n')
  threads = 0
  process.on('worker', began)
})
afterEach(() => {
  process.off('worker', began)
  rmSync(folder, { recursive: true, force: true })
})

test('drafts are looked at one after another in one thread, which sees the folder as it is each time', async () => {
  const worker = new Compiled(folder)
  const [first, tried] = await Promise.all([worker.check({ text: RULE }), worker.tryOut({ text: '0' }, [''], SETTING)])
  expect(first.rules).toHaveLength(1)
  expect(tried).toMatchObject({ problems: [{ code: 'bad_yaml' }], lines: [{ rules: [] }] })
  writeFileSync(join(folder, 'own', 'one.yml'), RULE)
  expect((await worker.check({ text: RULE })).problems).toMatchObject([{ code: 'duplicate_id' }])
  expect(threads).toBe(1)
})

test('what takes too long, or fails, ends its thread, and the next draft has another', async () => {
  const hurried = new Compiled(folder, { draftMsMax: 1 })
  await expect(hurried.check({ text: RULE })).rejects.toMatchObject({ name: 'ThreadTimeout' })
  const worker = new Compiled(folder)
  await expect(worker.tryOut({ text: RULE }, ['x'], { ...SETTING, registry: folder })).rejects.toThrow('EISDIR')
  expect((await worker.check({ text: RULE })).rules).toHaveLength(1)
  expect(threads).toBe(3)
})

test('a thread that nobody asks any more is let go', async () => {
  const worker = new Compiled(folder, { keptMs: 1 })
  await worker.check({ text: RULE })
  await once(last!, 'exit')
  expect((await worker.check({ text: RULE })).rules).toHaveLength(1)
  expect(threads).toBe(2)
})
