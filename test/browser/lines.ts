/** Someone outside, who comes to several agencies: what an analyst hunts for. */
export const STRANGER = '203.0.113.45'

/** Others outside: each is the incident of one test, which may close it without taking it from another. */
export const GUESSERS = {
  'vi keyboard': '203.0.113.61',
  'vi mouse': '203.0.113.62',
  'en keyboard': '203.0.113.63',
  'en mouse': '203.0.113.64',
  resolved: '203.0.113.65',
  typed: '203.0.113.66',
} as const

/** Log text that tries everything a page could fall for. */
export const HOSTILE = {
  markup: `<img src=x onerror="document.title='owned'"><script>document.title='owned'</script>`,
  override: 'invoice\u202Efdp.exe',
  escapes: '\u001B[31mred\u001B[0m\u0007\u001B]0;owned\u0007',
  emoji: '👩🏽‍💻🇻🇳 Đăng nhập thất bại',
  nul: 'before\u0000after',
  template: '{{constructor.constructor("document.title=1")()}} ${document.title=1} javascript:document.title=1',
} as const

/** All of it in the name of an account that somebody tried, which is where real attackers put it. */
const HOSTILE_USER = Object.values(HOSTILE).join(' ')

/** The longest record that the input takes whole. */
export const LONGEST = 'A'.repeat(980_000)

const minutes = (n: number): number => n * 60_000

function rfc5424(atMs: number, host: string, program: string, message: string): string {
  return `<38>1 ${new Date(atMs).toISOString()} ${host} ${program} 4242 - - ${message}`
}

interface Line {
  atMs: number
  text: string
}

/** A working morning of six systems, ending at `endMs`: a few lines a minute for six hours. */
export function quietLines(endMs: number): Line[] {
  const users = ['hoa.nguyen', 'minh.tran', 'lan.pham', 'tuan.le', 'backup']
  const hosts = ['yte-db01', 'yte-app01', 'tnmt-web01', 'dvc-app01', 'lgsp-gw01', 'camera-nvr01']
  return Array.from({ length: 900 }, (_, i) => {
    const atMs = endMs - minutes(360) + i * 24_000
    const user = users[i % users.length]!
    const host = hosts[(i * 7) % hosts.length]!
    const from = `10.${20 + (i % 5)}.${i % 30}.${10 + (i % 200)}`
    const said = [
      `Accepted publickey for ${user} from ${from} port ${40_000 + i} ssh2: ED25519 SHA256:abc`,
      `pam_unix(sshd:session): session opened for user ${user}(uid=1001) by (uid=0)`,
      `Disconnected from user ${user} ${from} port ${40_000 + i}`,
    ][i % 3]!
    return { atMs, text: rfc5424(atMs, host, 'sshd', said) }
  })
}

/** The stranger guesses passwords at two hosts of the Department of Health, half an hour before the end. */
export function guessingLines(endMs: number): Line[] {
  return Array.from({ length: 24 }, (_, i) => {
    const atMs = endMs - minutes(30) + i * 3_000
    const host = i % 2 === 0 ? 'yte-db01' : 'yte-app01'
    const said = `Failed password for root from ${STRANGER} port ${51_000 + i} ssh2`
    return { atMs, text: rfc5424(atMs, host, 'sshd', said) }
  })
}

/** Each of them guesses at one host of the Department of Agriculture and Environment, often enough to become an incident. */
export function guessersLines(endMs: number): Line[] {
  return Object.values(GUESSERS).flatMap((address, n) =>
    Array.from({ length: 12 }, (_, i) => {
      const atMs = endMs - minutes(50 + n) + i * 2_000
      const said = `Failed password for root from ${address} port ${53_000 + i} ssh2`
      return { atMs, text: rfc5424(atMs, 'tnmt-web01', 'sshd', said) }
    }),
  )
}

/** Enough of them, from one address, to become an incident: its title, its evidence and its history show such text. */
export function hostileLines(endMs: number): Line[] {
  const lines = Array.from({ length: 12 }, (_, i) => {
    const atMs = endMs - minutes(10) + i * 2_000
    const said = `Failed password for invalid user ${HOSTILE_USER} from 198.51.100.66 port ${52_000 + i} ssh2`
    return { atMs, text: rfc5424(atMs, 'tnmt-web01', 'sshd', said) }
  })
  const atMs = endMs - minutes(5)
  return [...lines, { atMs, text: rfc5424(atMs, 'tnmt-web01', 'app', `${HOSTILE.markup} ${LONGEST} end`) }]
}
