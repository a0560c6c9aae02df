import { describe, expect, test } from 'vitest'
import { record } from '../../bench/record.ts'
import { FrameDecoder } from '../../collector/framing.ts'
import { parseRecord } from '../../collector/json-record.ts'
import { MalformedMsgpack, MsgpackReader, ValueEnd } from '../../collector/msgpack.ts'
import { NulDecoder } from '../../collector/nul-framing.ts'
import { Refusal } from '../../collector/refusal.ts'
import { complaint, lines, parsers, wordsOf } from '../collector/parsers/any-parser.ts'
import { loadLine } from '../collector/parsers/line.ts'

/*
 * EXECUTIONS=10000000 npx vitest run --config vitest.long.config.ts test/long/fuzz.test.ts
 *
 * Many cheap tries, where the properties of the ordinary run are few dear ones. Every run has another seed, and says which; SEED=n tries
 * the same again.
 */

const EXECUTIONS = Number(process.env['EXECUTIONS'] ?? 1_000_000)
const SEED = Number(process.env['SEED'] ?? Date.now() % 2 ** 31)
/** Ten million tries are done in half of it; a text that stops a parser is not. */
const LONGEST_MS = 3_600_000
const GLUE = [
  '"',
  '\\',
  '=',
  '|',
  ']',
  '>',
  '\n',
  '99999999999999999999',
  'ả',
  ' ',
  '',
  '-',
  ':',
  '%',
  '<1>',
  '\0',
  '{',
  ',',
]

