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
    .filter((entry) => entry.isFile() && /\.tsx?$/.test(entry.name))
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

/** What a part of the console may import besides itself; a feature, no other feature. */
const CONSOLE_MAY_IMPORT: Record<string, string[]> = {
  lib: ['ui/icon.tsx'],
  api: ['lib'],
  ui: ['lib', 'api'],
  features: ['ui', 'lib', 'api'],
}

describe('imports of the console point down: app, features, ui, api, lib', () => {
  const files = sources.filter(
    ({ room, path }) => room === 'console' && CONSOLE_MAY_IMPORT[partOf(path)] !== undefined && !path.endsWith('.d.ts'),
  )
  test.each(files.map(({ path }) => [relative(ROOT, path), path] as const))('%s', (_name, path) => {
    const targets = [...readFileSync(path, 'utf8').matchAll(/from '(\.[^']+)'|import\('(\.[^']+)'\)/g)]
      .map(([, target, lazy]) => join(path, '..', target ?? lazy!))
      .filter((target) => !relative(join(ROOT, 'console'), target).startsWith('..'))
    const may = CONSOLE_MAY_IMPORT[partOf(path)]!
    const foreign = targets.filter((target) => {
      const inside = relative(join(ROOT, 'console'), target)
      if (partOf(target) === 'features') return featureOf(target) !== featureOf(path)
      return partOf(target) !== partOf(path) && !may.includes(partOf(target)) && !may.includes(inside)
    })
    expect(foreign).toEqual([])
  })
})

function partOf(path: string): string {
  return relative(join(ROOT, 'console'), path).split('/')[0]!
}

function featureOf(path: string): string | undefined {
  return relative(join(ROOT, 'console'), path).split('/')[1]
}

test('nothing is called what says nothing', () => {
  const vague = /^(utils?|helpers?|common|misc|manager)\b/
  expect(sources.filter(({ path }) => vague.test(path.split('/').at(-1)!)).map(({ path }) => path)).toEqual([])
})

test('no generated code: rules, patterns and log text never become program text', () => {
  const offenders = sources.filter(({ path }) => /\bnew Function\(|\beval\(/.test(readFileSync(path, 'utf8')))
  expect(offenders.map(({ path }) => relative(ROOT, path))).toEqual([])
})
