import { classify, put, putPeer } from '../fields.ts'
import type { TextParser } from '../parser.ts'

// Linux-PAM: `pam_MODULE(SERVICE:TYPE): TEXT`; any program may write it. The first `rhost=` is PAM's own, what follows in
// `user=` is the attacker's text.
const LINE = /^\(?(pam_\w{1,32})\)?(?:\(([^\s:()]{1,64}):(\w{1,16})\))?:? (.*)$/s
const SESSION =
  /^session (opened|closed) for user ([^\s(]{1,256})(?:\(uid=(\d+)\))?(?: by ([^\s(]{1,256})?\(uid=(\d+)\))?/
const FAILURE = /^(?:\d+ more )?authentication (failure|success)s?;/
const FOR_USER =
  /^(?:received for user|Consecutive login failures for user|user|password changed for|check pass; user|account|User|unlocking? user|requirement "[^"]{0,200}" not met by user) "?([^\s":;,()]{1,256})"?/

export default {
  layer: 'text',
  precedence: 10,

  parse({ text, program }, event) {
    if (!text.startsWith('pam_') && !text.startsWith('(pam_')) {
      // Old PAM (before 2004) names itself in the tag, which the header has cut: `sshd(pam_unix)[4711]: session …`.
      if (!text.startsWith('session ') && !text.startsWith('authentication failure; ')) return false
    }
    const line = LINE.exec(text)
    const words = line === null ? text : line[4]!
    event['event.dataset'] = 'system.auth'
    put(event, 'message', text)
    event['event.provider'] = line?.[1] ?? 'pam'
    put(event, 'system.auth.pam.service', line?.[2] ?? program)
    put(event, 'system.auth.pam.type', line?.[3])

    const session = SESSION.exec(words)
    if (session !== null) {
      event['user.name'] = session[2]!
      put(event, 'user.id', session[3])
      put(event, 'system.auth.pam.by', session[4])
      const opened = session[1] === 'opened'
      classify(event, {
        category: ['session'],
        type: [opened ? 'start' : 'end'],
        action: opened ? 'pam_session_opened' : 'pam_session_closed',
        outcome: 'success',
      })
      return true
    }
    const failure = FAILURE.exec(words)
    if (failure !== null) {
      const from = words.indexOf(' rhost=')
      const to = words.indexOf(' user=', Math.max(from, 0))
      if (from >= 0) putPeer(event, 'source', /^\S{0,255}/.exec(words.slice(from + 7))![0])
      if (to >= 0) put(event, 'user.name', words.slice(to + 6).trim())
      put(event, 'system.auth.pam.tty', / tty=(\S{1,128})/.exec(words.slice(0, 400))?.[1])
      classify(event, {
        category: ['authentication'],
        type: ['info'],
        action: 'pam_authentication',
        outcome: failure[1] === 'success' ? 'success' : 'failure',
      })
      return true
    }
    const user = FOR_USER.exec(words)
    if (user !== null && !words.startsWith('check pass')) event['user.name'] = user[1]!
    if (words.startsWith('password changed for ')) {
      classify(event, { category: ['iam'], type: ['user', 'change'], action: 'changed-password', outcome: 'success' })
    } else if (words.startsWith('Consecutive login failures ')) {
      classify(event, { category: ['iam'], type: ['user', 'change'], action: 'locked-out-user-account' })
    } else if (words.startsWith('check pass; user unknown') || words.startsWith('received for user ')) {
      classify(event, {
        category: ['authentication'],
        type: ['info'],
        action: 'pam_authentication',
        outcome: 'failure',
      })
    }
    return true
  },
} satisfies TextParser
