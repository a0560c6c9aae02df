import type { EcsEvent } from '../../model/event.ts'
import { classify, put } from '../fields.ts'
import type { TextParser } from '../parser.ts'

// sudo, logging.c: `  USER : [PROBLEM ; ]TTY=… ; PWD=… ; USER=… ; [GROUP= ; TSID= ; ENV= ; ]COMMAND=…`. COMMAND comes last
// and is whatever was typed, « ; USER=root » included, so nothing is looked for behind it.
const FIELD = /^([A-Z]{2,12})=(.*)$/s

export default {
  layer: 'text',
  precedence: 30,
  programs: ['sudo'],

  parse({ text }, event) {
    event['event.dataset'] = 'system.auth'
    put(event, 'message', text)
    const colon = text.indexOf(' : ')
    const command = text.indexOf('COMMAND=')
    if (colon < 0 || (command >= 0 && colon > command)) return true
    const parts = text.slice(colon + 3, command < 0 ? undefined : command).split(' ; ', 16)
    let problem: string | undefined
    for (const part of parts) {
      const field = FIELD.exec(part.trim())
      if (field === null) problem ??= part.trim() === '' ? undefined : part.trim()
      else putField(event, field[1]!, field[2]!)
    }
    // Lines without any field are sudo's own talk (`unable to resolve host`), not an attempt.
    if (command < 0 && event['user.effective.name'] === undefined) return true
    put(event, 'user.name', text.slice(0, colon).trim())
    if (command >= 0) {
      put(event, 'process.command_line', text.slice(command + 8))
      put(event, 'system.auth.sudo.command', text.slice(command + 8))
    }
    put(event, 'system.auth.sudo.error', problem)
    const wrongPassword = problem?.includes('password') === true || problem?.includes('authent') === true
    classify(event, {
      category: [wrongPassword ? 'authentication' : 'process'],
      type: [problem === undefined ? 'start' : 'denied'],
      action: problem === undefined ? 'sudo_command' : wrongPassword ? 'sudo_authentication' : 'sudo_denied',
      outcome: problem === undefined ? 'success' : 'failure',
    })
    return true
  },
} satisfies TextParser

function putField(event: EcsEvent, name: string, value: string): void {
  if (name === 'USER') {
    put(event, 'user.effective.name', value)
    put(event, 'system.auth.sudo.user', value)
  } else if (name === 'PWD') {
    put(event, 'process.working_directory', value)
    put(event, 'system.auth.sudo.pwd', value)
  } else if (name === 'TTY') put(event, 'system.auth.sudo.tty', value)
  else put(event, `system.auth.sudo.${name.toLowerCase()}`, value)
}
