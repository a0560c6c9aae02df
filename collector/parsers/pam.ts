import { classify, put, putPeer } from '../fields.ts'
import type { TextParser } from '../parser.ts'

// Linux-PAM: `pam_MODULE(SERVICE:TYPE): TEXT`; any program may write it. The first `rhost=` is PAM's own, what follows in
// `user=` is the attacker's text.
const LINE = /^\(?(pam_\w{1,32})\)?(?:\(([^\s:()]{1,64}):(\w{1,16})\))?:? (.*)$/s
const SESSION =
  /^session (opened|closed) for user ([^\s(]{1,256})(?:\(uid=(\d+)\))?(?: by ([^\s(]{1,256})?\(uid=(\d+)\))?/
/** unix_chkpwd, which pam_unix asks where it may not read the shadow file. */
const CHECK_FAILED = 'password check failed for user ('
const FAILURE = /^(?:\d+ more )?authentication (failure|success)s?;/
/** What the modules say of one attempt, each in its own words. */
const VERDICTS: readonly { pattern: RegExp; outcome: 'success' | 'failure' }[] = [
  // unix_chkpwd
  { pattern: /^password check failed for user \((?<user>[^()]{1,256})\)/, outcome: 'failure' },
  // pam_unix: accounts
  { pattern: /^account (?<user>\S{1,256}) has expired /, outcome: 'failure' },
  { pattern: /^expired password for user (?<user>\S{1,256}) /, outcome: 'failure' },
  // pam_access, pam_listfile, pam_wheel
  { pattern: /^access denied for user [`'](?<user>[^`']{1,256})' from [`'](?<host>[^`']{1,255})'/, outcome: 'failure' },
  { pattern: /^Refused user (?<user>\S{1,256}) for service /, outcome: 'failure' },
  { pattern: /^Access denied to '[^']{0,256}' for '(?<user>[^']{1,256})'/, outcome: 'failure' },
  // pam_krb5, pam_winbind
  { pattern: /^authentication fails for '(?<user>[^']{1,256})'/, outcome: 'failure' },
  { pattern: /^authentication succeeds for '(?<user>[^']{1,256})'/, outcome: 'success' },
  { pattern: /^user '(?<user>[^']{1,256})' granted access/, outcome: 'success' },
  { pattern: /^user '(?<user>[^']{1,256})' (?:denied access|access denied)/, outcome: 'failure' },
  // pam_google_authenticator
  { pattern: /^Accepted google_authenticator for (?<user>\S{1,256})$/, outcome: 'success' },
  { pattern: /^Invalid verification code for (?<user>\S{1,256})$/, outcome: 'failure' },
]
const FOR_USER =
  /^(?:received for user|Consecutive login failures for user|user|password changed for|check pass; user|account|User|unlocking? user|requirement "[^"]{0,200}" not met by user) "?([^\s":;,()]{1,256})"?/

export default {
  layer: 'text',
  precedence: 10,

  parse({ text, program }, event) {
    if (!text.startsWith('pam_') && !text.startsWith('(pam_') && !text.startsWith(CHECK_FAILED)) {
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
      // `by NAME(uid=)` is who asked (sudo, su), the first name whose rights they got; a service (`by (uid=0)`) is no one.
      const by = session[4]
      event['user.name'] = by ?? session[2]!
      put(event, 'user.id', by === undefined ? session[3] : session[5])
      if (session[1] === 'opened') {
        event['user.effective.name'] = session[2]!
        put(event, 'user.effective.id', session[3])
      }
      put(event, 'system.auth.pam.by', by)
      const opened = session[1] === 'opened'
      classify(event, {
        category: ['session'],
        type: [opened ? 'start' : 'end'],
        action: opened ? 'logged-on' : 'logged-off',
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
    for (const { pattern, outcome } of VERDICTS) {
      const verdict = pattern.exec(words)
      if (verdict === null) continue
      put(event, 'user.name', verdict.groups!['user'])
      putPeer(event, 'source', verdict.groups!['host'] ?? '')
      classify(event, { category: ['authentication'], type: ['info'], action: 'pam_authentication', outcome })
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
