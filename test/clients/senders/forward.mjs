import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { AGENCY } from '../product.mjs'
import { provide, provideNpm, run, versionOf } from '../programs.mjs'
import { runNpm } from '../run-npm.mjs'

const LOGGER = '@fluent-org/logger@1.0.10'
const KEY = 'khoá dùng chung'

const lineOf = (original) => JSON.parse(original).forward.record.message

function logger({ name, eventMode, kill = false, sharedKey }) {
  let folder
  return {
    name,
    input: 'forward',
    kill,
    // It sends each event of an unacknowledged chunk again, in a chunk of another name.
    sentTwiceMax: kill ? 1_000 : 0,
    lineOf,
    ...(sharedKey !== undefined && {
      inputs(own) {
        const file = join(own, 'shared.key')
        writeFileSync(file, sharedKey, { mode: 0o600 })
        return { forward: { sharedKeys: { [AGENCY]: file } } }
      },
    }),
    prepare({ cache }) {
      folder = provideNpm([LOGGER], { cache })
      return LOGGER
    },
    start: ({ lines, tag, host, port, pauseMs }) =>
      runNpm('forward.mjs', { folder, host, port, eventMode, tag, sharedKey, lines, pauseMs }),
  }
}

const PYTHON = '/usr/bin/python3'

/** Without acknowledgements, as this program knows none. */
function python({ name }) {
  let path
  let modules
  return {
    name,
    input: 'forward',
    lineOf,
    prepare({ cache }) {
      const { root } = provide('/usr/lib/python3/dist-packages/fluent/sender.py', {
        packages: ['python3-fluent-logger', 'python3-msgpack'],
        needs: ['/usr/lib/python3/dist-packages/msgpack'],
        cache,
      })
      modules = `${root}/usr/lib/python3/dist-packages`
      path = PYTHON
      return `python3-fluent-logger, ${versionOf({ path, env: process.env })}`
    },
    start({ lines, tag, host, port }) {
      const script = fileURLToPath(new URL('../python/forward.py', import.meta.url))
      const { child, ended, end } = run(path, [script], { env: { ...process.env, PYTHONPATH: modules } })
      child.stdin.end(JSON.stringify({ host, port, tag, lines }))
      return {
        async end() {
          const { code, said } = await ended
          await end()
          if (code !== 0) throw new Error(`${script} ended with ${code}: ${said}`)
        },
      }
    },
  }
}

export default [
  logger({ name: 'forward-message', eventMode: 'Message' }),
  logger({ name: 'forward-forward', eventMode: 'Forward' }),
  logger({ name: 'forward-packed', eventMode: 'PackedForward' }),
  logger({ name: 'forward-compressed', eventMode: 'CompressedPackedForward' }),
  logger({ name: 'forward-shared-key', eventMode: 'PackedForward', sharedKey: KEY }),
  logger({ name: 'forward-kill', eventMode: 'PackedForward', kill: true }),
  python({ name: 'forward-python' }),
]
