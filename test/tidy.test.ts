import { readdirSync, readFileSync } from 'node:fs'
import { join, relative } from 'node:path'
import { describe, expect, test } from 'vitest'
import { ROOT } from '../model/root.ts'

/** What a room may import besides itself; only the wiring at the top may import all. */
const MAY_IMPORT: Record<string, string[]> = {
  model: [],
  collector: ['model'],
  detection: ['model'],
  store: ['model'],
  api: ['model', 'store', 'detection'],
  console: ['api', 'model', 'store/query'],
}

const sources = Object.keys(MAY_IMPORT).flatMap((room) =>
  readdirSync(join(ROOT, room), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && entry.name.endsWith('.ts'))
    .map((entry) => ({ room, path: join(entry.parentPath, entry.name) })),
)

describe('imports point down', () => {
  test.each(sources.map(({ room, path }) => [relative(ROOT, path), room, path] as const))('%s', (_name, room, path) => {
    const imports = [...readFileSync(path, 'utf8').matchAll(/from '(\.[^']+)'/g)].map(([, target]) =>
      relative(ROOT, join(path, '..', target!)).split('/'),
    )
    // The search language is read by the browser, too, which the rest of the store is not.
    const rooms = imports.map(([first, second]) =>
      room === 'console' && second === 'query' ? `${first}/query` : first!,
    )
    const foreign = rooms.filter((target) => target !== room)
    expect(foreign.filter((target) => !MAY_IMPORT[room]!.includes(target))).toEqual([])
  })
})

test('nothing is called what says nothing', () => {
  const vague = /^(utils?|helpers?|common|misc|manager)\b/
  expect(sources.filter(({ path }) => vague.test(path.split('/').at(-1)!)).map(({ path }) => path)).toEqual([])
})

test('no generated code: rules, patterns and log text never become program text', () => {
  const offenders = sources.filter(({ path }) => /\bnew Function\(|\beval\(/.test(readFileSync(path, 'utf8')))
  expect(offenders.map(({ path }) => relative(ROOT, path))).toEqual([])
})
