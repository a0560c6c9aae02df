#!/usr/bin/env node
import { basename } from 'node:path'
import { ConfigError } from './config.ts'
import { loadFolder } from './model/load-folder.ts'

/** One subcommand; a file of `commands/` is one, under its name. */
export interface Command {
  /** One line for `soc help`, in Vietnamese and English. */
  summary: string
  /** Ways to call it, a line each, and what is to be known of them. */
  usage: string
  /** @returns the exit code; null where it was not called as `usage` says */
  run(argv: string[]): Promise<number | null>
}

const COMMANDS = new URL('commands/', import.meta.url)
const [name, ...argv] = askedFor(process.argv.slice(2))
const command = (await loadFolder<Command>(COMMANDS, name)).get(name)

if (command === undefined) {
  const list = await help()
  if (name === 'help') process.stdout.write(list)
  else process.stderr.write(`không có lệnh ${name} · there is no command ${name}\n\n${list}`)
  process.exitCode = name === 'help' ? 0 : 2
} else if (argv.some((each) => each === '--help' || each === '-h')) {
  process.stdout.write(`${command.summary}\n\n${command.usage}`)
} else {
  process.exitCode = await run(command)
}

/** `soc help NAME` is `soc NAME --help`; `soc` alone, and `soc --help`, is `soc help`. */
function askedFor([first = 'help', ...rest]: string[]): [name: string, ...argv: string[]] {
  if (first === '--help' || first === '-h') return ['help']
  return first === 'help' && rest[0] !== undefined ? [rest[0], '--help'] : [first, ...rest]
}

async function run({ run, usage }: Command): Promise<number> {
  try {
    const code = await run(argv)
    if (code !== null) return code
    process.stderr.write(usage)
    return 2
  } catch (error) {
    process.stderr.write(`${name}: ${error instanceof Error ? error.message : String(error)}\n`)
    return error instanceof ConfigError || error instanceof TypeError ? 2 : 1 // parseArgs throws a TypeError
  }
}

async function help(): Promise<string> {
  const commands = await loadFolder<Command>(COMMANDS)
  const program = basename(process.argv[1] ?? 'soc', '.js')
  const width = Math.max(...[...commands.keys()].map((key) => key.length))
  const list = [...commands].map(([key, { summary }]) => `  ${program} ${key.padEnd(width)}  ${summary}\n`)
  return `${list.join('')}\n  ${program} LỆNH · COMMAND --help\n`
}
