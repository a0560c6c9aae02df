import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expand, provide, run, versionOf } from '../programs.mjs'
import { recipe } from '../recipe.mjs'

const SYSLOG_NG = '/usr/sbin/syslog-ng'

function variant({ name, input, block, replace, outage = false }) {
  let program
  return {
    name,
    input,
    outage,
    prepare({ cache }) {
      program = provide(SYSLOG_NG, { packages: ['syslog-ng-core'], cache })
      return versionOf(program)
    },
    async start({ lines, tag, host, port, folder, ca }) {
      const state = join(folder, 'state')
      mkdirSync(state)
      const log = join(folder, 'app.log')
      writeFileSync(log, `${lines.join('\n')}\n`)
      const config = join(folder, 'syslog-ng.conf')
      const [, major, minor] = /\b(\d+)\.(\d+)/.exec(versionOf(program).replace(/^syslog-ng \d+ /, ''))
      const destination = recipe('syslog-ng.md', 'syslog-ng', block, {
        ...replace({ host, port, ca }),
        '/var/lib/syslog-ng': state,
      })
      writeFileSync(
        config,
        [
          `@version: ${major}.${minor}`,
          `source s_app { file("${log}" follow-freq(1) flags(no-parse) program-override("${tag}")); };`,
          destination,
          'log { source(s_app); destination(d_vong_gac); flags(flow-control); };',
          '',
        ].join('\n'),
      )
      const modules = expand(`${program.root}/usr/lib/syslog-ng/${major}.${minor}`)
      const files = { '--persist-file': 'persist', '--control': 'control', '--pidfile': 'pid' }
      const argv = Object.entries(files).map(([option, file]) => `${option}=${join(state, file)}`)
      argv.push('--foreground', '--no-caps', `--cfgfile=${config}`)
      if (modules.length > 0) argv.push(`--module-path=${modules[0]}`)
      const { ended, end } = run(program.path, argv, { env: program.env })
      return { end, ended }
    },
  }
}

const plain = ({ host, port }) => ({ 'soc.example': host, 'port(5514)': `port(${port})` })

export default [
  variant({ name: 'syslog-ng-tcp', input: 'syslog-tcp', block: 1, replace: plain }),
  variant({ name: 'syslog-ng-tcp-outage', input: 'syslog-tcp', block: 1, replace: plain, outage: true }),
  variant({ name: 'syslog-ng-tcp-lines', input: 'syslog-tcp', block: 2, replace: plain }),
  variant({
    name: 'syslog-ng-tls',
    input: 'syslog-tls',
    block: 3,
    replace: ({ host, port, ca }) => ({
      'soc.example': host,
      'port(6514)': `port(${port})`,
      '/etc/ssl/certs/vong-gac-ca.pem': ca,
    }),
  }),
]
