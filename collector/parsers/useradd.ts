import type { EcsEvent } from '../../model/event.ts'
import { classify, put } from '../fields.ts'
import type { TextParser } from '../parser.ts'

// shadow-utils: useradd.c, usermod.c, groupadd.c, gpasswd.c … Each pattern: what it says, and to whom.
const ADD_USER =
  /^new user: name=([^,]{1,256})(?:, UID=(\d+))?(?:, GID=(\d+))?(?:, home=([^,]{0,512}))?(?:, shell=([^,]{0,256}))?/
const ADD_GROUP = /^(?:new group: name=|group added to \S{1,128}: name=)([^,\s]{1,256})(?:, GID=(\d+))?/
const MEMBER =
  /^(add|delete|remove|user)d? '?([^\s']{1,256})'? (?:to|from|added by \S+ to|removed by \S+ from) (?:shadow )?group '?([^\s']{1,256})'?/
const GPASSWD = /^user ([^\s]{1,256}) (added|removed) by ([^\s]{1,256}) (?:to|from) group ([^\s]{1,256})/
const DELETE_USER = /^delete user '([^']{1,256})'/
const DELETE_GROUP = /^(?:removed (?:shadow )?group '|group ')([^']{1,256})'/
const CHANGE_GROUP = /^(?:group changed in \S{1,128} \(group |password of group |members of group )([^\s,/]{1,256})/
const CHANGE_USER = /^change(?:d)? user (?:name )?'([^']{1,256})'(?: (\S{1,64}))?/
const LOCK = /^(lock|unlock) user '([^']{1,256})' password/
const PASSWORD =
  /^(?:password (?:changed )?for|changed password expiry for|password for) '?([^\s']{1,256})'?(?: changed by '?([^\s']{1,256})'?)?/
const FAILED = /^failed (adding|deleting|to change|modifying) (?:user|group) '([^']{1,256})'/

export default {
  layer: 'text',
  precedence: 50,
  programs: [
    'useradd',
    'adduser',
    'userdel',
    'deluser',
    'usermod',
    'groupadd',
    'addgroup',
    'groupdel',
    'groupmod',
    'gpasswd',
    'passwd',
    'chage',
    'chpasswd',
    'chfn',
    'chsh',
    'newusers',
  ],

  parse({ text, program }, event) {
    event['event.dataset'] = 'system.auth'
    put(event, 'message', text)
    let m: RegExpExecArray | null
    if ((m = ADD_USER.exec(text))) {
      event['user.name'] = m[1]!
      put(event, 'user.id', m[2])
      put(event, 'group.id', m[3])
      put(event, 'system.auth.useradd.home', m[4])
      put(event, 'system.auth.useradd.shell', m[5])
      did(event, ['user', 'creation'], 'added-user-account')
    } else if ((m = ADD_GROUP.exec(text))) {
      event['group.name'] = m[1]!
      put(event, 'group.id', m[2])
      did(event, ['group', 'creation'], 'added-group-account')
    } else if ((m = GPASSWD.exec(text))) {
      event['user.effective.name'] = m[3]!
      member(event, m[1]!, m[4]!, m[2] === 'added')
    } else if ((m = MEMBER.exec(text))) member(event, m[2]!, m[3]!, m[1] === 'add')
    else if ((m = DELETE_USER.exec(text))) {
      event['user.name'] = m[1]!
      did(event, ['user', 'deletion'], 'deleted-user-account')
    } else if ((m = DELETE_GROUP.exec(text))) {
      event['group.name'] = m[1]!
      did(
        event,
        ['group', program.includes('del') ? 'deletion' : 'change'],
        `${program.includes('del') ? 'deleted' : 'changed'}-group-account`,
      )
    } else if ((m = CHANGE_GROUP.exec(text))) {
      event['group.name'] = m[1]!
      did(event, ['group', 'change'], 'changed-group-account')
    } else if ((m = LOCK.exec(text))) {
      event['user.name'] = m[2]!
      did(event, ['user', 'change'], `${m[1]!}ed-user-account`)
    } else if ((m = CHANGE_USER.exec(text))) {
      event['user.name'] = m[1]!
      put(event, 'system.auth.usermod.field', m[2])
      did(event, ['user', 'change'], m[2] === 'password' ? 'changed-password' : 'modified-user-account')
    } else if ((m = PASSWORD.exec(text))) {
      event['user.name'] = m[1]!
      put(event, 'user.effective.name', m[2])
      did(event, ['user', 'change'], text.includes('expiry') ? 'changed-password-expiry' : 'changed-password')
    } else if ((m = FAILED.exec(text))) {
      const group = program.startsWith('group')
      event[group ? 'group.name' : 'user.name'] = m[2]!
      const type = m[1] === 'adding' ? 'creation' : m[1] === 'deleting' ? 'deletion' : 'change'
      did(event, [group ? 'group' : 'user', type], `failed-${type}-of-${group ? 'group' : 'user'}-account`, 'failure')
    }
    return true
  },
} satisfies TextParser

function member(event: EcsEvent, user: string, group: string, added: boolean): void {
  event['user.name'] = user
  event['group.name'] = group
  did(event, ['group', 'change'], added ? 'added-member-to-group' : 'removed-member-from-group')
}

function did(event: EcsEvent, type: string[], action: string, outcome: 'success' | 'failure' = 'success'): void {
  classify(event, { category: ['iam'], type, action, outcome })
}
