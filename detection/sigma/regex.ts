import { RE2JS } from 're2js'
import { RuleError } from '../errors.ts'
import { lengthMin, neededLiterals, parseRegex, stepsOf } from './regex-syntax.ts'

/** A rule's regular expression, searched (not anchored) in text, in time linear in the text. */
export interface Regex {
  readonly source: string
  readonly flags: string
  test(text: string): boolean
  /** First match, as UTF-16 offsets. */
  find(text: string): [start: number, end: number] | undefined
  /** One of these texts stands in every match; undefined where none is known. */
  readonly needed: readonly string[] | undefined
  /** Which engine runs it. */
  readonly engine: 'v8' | 're2'
}

/** Above this many steps per starting place V8's backtracking is not called linear. */
const STEPS_MAX = 5000
/** Written the same in PCRE and RE2, otherwise or not at all in JavaScript. */
const RE2_ONLY = /\\[AzpPa]|\\x\{|\(\?P?</

/**
 * Compiles a rule's regular expression. Without an unbounded repeat V8 needs at most a constant number of steps per
 * character; everything else runs on RE2, whose time is linear whatever the text.
 * @throws {RuleError} `bad_regex`
 */
export function compileRegex(written: string, flags: ReadonlySet<string>): Regex {
  const [inline = '', letters = ''] = /^\(\?([imsu]+)\)/.exec(written) ?? []
  const source = written.slice(inline.length)
  const all = ['i', 'm', 's'].filter((flag) => flags.has(flag) || letters.includes(flag))
  // A run of anything at either end cannot change whether there is a match, only cost time.
  const core = source.replace(/^(?:\.\*\??)+/, '').replace(/(?<!\\)(?:\.\*\??)+$/, '')
  const trimmed = core === '' || source.includes('|') ? source : core
  const node = parseRegex(trimmed)
  const needed = neededLiterals(node)
  const shortest = lengthMin(node)
  const own = { source, flags: all.join(''), needed }

  if (stepsOf(node) <= STEPS_MAX && !RE2_ONLY.test(trimmed)) {
    const regex = native(trimmed, own.flags)
    return {
      ...own,
      engine: 'v8',
      test: (text) => regex.test(text),
      find(text) {
        const match = regex.exec(text)
        return match === null ? undefined : [match.index, match.index + match[0].length]
      },
    }
  }
  const regex = linear(trimmed, all)
  return {
    ...own,
    engine: 're2',
    test: (text) => text.length >= shortest && regex.test(text),
    find(text) {
      const matcher = regex.matcher(text)
      return matcher.find() ? [matcher.start(), matcher.end()] : undefined
    },
  }
}

function native(source: string, flags: string): RegExp {
  try {
    return new RegExp(source, flags)
  } catch (error) {
    throw new RuleError('bad_regex', `regular expression '${source}': ${(error as Error).message}`)
  }
}

function linear(source: string, flags: readonly string[]): RE2JS {
  let bits = 0
  if (flags.includes('i')) bits |= RE2JS.CASE_INSENSITIVE
  if (flags.includes('m')) bits |= RE2JS.MULTILINE
  if (flags.includes('s')) bits |= RE2JS.DOTALL
  try {
    return RE2JS.compile(source, bits)
  } catch (error) {
    throw new RuleError('bad_regex', `regular expression '${source}': ${(error as Error).message}`)
  }
}
