import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { provide, expand, run, versionOf } from '../programs.mjs'
import { recipe } from '../recipe.mjs'

const RSYSLOGD = '/usr/sbin/rsyslogd'

function variant({ name, input, block, replace, needs = [], outage = false }) {
  let program
  return {
    name,
    input,
    outage,
    // rsyslog 8.2302 sends the message on which the connection failed again, after others, although it had gone through.
    sentTwiceMax: outage ? 1 : 0,
    prepare({ cache }) {
      program = provide(RSYSLOGD, { packages: ['rsyslog', 'rsyslog-gnutls'], needs, cache })
      return versionOf(program, '-v')
    },
    async start({ lines, tag, host, port, folder, ca }) {
      const queue = join(folder, 'queue')
      mkdirSync(queue)
      const log = join(folder, 'app.log')
      writeFileSync(log, `${lines.join('\n')}\n`)
      const config = join(folder, 'rsyslog.conf')
      writeFileSync(
        config,
        [
          `global(workDirectory="${queue}")`,
          'module(load="imfile")',
          `input(type="imfile" File="${log}" Tag="${tag}:" Severity="info" Facility="local0")`,
          recipe('rsyslog.md', 'rsyslog', block, replace({ host, port, ca })),
          '',
        ].join('\n'),
      )
      const modules = program.root === '' ? [] : ['-M', expand(`${program.root}/usr/lib/*/rsyslog`)[0]]
      const argv = ['-n', '-f', config, '-i', join(folder, 'rsyslog.pid'), ...modules]
      const { ended, end } = run(program.path, argv, { env: program.env })
      return { end, ended }
    },
  }
}

const plain = ({ host, port }) => ({ 'soc.example': host, '"5514"': `"${port}"` })

export default [
  variant({ name: 'rsyslog-tcp', input: 'syslog-tcp', block: 1, replace: plain }),
  variant({ name: 'rsyslog-tcp-outage', input: 'syslog-tcp', block: 1, replace: plain, outage: true }),
  variant({ name: 'rsyslog-tcp-lines', input: 'syslog-tcp', block: 2, replace: plain }),
  variant({
    name: 'rsyslog-tls',
    input: 'syslog-tls',
    block: 3,
    needs: ['/usr/lib/*-linux-gnu/rsyslog/lmnsd_gtls.so'],
    replace: ({ host, port, ca }) => ({
      'target="soc.example"': `target="${host}"`, // the name in the certificate stays soc.example
      '"6514"': `"${port}"`,
      '/etc/ssl/certs/vong-gac-ca.pem': ca,
    }),
  }),
]
