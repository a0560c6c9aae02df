#!/usr/bin/env node
import { basename } from 'node:path'
import { ConfigError } from './config.ts'
import { loadFolder } from './model/load-folder.ts'

/** One subcommand; a file of `commands/` is one, under its name. */
export interface Command {
  /** One line for `soc help`. */
  summary: string
  /** @returns the exit code */
  run(argv: string[]): Promise<number>
}

const [name = 'help', ...argv] = process.argv.slice(2)
const commands = await loadFolder<Command>(new URL('commands/', import.meta.url))
const command = commands.get(name)
if (command) {
  process.exitCode = await command.run(argv).catch((error: unknown) => {
    process.stderr.write(`${name}: ${error instanceof Error ? error.message : String(error)}\n`)
    return error instanceof ConfigError || error instanceof TypeError ? 2 : 1 // parseArgs throws a TypeError
  })
} else {
  const program = basename(process.argv[1] ?? 'soc', '.js')
  const width = Math.max(...[...commands.keys()].map((key) => key.length))
  const list = [...commands].map(([key, { summary }]) => `  ${program} ${key.padEnd(width)}  ${summary}`)
  process.stdout.write(`${list.join('\n')}\n`)
  process.exitCode = name === 'help' ? 0 : 2
}
