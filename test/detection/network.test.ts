import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { Engine } from '../../detection/engine.ts'
import { matchesOf } from '../../detection/reference.ts'
import type { EcsEvent } from '../../model/event.ts'
import { runs } from '../runs.ts'
import { fields, filterText, PIPELINE, ruleText } from './arbitrary.ts'
import { event, load, rule } from './made-up.ts'

/** Other rules and events on every machine's every run would hide a difference that comes and goes. */
const SEED = Number(process.env['SEED'] ?? 1)
/** Events that one engine meets. */
const EVENTS_MAX = 2000

/** Rules, a filter and the pipeline as files, all of which must load. */
async function loaded(rules: readonly string[], filter: string) {
  const files = rules.map((text, i): [string, string] => [`r${i}.yml`, `id: r${i}\n${text}`])
  const ruleSet = await load({ ...Object.fromEntries(files), 'filter.yml': filter, 'pipelines/p.yml': PIPELINE })
  const errors = ruleSet.problems.filter(({ severity }) => severity === 'error')
  if (errors.length > 0)
    throw new Error(`${JSON.stringify(errors, null, 2)}\n${files.map(([, text]) => text).join('---\n')}`)
  return { ruleSet, textOf: new Map(files.map(([, text], i) => [`r${i}`, text])), filter }
}

/** What an engine and the slow evaluator say of an event: where they differ, in words, and the number of matches. */
function compare(
  engine: Engine,
  { ruleSet, textOf, filter }: Awaited<ReturnType<typeof loaded>>,
  own: EcsEvent,
): { difference: string; matches: number } {
  const [fast, slow] = [engine.matches(own), matchesOf(ruleSet.network.rules, ruleSet.logSources, own)]
  if (fast.length === slow.length && fast.every((id, i) => id === slow[i]))
    return { difference: '', matches: fast.length }
  const wrong = [...fast.filter((id) => !slow.includes(id)), ...slow.filter((id) => !fast.includes(id))]
  const told = wrong.map((id) => `only the ${fast.includes(id) ? 'network' : 'reference'} matches:\n${textOf.get(id)!}`)
  const all = wrong.length === 0 ? `in another order: ${fast.join(' ')} and ${slow.join(' ')}` : told.join('\n')
  return { difference: `${all}\n${filter}\nthe event:\n${JSON.stringify(own)}`, matches: fast.length }
}

// Law 5: the network finds what the slow evaluator finds, whatever shares an index with it. FUZZ=… makes it a million pairs.
describe('any rules on any events: network and reference agree', () => {
  test('few of both, so that a difference is shown small', async () => {
    const few = fc.array(fields, { minLength: 1, maxLength: 8 })
    await fc.assert(
      fc.asyncProperty(
        fc.array(ruleText, { minLength: 1, maxLength: 8 }),
        filterText,
        few,
        async (rules, filter, events) => {
          const files = await loaded(rules, filter)
          const engine = new Engine(files.ruleSet)
          // Twice, in another order: what is remembered of a value must serve for the next event that has it.
          for (const own of [...events, ...events.toReversed()]) {
            expect(compare(engine, files, event(own)).difference).toBe('')
          }
        },
      ),
      { numRuns: runs(50) },
    )
  }, 3_600_000)

  test('many of both in one engine, whose memories fill, rest and are used again', async () => {
    const total = runs(400)
    const rounds = Math.ceil(total / EVENTS_MAX)
    let pairs = 0
    let matches = 0
    for (let round = 0; round < rounds; round++) {
      const seed = SEED + round
      const count = Math.ceil(total / rounds)
      const [filter = ''] = fc.sample(filterText, { numRuns: 1, seed })
      const files = await loaded(fc.sample(ruleText, { numRuns: 150, seed }), filter)
      const engine = new Engine(files.ruleSet)
      const events = fc.sample(fields, { numRuns: Math.ceil(count * 0.6), seed: seed + 1 })
      for (let i = 0; i < count; i++) {
        // An event of its own, one seen before, and one that mixes the fields of two.
        const [first, second] = [events[i % events.length]!, events[(i * 97) % events.length]!]
        const found = compare(engine, files, event(i % 3 === 2 ? { ...first, ...second } : first, i + 1))
        expect(found.difference).toBe('')
        matches += found.matches
        pairs += files.ruleSet.network.rules.length
      }
    }
    expect(matches).toBeGreaterThan(pairs / 50)
  }, 3_600_000)
})

