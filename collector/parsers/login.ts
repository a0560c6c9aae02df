import { classify, put, putPeer } from '../fields.ts'
import type { TextParser } from '../parser.ts'

// login(1) on a console or a serial line, of util-linux and of shadow-utils. The name that was typed stands last but for the
// reason, and is a stranger's text.
const LOGIN = /^LOGIN ON (\S{1,64}) BY (\S{1,256})(?: FROM (\S{1,255}))?$/
const ROOT = /^ROOT LOGIN ON (\S{1,64})(?: FROM (\S{1,255}))?$/
const SHADOW = /^ROOT LOGIN {1,2}on '([^']{1,64})'(?: from '([^']{1,255})')?/
const FAILED =
  /^FAILED LOGIN (?:SESSION )?(?:\(?\d{1,9}\)? )?(?:FROM (\S{1,255})|on '([^']{1,64})')(?: from '([^']{1,255})')? FOR (?:'(.{0,256})'|(.{0,256})), (.{1,256})$/s
const TOO_MANY = /^TOO MANY LOGIN TRIES \(\d{1,9}\)(?: FROM (\S{1,255}))? FOR (.{0,256}), (.{1,256})$/s
/** A line of this machine, which is no address. */
const TERMINAL = /^(?:\/dev\/)?(?:tty|pts|console|hvc)/

export default {
  layer: 'text',
  precedence: 45,
  programs: ['login'],

  parse({ text }, event) {
    event['event.dataset'] = 'system.auth'
    put(event, 'message', text)
    let m: RegExpExecArray | null
    let user: string | undefined
    let from: string | undefined
    let failed = false
    if ((m = LOGIN.exec(text))) [user, from] = [m[2], m[3]]
    else if ((m = ROOT.exec(text)) ?? (m = SHADOW.exec(text))) [user, from] = ['root', m[2]]
    else if ((m = FAILED.exec(text))) [user, from, failed] = [m[4] ?? m[5], m[3] ?? m[1] ?? m[2], true]
    else if ((m = TOO_MANY.exec(text))) [user, from, failed] = [m[2], m[1], true]
    else return true
    put(event, 'user.name', user)
    if (from !== undefined && TERMINAL.test(from)) put(event, 'system.auth.login.tty', from)
    else putPeer(event, 'source', from ?? '')
    if (!failed) put(event, 'system.auth.login.tty', m[1])
    classify(event, {
      category: failed ? ['authentication'] : ['authentication', 'session'],
      type: [failed ? 'info' : 'start'],
      action: 'login',
      outcome: failed ? 'failure' : 'success',
    })
    return true
  },
} satisfies TextParser
