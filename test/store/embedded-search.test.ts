import { expect, test } from 'vitest'
import { branches, type Reader, searchEvents } from '../../store/embedded/search.ts'
import type { Candidate } from '../../store/embedded/filters.ts'
import type { Segment } from '../../store/embedded/schema.ts'
import { Unfiltered } from '../../store/embedded/unfiltered.ts'
import { queryOf } from './query/sample-query.ts'
import { sampleEvent } from './sample.ts'

/** Files of eleven blocks, one a day, newest first. */
const DAY_MS = 86_400_000
const SEGMENTS = Array.from({ length: 60 }, (_, i): Segment => {
  const minMs = (100 - i) * DAY_MS
  const seqs = { minSeq: (100 - i) * 100_000, maxSeq: (100 - i) * 100_000 + 90_000 }
  return {
    path: `d/${i}.parquet`,
    day: 'd',
    sha256: null,
    bytes: 1,
    minMs,
    maxMs: minMs + DAY_MS - 1,
    ...seqs,
    rows: 90_000,
    spills: false,
  }
})

/** A search of files of which filters leave one block each, or all: the statements it takes, each with its files. */
async function statementsOf(
  isRare: boolean,
  hot: string[] = [],
): Promise<{ kind: string; sql: string; files: number }[]> {
  const statements: { kind: string; sql: string; files: number }[] = []
  const note = (kind: string) => async (sql: string) => {
    statements.push({ kind, sql, files: sql.match(/parquet'/g)?.length ?? 0 })
    return []
  }
  const read: Reader = { rows: note('keys'), events: note('whole') }
  const filters = {
    unfiltered: new Unfiltered(),
    candidates: async (segments: readonly Segment[]) =>
      segments.map((segment) => ({ segment, times: isRare ? [[segment.minMs, segment.minMs + 9]] : null })),
  }
  const query = {
    scope: 'all' as const,
    range: { from: '1970-01-01T00:00:00.000Z', to: '1980-01-01T00:00:00.000Z' },
    limit: 100,
  }
  await searchEvents({ hot, segments: SEGMENTS }, '/s', query, read, filters as never)
  return statements
}

test('what is rare is read whole, many files at once by two statements, each by its own times', async () => {
  const statements = await statementsOf(true, ['hot_000001'])
  expect(statements.map(({ kind, files }) => [kind, files])).toEqual([
    ['whole', 30],
    ['whole', 30],
    ['keys', 0],
  ])
  for (const branch of statements.slice(0, 2).flatMap(({ sql }) => sql.split(' UNION ALL '))) {
    expect(branch.match(/parquet'/g)).toHaveLength(1)
    expect(branch.match(/BETWEEN/g)).toHaveLength(1)
  }
})

test('what is everywhere is looked for by keys, in few files first', async () => {
  const statements = await statementsOf(false)
  expect(statements.map(({ kind, files }) => [kind, files])).toEqual([
    ['keys', 4],
    ['keys', 8],
    ['keys', 16],
    ['keys', 32],
  ])
})

test('neither times nor spilled rows are asked of files of which they are known, and those come last', () => {
  const [newest, second, third] = SEGMENTS
  const spilling = { ...second!, spills: true }
  const candidates = [newest!, spilling, third!].map((segment) => ({ segment, times: null }))
  const range = { from: new Date(third!.minMs + 1).toISOString(), to: new Date(newest!.maxMs + 1).toISOString() }
  const { list } = branches(candidates, [{ name: 'hot_000001' }], '/s', { scope: 'all', range }, true)!
  const asked = list.map(({ source, where, spilled }) => ({
    source: source.match(/\d+(?=\.parquet)/g) ?? source,
    asksTimes: where.includes('@timestamp'),
    asksSpilled: where.includes('"spilled"'),
    spilled,
  }))
  const all = { asksTimes: true, asksSpilled: true }
  expect(asked).toEqual([
    { source: 'hot_000001', ...all, spilled: true },
    { source: ['1'], ...all, spilled: true },
    { source: 'hot_000001', ...all, spilled: false },
    { source: ['1', '2'], ...all, spilled: false },
    { source: ['0'], asksTimes: false, asksSpilled: false, spilled: false },
  ])
})

test('each file is asked what is left to be asked of it, and tables everything', () => {
  const asked = queryOf('user.name:root not event.code:7').where!
  const left = queryOf('user.name:root').where!
  const [newest, second, third] = SEGMENTS
  const candidates: Candidate[] = [
    { segment: newest!, times: null, where: left },
    { segment: second!, times: null, where: asked },
    { segment: third!, times: null, where: left },
  ]
  const range = { from: new Date(third!.minMs).toISOString(), to: new Date(newest!.maxMs + 1).toISOString() }
  const { list } = branches(candidates, [{ name: 'hot_000001', where: asked }], '/s', {
    scope: 'all',
    range,
    where: asked,
  })!
  const plain = list.filter(({ spilled }) => !spilled)
  expect(
    plain.map(({ source, where }) => [source.match(/\d+(?=\.parquet)/g) ?? source, where.includes('event.code')]),
  ).toEqual([
    ['hot_000001', true],
    [['0', '2'], false],
    [['1'], true],
  ])
})

test('rows that are not sealed are fetched by their place', async () => {
  const event = sampleEvent(7)
  const spool = event['soc.record'].slice(0, -2)
  const fetched: string[] = []
  const read: Reader = {
    rows: async () => [[Date.parse(event['@timestamp']), 7n, spool]],
    events: async (sql) => {
      fetched.push(sql)
      return [event]
    },
  }
  const range = { from: '1970-01-01T00:00:00.000Z', to: '2100-01-01T00:00:00.000Z' }
  const view = { hot: ['hot_000001'], segments: [] }
  expect(await searchEvents(view, '/s', { scope: 'all', range, limit: 1 }, read, NO_FILTERS)).toEqual([event])
  expect(fetched).toHaveLength(1)
  expect(fetched[0]).toContain('FROM hot_000001 WHERE rowid IN (SELECT rowid FROM hot_000001 WHERE "soc.seq" IN (7)')
})

const NO_FILTERS = { unfiltered: new Unfiltered(), candidates: async () => [] } as never
