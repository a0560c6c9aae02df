import { mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { keepBundle, readBundle, type Bundle, type Control } from '../../pipeline/bundle.ts'
import { Spool } from '../../collector/spool/spool.ts'
import { covers } from '../../detection/sigma/logsource.ts'
import type { Frame } from '../../model/record.ts'
import { ROOT } from '../../model/root.ts'
import { openEmbedded } from '../../store/embedded/embedded.ts'
import { openLocal, type LocalDatabase } from '../../store/local/database.ts'
import { accountsOf, correlatedIn, forgetLedger, outcomesOf, ruleStretches } from '../../store/local/ledger.ts'
import type { Store } from '../../store/store.ts'
import { drain, type Place } from './drain.ts'

const EVER = { from: '2000-01-01T00', to: '9999-01-01T00', scope: 'all' } as const
const RULE = '6f1b6a52-54b0-4f0e-9f0a-5d6f6a7b0001'
const shipped = readBundle({
  rulesFolder: join(ROOT, 'rules'),
  registry: join(ROOT, 'registry', 'hai-duong.yml'),
  timeZone: 'Asia/Ho_Chi_Minh',
})

/** The shipped log sources with rules of the test on logins. */
function bundleOf(rules: string, disabled?: string): Bundle {
  const wiring = shipped.rules.filter(({ path }) => path.startsWith('pipelines/') || path === 'logsources.yml')
  const off = disabled === undefined ? [] : [{ path: 'disabled.yml', text: disabled }]
  return { ...shipped, rules: [...wiring, { path: 'test.yml', text: rules }, ...off] }
}
const saying = (word: string): string =>
  `title: Says\nid: ${RULE}\nlogsource: { product: linux, service: sshd }\ndetection: { words: [${word}], condition: words }\n`
const OTHER =
  'title: Other\nid: other\nlogsource: { product: linux, service: sudo }\ndetection: { words: [x], condition: words }\n'

const MANY = `title: Many\nid: many\ncorrelation: { type: event_count, rules: [${RULE}], group-by: [host.name], timespan: 5m, condition: { gte: 3 } }\n`

const line = (program: string, message: string, senderId?: string): Frame => ({
  origin: { input: 'syslog-tcp', address: '192.0.2.7' },
  bytes: Buffer.from(`<38>1 2026-11-20T01:02:03.000Z motcua-web01 ${program} 7 - - ${message}`),
  ...(senderId !== undefined && { senderId }),
})
const broken: Frame = { origin: { input: 'http-ndjson', address: '192.0.2.8' }, bytes: Buffer.from('{"half') }
const control = (said: Control): Frame => ({
  origin: { input: 'control', address: '' },
  bytes: Buffer.from(JSON.stringify(said)),
})

async function place(): Promise<Place> {
  const folder = mkdtempSync(join(tmpdir(), 'vong-gac-ledger-'))
  const spool = await Spool.open(join(folder, 'spool'), { segmentBytes: 65_536, freeBytesMin: 0 })
  const store = await openEmbedded(join(folder, 'events'), {})
  return { folder, spool, store, local: openLocal(join(folder, 'local.db')) }
}

/** What troubled it. */
async function drainAt(at: Place, durable?: number): Promise<string[]> {
  const reports = await drain(at, durable === undefined ? {} : { durable })
  return reports.flatMap((report) => (report.kind === 'trouble' ? [report.message] : []))
}

async function close({ spool, store, local }: Place): Promise<void> {
  await store.close()
  await spool.close()
  local.close()
}

const outcomes = (local: LocalDatabase): Record<string, number> =>
  Object.fromEntries(outcomesOf(local, EVER).map(({ what, records }) => [what, records]))
const stretches = (local: LocalDatabase, rule: string) =>
  ruleStretches(local, rule, EVER, covers)?.map(({ what, events, hash }) => [what, events, hash !== undefined])

describe('the ledger', () => {
  test('has an end for every record, and tells what each rule met', async () => {
    const at = await place()
    const bundles = [bundleOf(saying('alpha')), bundleOf(`${saying('alpha')}---\n${OTHER}`, `${RULE}: noisy here\n`)]
    const [first, second] = bundles.map((bundle) => keepBundle(join(at.folder, 'bundles'), bundle))
    await at.spool.append([
      control({ bundle: first! }),
      line('sshd', 'alpha', 'id-1'),
      line('sshd', 'alpha', 'id-1'),
      line('sudo', 'beta'),
      line('nobody-knows', 'gamma'),
      broken,
      control({ drops: [{ source: 'syslog-udp/192.0.2.9', count: 5 }] }),
      control({ bundle: second! }),
      line('sshd', 'delta'),
      line('sudo', 'epsilon'),
    ])
    expect(await drainAt(at)).toEqual([])
    const { evaluated = 0, unrouted = 0, repeat, dropped, ...rest } = outcomes(at.local)
    expect({ repeat, dropped }).toEqual({ repeat: 1, dropped: 5 })
    expect(evaluated + unrouted).toBe(5)
    expect(Object.entries(rest)).toEqual([[expect.stringMatching(/^dead:/), 1]])
    expect(accountsOf(at.local)).toEqual({ positions: 10, counted: 10 })

    expect(stretches(at.local, RULE)).toEqual([
      ['evaluated', 1, true],
      ['disabled', 1, true],
    ])
    expect(stretches(at.local, 'other')).toEqual([
      ['not_in_force', 1, false],
      ['evaluated', 1, true],
    ])
    expect(stretches(at.local, 'nobody')).toBeUndefined()
    expect(ruleStretches(at.local, RULE, { ...EVER, scope: [] }, covers)).toEqual([])
    await close(at)
  })

  test('is the same wherever the run was cut and killed', async () => {
    const frames = fc.array(
      fc.oneof(
        fc.constantFrom(broken, control({ drops: [{ source: 'u', count: 2 }] })),
        fc.tuple(fc.constantFrom('sshd', 'sudo', 'x'), fc.option(fc.constantFrom('a', 'b'), { nil: undefined })),
      ),
      { minLength: 1, maxLength: 25 },
    )
    await fc.assert(
      fc.asyncProperty(frames, fc.array(fc.nat(24), { maxLength: 4 }), async (made, cuts) => {
        const written = made.map((one) => (Array.isArray(one) ? line(one[0], 'alpha', one[1]) : one))
        const results = []
        for (const stops of [[], cuts]) {
          const at = await place()
          const bundle = keepBundle(join(at.folder, 'bundles'), bundleOf(`${saying('alpha')}---\n${MANY}`))
          await at.spool.append([control({ bundle }), ...written])
          for (const stop of stops) {
            if (stop % 2 === 0) {
              await drainAt(at, Math.min(stop + 1, at.spool.durableSeq))
              continue
            }
            // The store breaks in a way that ends the process: nothing since the checkpoint is counted.
            const store = { ...at.store, append: () => Promise.reject(new TypeError('killed')) } as unknown as Store
            await drainAt({ ...at, store }).catch(() => undefined)
          }
          expect(await drainAt(at)).toEqual([])
          expect(accountsOf(at.local)).toEqual({ positions: written.length + 1, counted: written.length + 1 })
          const correlated = correlatedIn(at.local, EVER)
          const [, alphas] = stretches(at.local, RULE)?.find(([what]) => what === 'evaluated') ?? []
          expect(correlated).toEqual(alphas === undefined ? [] : [{ rule: 'many', counted: alphas }])
          results.push([outcomes(at.local), stretches(at.local, RULE), correlated])
          await close(at)
        }
        expect(results[1]).toEqual(results[0])
      }),
      { numRuns: 6 },
    )
  })

  test('says so when an end is missing', async () => {
    const at = await place()
    const bundle = keepBundle(join(at.folder, 'bundles'), bundleOf(saying('alpha')))
    await at.spool.append([control({ bundle }), line('sshd', 'alpha')])
    await drainAt(at)
    at.local.exec('UPDATE ledger_spools SET records = records - 1')
    await at.spool.append([line('sshd', 'alpha')])
    expect(await drainAt(at)).toEqual(['of 3 positions of the spool the ledger has an end for 2'])
    await close(at)
  })

  test('forgets old hours, and rules that no hour left speaks of', async () => {
    const at = await place()
    const [first, second] = ['alpha', 'beta'].map((word) =>
      keepBundle(join(at.folder, 'bundles'), bundleOf(`${saying(word)}---\n${MANY}`)),
    )
    await at.spool.append([
      control({ bundle: first! }),
      line('sshd', 'alpha'),
      control({ bundle: second! }),
      line('sshd', 'x'),
    ])
    await drainAt(at)
    expect(correlatedIn(at.local, EVER)).toEqual([{ rule: 'many', counted: 1 }])
    expect(forgetLedger(at.local, '9999-01-01T00')).toBeGreaterThan(0)
    expect([outcomesOf(at.local, EVER), correlatedIn(at.local, EVER)]).toEqual([[], []])
    expect(at.local.prepare('SELECT count(*) AS n FROM rule_versions').get()).toMatchObject({ n: 2 })
    expect(accountsOf(at.local)).toEqual({ positions: 4, counted: 4 })
    await close(at)
  })
})
