import { classify, integer, put, putPeer } from '../fields.ts'
import type { TextParser } from '../parser.ts'

// Dovecot: `SERVICE-login: Login: user=<…>, method=…, rip=…, lip=…`, `auth: …`, `imap(USER)<…>: …`. The user is what the
// client said, so the addresses are read behind the last `>, method=` or `, rip=`.
const LOGIN = /^(imap|pop3|submission|managesieve|lmtp)-login: (.*)$/s
const AUTH =
  /^auth(?:-worker)?(?:\(\d{1,10}\))?: (?:(?:Info|Error|Debug|Warning): )?(?:conn \S{1,128} \([^)]{0,64}\): )?(.*)$/s
const SESSION = /^(imap|pop3|lmtp|lda|managesieve|submission)\(([^()]{1,256})\)(?:<[^>]{0,64}>){0,2}: (.*)$/s
const FAILED =
  /\(auth failed|\(tried to use disallowed|Authentication failure|\(disconnected (?:before|while) |Auth process broken/

export default {
  layer: 'text',
  precedence: 351,
  programs: ['dovecot', 'auth', 'imap-login', 'pop3-login'],

  parse(message, event) {
    // Where each service logs under its own tag, the tag is the missing prefix.
    const text = message.program === 'dovecot' ? message.text : `${message.program}: ${message.text}`
    const login = LOGIN.exec(text)
    const auth = AUTH.exec(text)
    if (message.program === 'auth' && !/dovecot|passdb|pam\(|sql\(|ldap\(/.test(message.text.slice(0, 256)))
      return false
    event['event.dataset'] = 'dovecot.log'
    event['event.category'] = ['email']
    event['event.type'] = ['info']
    put(event, 'message', message.text)
    if (login !== null) {
      const line = login[2]!
      event['network.protocol'] = login[1]!
      const worked = line.startsWith('Login: ')
      const failed = !worked && FAILED.test(line.slice(0, 512))
      const start = line.indexOf('user=<')
      const end = Math.max(line.lastIndexOf('>, method='), line.lastIndexOf('>, rip='))
      if (start >= 0 && end > start) put(event, 'user.name', line.slice(start + 6, end))
      const tail = line.slice(Math.max(end, 0))
      putPeer(
        event,
        'source',
        /, rip=([0-9A-Fa-f.:]{2,45})(?:,|$)/.exec(tail)?.[1] ?? '',
        /, rport=(\d{1,5})/.exec(tail)?.[1],
      )
      putPeer(event, 'destination', /, lip=([0-9A-Fa-f.:]{2,45})(?:,|$)/.exec(tail)?.[1] ?? '')
      put(event, 'dovecot.method', /, method=([\w-]{1,64})/.exec(tail)?.[1])
      put(event, 'dovecot.session', /, session=<([^>]{1,64})>/.exec(tail)?.[1])
      put(event, 'process.pid', integer(/, mpid=(\d{1,10})/.exec(tail)?.[1]))
      if (!worked && !failed) return true
      const attempts = integer(/\(auth failed, (\d{1,6}) attempts/.exec(line)?.[1])
      put(event, 'dovecot.attempts', attempts)
      classify(event, {
        category: ['authentication'],
        type: ['start'],
        action: 'login',
        outcome: worked ? 'success' : 'failure',
      })
      return true
    }
    if (auth !== null) {
      // `pam(lan,203.0.113.9,<id>): unknown user`; a comma in the name only moves the name.
      const who = /^[\w-]{1,32}\((.{1,256}?),([0-9A-Fa-f.:]{2,45})(?:,[^)]{0,64})?\): (.*)$/s.exec(auth[1]!)
      if (who === null) return true
      put(event, 'user.name', who[1])
      putPeer(event, 'source', who[2]!)
      if (
        /unknown user|[Pp]assword mismatch|authenticate\(\) failed|invalid credentials|Authentication failure/i.test(
          who[3]!.slice(0, 256),
        )
      )
        classify(event, { category: ['authentication'], type: ['start'], action: 'login', outcome: 'failure' })
      return true
    }
    const session = SESSION.exec(text)
    if (session === null) return true
    event['network.protocol'] = session[1]!
    put(event, 'user.name', session[2])
    if (/^(?:Logged out|Connection closed|Disconnected)/.test(session[3]!))
      classify(event, { category: ['session'], type: ['end'], action: 'logout' })
    return true
  },
} satisfies TextParser
