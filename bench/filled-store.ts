import { execFileSync } from 'node:child_process'
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { copyStopped } from '../store/embedded/snapshot.ts'
import type { Task } from './store-process.ts'

/** Runs a task in a process of its own, which may use every core: the store's threads are what is measured. */
export function runOnStore(task: Task): unknown {
  const script = join(dirname(fileURLToPath(import.meta.url)), 'store-process.js')
  const output = execFileSync(process.execPath, [script, JSON.stringify(task)], {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'inherit'],
    maxBuffer: 64 * 1024 ** 2,
  })
  return JSON.parse(output) as unknown
}

/** A store with a seeded month of events. */
export interface FilledStore {
  folder: string
  /** What filling it told. */
  filled: { rareWords: number }
  /** A folder to append to: what is kept stays as it was filled. */
  toAppend: () => Promise<string>
  remove: () => void
}

/** In the folder that `BENCH_STORE` names, which is filled once and kept, or in one that is removed. */
export function filledStore(events: number): FilledStore {
  const kept = process.env['BENCH_STORE']
  const folder = kept ?? mkdtempSync(join(tmpdir(), 'vong-gac-bench-store-'))
  const copies: string[] = []
  const note = join(folder, 'filled.json') // how it went, beside what is kept
  if (!existsSync(note)) writeFileSync(note, JSON.stringify(runOnStore({ do: 'fill', folder, events })))
  return {
    folder,
    filled: JSON.parse(readFileSync(note, 'utf8')) as { rareWords: number },
    toAppend: async () => {
      if (kept === undefined) return folder
      const copy = mkdtempSync(`${kept}-appended-`)
      copies.push(copy)
      await copyStopped(folder, copy)
      return copy
    },
    remove: () => {
      for (const each of kept === undefined ? [folder] : copies) rmSync(each, { recursive: true, force: true })
    },
  }
}
