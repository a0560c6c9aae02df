import { existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { expect, onTestFinished, test } from 'vitest'
import { lineOf, type Indicator } from '../../detection/indicators/indicator.ts'
import { NO_NEVER } from '../../detection/indicators/never.ts'
import {
  findInFeed,
  keepFeed,
  keepManifest,
  loadIndicators,
  noteManifest,
  notedManifest,
} from '../../indicators/files.ts'
import { indicatorService } from '../../indicators/indicators.ts'

function folderOf(): string {
  const folder = mkdtempSync(join(tmpdir(), 'vong-gac-indicators-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  return folder
}

function feedOf(folder: string, name: string, indicators: readonly Indicator[]) {
  const kept = keepFeed(folder, Buffer.from(indicators.map(lineOf).sort().join('')))
  const lines = { ...kept, indicators: indicators.length }
  return { name, ...lines, fresh: lines, importedAt: '2026-11-22T00:00:00.000Z', importedBy: 'x' }
}

const ip = (value: string, name?: string): Indicator => ({ kind: 'ip', value, level: 'high', ...(name && { name }) })

test('a value is found in a file by halving it, however long its lines are, and no other is', () => {
  const folder = folderOf()
  const kind = fc.constantFrom('domain' as const, 'url' as const, 'ip' as const)
  const value = fc
    .array(fc.constantFrom('a', 'b', '-', '.', '!', '~', '/'), { minLength: 1, maxLength: 6 })
    .map((parts) => parts.join(''))
  const name = fc.constantFrom('', 'x'.repeat(200))
  fc.assert(
    fc.property(
      fc.uniqueArray(fc.tuple(kind, value, name), { maxLength: 120, selector: ([k, v]) => `${k} ${v}` }),
      kind,
      value,
      (listed, k, v) => {
        const indicators = listed.map(([each, text, label]) => ({
          kind: each,
          value: text,
          level: 'low' as const,
          ...(label && { name: label }),
        }))
        const feed = feedOf(folder, 'thu', indicators)
        for (const one of indicators) expect(findInFeed(folder, feed, one.kind, [one.value])).toEqual([one])
        const there = indicators.some((one) => one.kind === k && one.value === v)
        expect(findInFeed(folder, feed, k, [v])).toHaveLength(there ? 1 : 0)
      },
    ),
    { numRuns: 60 },
  )
})

test('a file that was altered is refused', () => {
  const folder = folderOf()
  const feed = feedOf(folder, 'thu', [ip('203.0.113.1')])
  const other = feedOf(folder, 'khac', [ip('203.0.113.2')])
  const manifest = keepManifest(folder, { feeds: [{ ...feed, hash: other.hash }], never: NO_NEVER })
  expect(loadIndicators(folder, manifest).size).toBe(1)
  const wrong = keepManifest(folder, {
    feeds: [{ ...feed, hash: other.hash, bytes: other.bytes - 1 }],
    never: NO_NEVER,
  })
  expect(() => loadIndicators(folder, wrong)).toThrow(/altered/)
})

test('what a crash interrupted is announced at the next start; what could not be announced is not', async () => {
  const folder = folderOf()
  const announced: string[] = []
  const service = (announce: (manifest: string) => Promise<number>) =>
    indicatorService({ folder, announce, never: () => NO_NEVER, now: () => 0, durableSeq: 7 })
  const begun = keepManifest(folder, { feeds: [feedOf(folder, 'thu', [ip('203.0.113.1')])], never: NO_NEVER })
  noteManifest(folder, 'announcing', begun)
  const after = service((manifest) => Promise.resolve(announced.push(manifest)))
  expect(after.feeds()).toEqual([])
  await after.refresh()
  expect([announced, after.feeds().map(({ name }) => name)]).toEqual([[begun], ['thu']])

  const full = service(() => Promise.reject(new Error('disk_full')))
  await expect(full.remove('thu')).rejects.toThrow('disk_full')
  expect(full.feeds()).toHaveLength(1)
  expect(notedManifest(folder, 'announcing')).toBe(begun)
  expect(await after.remove('no-such')).toBeNull()
})

test('files go when nothing can ask for them any more, and not before', async () => {
  const folder = folderOf()
  let seq = 10
  const wired = indicatorService({
    folder,
    announce: () => Promise.resolve(++seq),
    never: () => NO_NEVER,
    now: () => 0,
    durableSeq: 10,
  })
  const first = keepManifest(folder, { feeds: [feedOf(folder, 'thu', [ip('203.0.113.1')])], never: NO_NEVER })
  noteManifest(folder, 'announcing', first)
  await wired.refresh() // at 11
  await wired.remove('thu') // at 12
  const last = notedManifest(folder, 'announced')
  await wired.prune(first, 11)
  expect(existsSync(join(folder, `${first}.json`))).toBe(true)
  await wired.prune(last, 11)
  expect(existsSync(join(folder, `${first}.json`))).toBe(true)
  await wired.prune(last, 12)
  expect(readdirSync(folder).sort()).toEqual([`${last}.json`, 'announced', 'announcing'].sort())
})

test('a look-up finds what an event with that value would match: the name above, the network around', async () => {
  const folder = folderOf()
  const feed = feedOf(folder, 'thu', [
    { kind: 'domain', value: 'evil.example.com', level: 'high' },
    ip('203.0.113.0/24'),
    ip('203.0.113.9'),
    ip('2001:db8::/32'),
  ])
  noteManifest(folder, 'announcing', keepManifest(folder, { feeds: [feed], never: NO_NEVER }))
  const announce = () => Promise.resolve(1)
  const service = indicatorService({ folder, announce, never: () => NO_NEVER, now: () => 0, durableSeq: 0 })
  await service.refresh()
  const found = (kind: 'domain' | 'ip', value: string) => service.find(kind, value).map((one) => one.value)
  expect(found('domain', 'a.b.evil.example.com')).toEqual(['evil.example.com'])
  expect(found('domain', 'notevil.example.com')).toEqual([])
  expect(found('ip', '203.0.113.9')).toEqual(['203.0.113.9', '203.0.113.0/24'])
  expect(found('ip', '203.0.113.0/28')).toEqual(['203.0.113.0/24'])
  expect(found('ip', '203.0.114.9')).toEqual([])
  expect(found('ip', '2001:db8:1::7')).toEqual(['2001:db8::/32'])
})
