import type { EcsEvent } from '../../model/event.ts'
import { classify, put } from '../fields.ts'
import type { TextParser } from '../parser.ts'

// shadow su: `Successful su for TARGET by USER`, `FAILED su for TARGET by USER`, `+ /dev/pts/0 USER:TARGET` (and `-`);
// util-linux su: `(to TARGET) USER on TTY`, with `FAILED SU ` before it; BSD: `BAD SU USER to TARGET on TTY`.
const SHADOW = /^(Successful|FAILED) su for (\S{1,256}) by (\S{1,256})$/
const SIGN = /^([+-]) (\S{1,128}) ([^\s:]{1,256})[:-]([^\s:]{1,256})$/
const LINUX = /^(FAILED SU )?\(to ([^)]{1,256})\) (\S{1,256}) on (\S{1,128})$/
const BSD = /^'?(?:BAD )?SU '?(\S{1,256}) to (\S{1,256}) on (\S{1,128})$/
const QUOTED = /^'su (\S{1,256})' failed for (\S{1,256}) on (\S{1,128})$/

export default {
  layer: 'text',
  precedence: 40,
  programs: ['su', 'su-l', 'runuser'],

  parse({ text }, event) {
    event['event.dataset'] = 'system.auth'
    put(event, 'message', text)
    let m: RegExpExecArray | null
    if ((m = SHADOW.exec(text))) became(event, m[3]!, m[2]!, m[1] === 'Successful')
    else if ((m = LINUX.exec(text))) became(event, m[3]!, m[2]!, m[1] === undefined, m[4])
    else if ((m = SIGN.exec(text))) became(event, m[3]!, m[4]!, m[1] === '+', m[2])
    else if ((m = QUOTED.exec(text))) became(event, m[2]!, m[1]!, false, m[3])
    else if ((m = BSD.exec(text))) became(event, m[1]!, m[2]!, !text.includes('BAD'), m[3])
    return true
  },
} satisfies TextParser

function became(event: EcsEvent, user: string, target: string, success: boolean, tty?: string): void {
  event['user.name'] = user
  event['user.effective.name'] = target
  put(event, 'system.auth.su.tty', tty)
  classify(event, {
    category: ['authentication'],
    type: ['start'],
    action: 'su',
    outcome: success ? 'success' : 'failure',
  })
}
