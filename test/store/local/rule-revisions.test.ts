import { expect, test } from 'vitest'
import { openLocal } from '../../../store/local/database.ts'
import { noteRevisions, revisionsOf, textOfRevision } from '../../../store/local/rule-revisions.ts'
import { shadowAlerts, shadowCounts, ShadowTally } from '../../../store/local/shadow.ts'
import { alertOf } from '../../api/world.ts'

const place = (seq: number, spool = 's') => ({
  spool,
  seq,
  at: `2026-11-28T00:00:0${seq % 10}.000Z`,
  bundle: `b${seq}`,
})
const live = { state: 'live' as const }
const of = (id: string, text: string, settings: { state: 'live' | 'shadow' } = live) => ({
  id,
  path: `${id}.yml`,
  hash: `hash of ${text}`,
  text,
  settings,
})

test('a revision is noted where text or settings changed, with who and why where they said so', () => {
  const db = openLocal(':memory:')
  noteRevisions(db, place(1), [of('a', 'one'), of('b', 'b')])
  noteRevisions(db, place(5), [of('a', 'two'), of('b', 'b')], { by: 'lan', why: 'noise', rules: ['a'] })
  noteRevisions(db, place(7), [of('a', 'two', { state: 'shadow' }), of('b', 'b')])
  noteRevisions(db, place(8), [of('b', 'b')])
  noteRevisions(db, place(9), [of('a', 'one'), of('b', 'b')])
  expect(
    revisionsOf(db, 'a').map(({ number, seq, hash, settings: { state }, by, why }) => [
      number,
      seq,
      hash,
      state,
      by,
      why,
    ]),
  ).toEqual([
    [5, 9, 'hash of one', 'live', '', ''],
    [4, 8, '', 'shadow', '', ''],
    [3, 7, 'hash of two', 'shadow', '', ''],
    [2, 5, 'hash of two', 'live', 'lan', 'noise'],
    [1, 1, 'hash of one', 'live', '', ''],
  ])
  expect(revisionsOf(db, 'b')).toHaveLength(1)
  expect(textOfRevision(db, revisionsOf(db, 'a')[0]!)).toBe('one')
  expect(textOfRevision(db, { hash: '' })).toBeNull()
})

test('done again after a crash nothing is noted twice; a spool begun anew goes on counting', () => {
  const db = openLocal(':memory:')
  const steps = [
    [place(1), [of('a', 'one')]],
    [place(5), [of('a', 'two')]],
    [place(9), [of('a', 'one')]],
  ] as const
  for (const [at, rules] of steps) noteRevisions(db, at, rules)
  const before = revisionsOf(db, 'a')
  for (const [at, rules] of steps.slice(1)) noteRevisions(db, at, rules)
  expect(revisionsOf(db, 'a')).toEqual(before)
  noteRevisions(db, place(1, 'next'), [of('a', 'one')])
  expect(revisionsOf(db, 'a')).toHaveLength(3)
  noteRevisions(db, place(2, 'next'), [of('a', 'two')])
  expect(revisionsOf(db, 'a')[0]).toMatchObject({ number: 4, spool: 'next', seq: 2 })
})

test('shadow alerts are counted by day and entity, exactly; the newest are kept; each agency sees its own', () => {
  const db = openLocal(':memory:')
  const tally = new ShadowTally()
  const entity = (value: string) => ({ kind: 'host' as const, value })
  for (let seq = 0; seq < 250; seq++) {
    const at = `2026-11-22T07:00:00.${String(seq).padStart(3, '0')}Z`
    tally.add(alertOf('so-y-te', seq, { '@timestamp': at }), entity(`h${seq % 2}`))
  }
  tally.add(alertOf('so-gtvt', 1), entity('x'))
  tally.write(db)
  tally.clear()
  // A later version is the same alert; a withdrawn one is told apart.
  tally.add(alertOf('so-y-te', 249, { version: 2, '@timestamp': '2026-11-22T07:00:01.000Z' }), entity('h1'))
  tally.add(alertOf('so-gtvt', 1, { version: 2, count: 0, evidence: [] }), entity('x'))
  tally.write(db)
  const { id: rule } = alertOf('so-y-te', 1).rule
  const all = shadowCounts(db, { rule, from: '2026-11-22', scope: 'all' }, 10)
  expect(all).toEqual({
    days: [{ day: '2026-11-22', alerts: 251, withdrawn: 1 }],
    entities: [
      { agency: 'so-y-te', kind: 'host', value: 'h0', alerts: 125, withdrawn: 0 },
      { agency: 'so-y-te', kind: 'host', value: 'h1', alerts: 125, withdrawn: 0 },
      { agency: 'so-gtvt', kind: 'host', value: 'x', alerts: 1, withdrawn: 1 },
    ],
  })
  const kept = shadowAlerts(db, { rule, from: '2026-11-22', scope: ['so-y-te'] }, 1_000)
  expect(kept.length).toBeLessThanOrEqual(200)
  expect(kept[0]).toMatchObject({ id: 'alert-so-y-te-249', version: 2 })
  expect(shadowCounts(db, { rule, from: '2026-11-22', scope: ['so-gtvt'] }, 10).days).toEqual([
    { day: '2026-11-22', alerts: 1, withdrawn: 1 },
  ])
})