/** Numbers below `n`, the same for the same seed (mulberry32). */
function dice(seed: number): (n: number) => number {
  let state = seed >>> 0
  return (n) => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return Math.floor((((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32) * n)
  }
}

type Dice = (n: number) => number
const oneOf = <T>(roll: Dice, choices: readonly T[]): T => choices[roll(choices.length)]!

/** A line with parts left out, doubled, exchanged, put in from another line, or words alone. */
function text(roll: Dice, words: readonly string[]): string {
  if (roll(4) === 0) return Array.from({ length: roll(16) }, () => oneOf(roll, roll(2) === 0 ? words : GLUE)).join('')
  let line = oneOf(roll, lines)
  for (let changes = roll(6); changes > 0; changes--) {
    const at = roll(line.length + 1)
    const end = at + roll(roll(8) === 0 ? 200 : 6)
    const put = [
      () => '',
      () => oneOf(roll, words),
      () => oneOf(roll, GLUE),
      () => line.slice(Math.max(0, at - 20), at),
      () => oneOf(roll, lines).slice(roll(60), 60 + roll(60)),
      () => String.fromCharCode(roll(0x180)),
    ]
    line = line.slice(0, at) + oneOf(roll, put)() + line.slice(roll(2) === 0 ? at : end)
  }
  return line
}

function json(roll: Dice, words: readonly string[], depth = 0): string {
  const key = (): string => JSON.stringify(roll(8) === 0 ? text(roll, words).slice(0, 12) : oneOf(roll, words))
  const kind = depth === 0 ? 0 : roll(depth > 3 ? 6 : 9)
  if (depth === 0 || kind > 6)
    return `{${Array.from({ length: roll(12) }, () => `${key()}:${json(roll, words, depth + 1)}`).join(',')}}`
  if (kind === 6) return `[${Array.from({ length: roll(4) }, () => json(roll, words, depth + 1)).join(',')}]`
  if (kind === 0)
    return oneOf(roll, [
      'null',
      'true',
      'false',
      '0',
      '-1',
      '1e308',
      '4294967296',
      '"2026-05-12T02:59:58Z"',
      '"203.0.113.9"',
      '""',
    ])
  return kind === 1 ? JSON.stringify(text(roll, words)) : key()
}

const done: Record<string, number> = {}

/** Tries `attempt` so often; gives the first that it complained of. */
function tryOften(
  name: string,
  times: number,
  attempt: (roll: Dice) => { given: unknown; complaint: string | undefined },
): string[] {
  const roll = dice(SEED ^ Buffer.from(name).reduce((sum, byte) => Math.imul(sum, 31) + byte, 7))
  const found: string[] = []
  for (let i = 0; i < times && found.length < 5; i++) {
    const { given, complaint } = attempt(roll)
    if (complaint !== undefined) found.push(`${complaint}: ${JSON.stringify(given)}`)
  }
  done[name] = times
  return found
}

/** What threw is a complaint like any other. */
function caught(attempt: () => string | undefined): string | undefined {
  try {
    return attempt()
  } catch (error) {
    return `throws ${error instanceof Error ? error.stack : String(error)}`
  }
}

describe(`any bytes are an event or a reason, in bounded time (SEED=${SEED})`, { timeout: LONGEST_MS }, () => {
  test.each(parsers)('parser %s', (name, parser) => {
    const words = wordsOf(name)
    const programs = parser.layer === 'text' ? (parser.programs ?? ['']) : ['']
    const streams = ['', name.split('-', 1)[0]!]
    const found = tryOften(`parser ${name}`, Math.ceil((EXECUTIONS * 0.7) / parsers.length), (roll) => {
      const made = parser.layer === 'json' ? json(roll, words) : text(roll, words)
      const given = parser.layer === 'json' ? parseRecord(made) : made
      const complained =
        given instanceof Refusal
          ? undefined
          : caught(() => complaint(parser, given, oneOf(roll, programs), oneOf(roll, streams)))
      return { given: made, complaint: complained }
    })
    expect(found).toEqual([])
  })

  test('the way from bytes to the event', async () => {
    const read = await loadLine()
    const words = parsers.flatMap(([name]) => wordsOf(name))
    const found = tryOften('bytes', Math.ceil(EXECUTIONS * 0.15), (roll) => {
      const bytes = Buffer.from(
        roll(4) === 0 ? json(roll, words) : text(roll, words),
        roll(3) === 0 ? 'latin1' : 'utf8',
      )
      for (let flips = roll(4); flips > 0 && bytes.length > 0; flips--) bytes[roll(bytes.length)] = roll(256)
      const complained = caught(() => {
        return JSON.stringify(read(bytes)).length > 200_000 ? 'what became of it is larger than any line' : undefined
      })
      return { given: bytes.toString('base64'), complaint: complained }
    })
    expect(found).toEqual([])
  })

  test('framers: the same frames whatever the chunks, and never more than the limit', () => {
    const LIMIT = 512
    const part = (roll: Dice): string =>
      roll(3) === 0
        ? text(roll, GLUE)
        : oneOf(roll, ['\n', '\r\n', '\0', ' ', '<13>', '6 <13>ab', '12 <13>', '999999 ', '1', 'y'.repeat(roll(600))])
    const found = tryOften('framers', Math.ceil(EXECUTIONS * 0.1), (roll) => {
      const whole = Buffer.from(Array.from({ length: roll(8) }, () => part(roll)).join(''), 'latin1')
      const cut = roll(whole.length + 1)
      const frames = (decoder: { push(chunk: Buffer): Iterable<unknown> }): string => {
        const taken: unknown[] = []
        for (const chunk of [whole.subarray(0, cut), whole.subarray(cut)]) taken.push(...decoder.push(chunk))
        return JSON.stringify(taken)
      }
      const once = (decoder: { push(chunk: Buffer): Iterable<unknown> }): string =>
        JSON.stringify([...decoder.push(whole)])
      const complained = caught(() => {
        if (frames(new FrameDecoder(LIMIT)) !== once(new FrameDecoder(LIMIT))) return 'chunks make a difference'
        if (frames(new NulDecoder(LIMIT)) !== once(new NulDecoder(LIMIT)))
          return 'chunks make a difference between NULs'
        return undefined
      })
      return { given: whole.toString('base64'), complaint: complained }
    })
    expect(found).toEqual([])
  })

  test('MessagePack: a value or a reason', () => {
    const found = tryOften('MessagePack', Math.ceil(EXECUTIONS * 0.05), (roll) => {
      const bytes = Buffer.from(Array.from({ length: roll(60) }, () => (roll(3) === 0 ? 0x80 + roll(0x60) : roll(256))))
      const complained = caught(() => {
        try {
          const end = new ValueEnd().find(bytes)
          if (end === null) return undefined
          if (end > bytes.length) return 'ends behind the bytes'
          JSON.parse(new MsgpackReader(bytes).json())
        } catch (error) {
          if (!(error instanceof MalformedMsgpack)) throw error
        }
        return undefined
      })
      return { given: bytes.toString('base64'), complaint: complained }
    })
    expect(found).toEqual([])
  })

  test('the tries are counted', () => {
    const executions = Object.values(done).reduce((sum, times) => sum + times, 0)
    expect(executions).toBeGreaterThanOrEqual(EXECUTIONS)
    process.stdout.write(
      `${executions} executions, ${record('fuzz', { seed: SEED, executions, parsers: parsers.length })}\n`,
    )
  })
})
