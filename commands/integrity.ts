import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { loadConfig } from '../config.ts'
import { openExisting } from '../product/local-access.ts'
import type { Command } from '../soc.ts'
import { keyId, pemOf, publicOf } from '../store/integrity/keys.ts'
import { rotateKey, signChain } from '../store/integrity/signing.ts'
import { addHistory } from '../store/local/history.ts'
import { chainEnd, entriesOf, linksOf } from '../store/local/integrity.ts'

const usage = `soc integrity head       chuỗi kết thúc ở đâu: ghi lại ngoài máy này · where the chain ends: note it outside this machine
soc integrity key        khóa công khai dùng để ký, dạng PEM: giữ ngoài máy này · the public key that signs, as PEM: keep it outside this machine
soc integrity export     cả chuỗi, NDJSON, có chữ ký: cho soc verify --chain · the whole chain as NDJSON, signed: for soc verify --chain
soc integrity rotate     từ nay ký bằng khóa khác; khóa cũ bảo chứng cho nó · another key signs from now on; the old one vouches for it
`

async function run(argv: string[]): Promise<number | null> {
  const { positionals } = parseArgs({ args: argv, allowPositionals: true, options: {} })
  const [verb = '', extra] = positionals
  if (!['head', 'key', 'export', 'rotate'].includes(verb) || extra !== undefined) {
    return null
  }
  const config = loadConfig()
  const folder = join(config.dataFolder, 'integrity')
  const local = openExisting(config)
  const at = new Date().toISOString()
  try {
    signChain(local, folder, at)
    if (verb === 'rotate') {
      const key = publicOf(rotateKey(local, folder, at))
      addHistory(local, [
        {
          at,
          actor: 'command line',
          subject: { kind: 'integrity', id: keyId(key) },
          code: 'signing_key_rotated',
          params: { key: keyId(key) },
        },
      ])
      signChain(local, folder, at) // puts it in its place
      process.stdout.write(pemOf(key))
    } else if (verb === 'key') process.stdout.write(pemOf(entriesOf(local, 'key').at(-1)!.key))
    else if (verb === 'export') {
      for await (const link of linksOf(local)) process.stdout.write(`${JSON.stringify(link)}\n`)
    } else {
      const { n, hash } = chainEnd(local)
      process.stdout.write(`${n}:${hash}\n`)
    }
    return 0
  } finally {
    local.close()
  }
}

export default {
  summary:
    'chuỗi chứng minh nhật ký: đầu chuỗi, khóa, bản xuất, đổi khóa · the chain that proves the log: its head, its key, a copy, another key',
  usage,
  run,
} satisfies Command
