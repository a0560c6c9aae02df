import type { Node } from 'yaml'
import { RuleError } from '../../errors.ts'
import { offsetOf } from '../yaml.ts'

// Pipelines are written for Python's `re`. They are run over what rules hold, never over logs, so V8's engine will do.

/** @throws {RuleError} `bad_pipeline` */
export function pythonRegex(written: string, flags: string, node: Node): RegExp {
  const [inline = '', letters = ''] = /^\(\?([ims]+)\)/.exec(written) ?? []
  const source = written
    .slice(inline.length)
    .replaceAll('(?P<', '(?<')
    .replace(/\(\?P=(\w+)\)/g, '\\k<$1>')
  try {
    return new RegExp(source, flags + letters)
  } catch (error) {
    throw new RuleError('bad_pipeline', `regular expression '${written}': ${(error as Error).message}`, offsetOf(node))
  }
}

/** Like `re.match`: from the start of the text, not necessarily to its end. */
export function startMatcher(written: string, node: Node): (text: string) => boolean {
  const regex = pythonRegex(written, 'y', node)
  return (text) => {
    regex.lastIndex = 0
    return regex.test(text)
  }
}

/** Writes `\1` and `\g<name>` of a Python replacement in JavaScript's way. */
export function pythonReplacement(written: string): string {
  return written
    .replaceAll('$', '$$$$')
    .replace(/\\g<(\w+)>/g, (_all, name: string) => (/^\d+$/.test(name) ? `$${name}` : `$<${name}>`))
    .replace(/\\(\d{1,2})/g, '$$$1')
    .replaceAll('\\\\', '\\')
}
