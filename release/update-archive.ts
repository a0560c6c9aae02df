import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { extname, join, resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { pack } from './archive.ts'
import { releaseKey, signFolder } from './signed.ts'

/*
 * npm run update-archive -- --serial 7 [--rules PACK=ZIP|FOLDER …] [--indicators FEED=FILE …] --key release.key --out FILE.tar
 *
 * A signed archive of rules and indicators, for `soc update` on a machine without a network.
 */
const { values } = parseArgs({
  options: {
    serial: { type: 'string' },
    rules: { type: 'string', multiple: true, default: [] },
    indicators: { type: 'string', multiple: true, default: [] },
    key: { type: 'string', default: 'release.key' },
    out: { type: 'string' },
  },
})
const serial = Number(values.serial)
const packs = values.rules.map((each) => /^([a-z0-9][a-z0-9-]{0,40})=(.+)$/.exec(each))
const feeds = values.indicators.map((each) => /^([a-z0-9][a-z0-9-]{0,62})=(.+)$/.exec(each))
if (
  !Number.isSafeInteger(serial) ||
  serial < 1 ||
  values.out === undefined ||
  packs.length + feeds.length === 0 ||
  packs.includes(null) ||
  feeds.includes(null)
) {
  process.stderr.write(
    '--serial N [--rules PACK=ZIP|FOLDER …] [--indicators FEED=FILE …] [--key release.key] --out FILE.tar\n',
  )
  process.exit(2)
}
const work = mkdtempSync(join(tmpdir(), 'vong-gac-update-'))
try {
  mkdirSync(join(work, 'rules'))
  mkdirSync(join(work, 'indicators'))
  for (const [, name, path] of feeds as RegExpExecArray[]) {
    cpSync(path!, join(work, 'indicators', `${name!}${extname(path!).toLowerCase()}`))
  }
  for (const [, name, path] of packs as RegExpExecArray[]) {
    cpSync(path!, join(work, 'rules', `${name!}${extname(path!) === '.zip' ? '.zip' : ''}`), { recursive: true })
  }
  const nowMs = Date.now()
  writeFileSync(
    join(work, 'update.json'),
    `${JSON.stringify({ kind: 'update', serial, madeAt: new Date(nowMs).toISOString() })}\n`,
  )
  await signFolder(work, releaseKey(resolve(values.key)))
  pack(work, resolve(values.out), Math.floor(nowMs / 1_000), 'none')
} finally {
  rmSync(work, { recursive: true, force: true })
}
