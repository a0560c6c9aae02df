import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { appended } from '../appended.mjs'
import { provideFilebeat } from '../go-programs.mjs'
import { provideNpm, run, versionOf } from '../programs.mjs'
import { recipe } from '../recipe.mjs'
import { runNpm } from '../run-npm.mjs'

const LUMBERJACK = 'lumberjack-client@1.0.3'

const lineOf = (original) => JSON.parse(original).message

function filebeat({ name, input, block, replace, kill = false, sentTwiceMax = 0 }) {
  let path
  return {
    name,
    input,
    kill,
    sentTwiceMax: kill ? sentTwiceMax : 0,
    lineOf,
    prepare({ cache }) {
      path = provideFilebeat({ cache })
      return versionOf({ path, env: process.env }, 'version')
    },
    start({ lines, folder, ca, host, port, token, pauseMs }) {
      const log = join(folder, 'app.log')
      const home = join(folder, 'home')
      mkdirSync(home)
      const config = join(folder, 'filebeat.yml')
      writeFileSync(
        config,
        recipe('beats.md', 'yaml', block, { '/var/log/app/*.log': log, ...replace({ ca, host, port, token }) }),
      )
      const stop = appended(log, lines, pauseMs)
      const argv = ['-c', config, '--path.home', home, '--strict.perms=false', '-E', 'filebeat.registry.flush=0s']
      const program = run(path, argv)
      return {
        async end() {
          await stop()
          await program.end()
        },
      }
    },
  }
}

const bulk = {
  input: 'elasticsearch-bulk',
  block: 2,
  replace: ({ ca, host, port, token }) => ({
    'https://soc.example:9201': `http://${host}:${port}`,
    'soc_…': token,
    '/etc/filebeat/vong-gac-ca.pem': ca,
  }),
}
const lumberjack = {
  input: 'lumberjack',
  block: 3,
  replace: ({ host, port }) => ({
    'soc.example:5044': `${host}:${port}`,
    '\n  ssl.certificate_authorities: ["/etc/filebeat/vong-gac-ca.pem"]': '',
  }),
}

function bulkHelper({ name, kill = false }) {
  return {
    name,
    input: 'elasticsearch-bulk',
    kill,
    lineOf,
    prepare: () => "@elastic/elasticsearch, the product's own",
    start: ({ lines, tag, host, port, token, pauseMs }) =>
      runNpm('bulk.mjs', { url: `http://${host}:${port}`, token, tag, lines, pauseMs }),
  }
}

function lumberjackClient({ name }) {
  let folder
  return {
    name,
    input: 'lumberjack',
    lineOf,
    prepare({ cache }) {
      folder = provideNpm([LUMBERJACK], { cache })
      return LUMBERJACK
    },
    start: ({ lines, host, port }) => runNpm('lumberjack.mjs', { folder, host, port, lines }),
  }
}

export default [
  bulkHelper({ name: 'bulk-helper' }),
  bulkHelper({ name: 'bulk-helper-kill', kill: true }),
  filebeat({ name: 'filebeat-bulk', ...bulk }),
  filebeat({ name: 'filebeat-bulk-kill', ...bulk, kill: true }),
  filebeat({ name: 'filebeat-lumberjack', ...lumberjack }),
  // A window has no identity: what was durable just before its acknowledgement was lost comes again.
  filebeat({ name: 'filebeat-lumberjack-kill', ...lumberjack, kill: true, sentTwiceMax: 2_048 }),
  lumberjackClient({ name: 'lumberjack-npm' }),
]