describe('the network', () => {
  test('rules without anything positive are listed', async () => {
    const ruleSet = await load({
      'a.yml': rule('s: { a: x }\ncondition: s', 'witnessed'),
      'b.yml': rule('s: { a: x }\ncondition: not s', 'negative'),
      'c.yml': rule('s: { a: x }\nt: { b: null }\ncondition: s or t', 'either'),
    })
    expect(ruleSet.unwitnessed).toEqual(['negative', 'either'])
  })

  test('a predicate that many rules share exists once', async () => {
    const ruleSet = await load({
      'a.yml': rule('s: { a|contains: [x, y] }\ncondition: s', 'one'),
      'b.yml': rule('s: { a|contains: [Y, X], b: z }\ncondition: s', 'two'),
    })
    expect(ruleSet.network.predicates).toHaveLength(3)
  })

  test('what a condition first asks about a text that is not remembered counts for that condition', async () => {
    const elsewhere = rule('s: { b|contains: needle }\ncondition: s', 'elsewhere').replace(
      '{ product: t }',
      '{ service: two }',
    )
    const ruleSet = await load({
      // The index of b looks for the literal; events of the other log source are not looked at there until a condition asks.
      'a.yml': elsewhere,
      'b.yml': rule('s: { a: a-whole-value-that-is-rare, b|contains: needle }\ncondition: s', 'both'),
      'c.yml': rule('s: { a: a-whole-value-that-is-rare }\nt: { b|contains: needle }\ncondition: s and not t', 'one'),
    })
    const engine = new Engine(ruleSet)
    const own = (b: string): EcsEvent => event({ a: 'a-whole-value-that-is-rare', b: b + '-'.repeat(5000) })
    expect(engine.matches(own('a needle'))).toEqual(['both'])
    expect(engine.matches(own('hay'))).toEqual(['one'])
  })

  test('keywords that conditions ask for again and again are looked for, also in what tells the log source', async () => {
    const ruleSet = await load({
      'logsources.yml': 'logsources:\n  - when: { kind: [has a needle, plain] }\n    product: t\n',
      'a.yml': rule('k: [some other words]\ncondition: k', 'gate'),
      'b.yml': rule('s: { a: x }\nk: [needle, 4711, ab]\ncondition: s and k', 'both'),
      'c.yml': rule('s: { a: x }\nk: [thread]\ncondition: s and not k', 'without'),
    })
    const engine = new Engine(ruleSet)
    const texts = ['hay', 'a Needle', 4711, 'thread', { in: ['some other words', 'needle'] }, 'abc', 'hay', null]
    for (let i = 0; i < 5000; i++) {
      const kind = i % 3 === 0 ? 'has a needle' : 'plain'
      const own = event({ kind, a: i % 7 === 0 ? 'y' : 'x', b: texts[(i * 5) % texts.length]!, c: `text ${i % 90}` })
      expect(engine.matches(own)).toEqual(matchesOf(ruleSet.network.rules, ruleSet.logSources, own))
    }
  })

  test('a text that comes again and again is looked through for a keyword that joins later', async () => {
    const ruleSet = await load({
      'a.yml': rule('k: [some other words]\ncondition: k', 'gate'),
      'b.yml': rule('s: { a: x }\nk: [needle, 4711, ab]\ncondition: s and k', 'both'),
    })
    const engine = new Engine(ruleSet)
    for (let i = 0; i < 400; i++)
      expect(engine.matches(event({ a: 'x', b: 'a needle in one of these haystacks' }))).toEqual(['both'])
  })

  test('keywords are found as often as they come, between texts without them that come again', async () => {
    const other = rule('k: [needle]\ncondition: k', 'two').replace('{ product: t }', '{ service: two }')
    const ruleSet = await load({ 'a.yml': rule('k: [haystack]\ncondition: k', 'one'), 'b.yml': other })
    const engine = new Engine(ruleSet)
    const own = (x: string, dataset = 't.one'): string[] => engine.matches(event({ x, 'event.dataset': dataset }))
    for (let i = 0; i < 40; i++) {
      expect(own('a needle')).toEqual([])
      expect(own('a needle')).toEqual([])
      expect(own('a needle', 't.two')).toEqual(['two'])
      expect(own('a haystack', 't.two')).toEqual(['one'])
      expect(own('a haystack')).toEqual(['one'])
      expect(own('a haystack')).toEqual(['one'])
    }
  })

  test('two engines over one rule set keep apart', async () => {
    const ruleSet = await load({ 'a.yml': rule('s: { a: x }\ncondition: s') })
    const [first, second] = [new Engine(ruleSet), new Engine(ruleSet)]
    expect(first.matches(event({ a: 'x' }))).toEqual(['r'])
    expect(second.matches(event({ a: 'y' }))).toEqual([])
  })
})
