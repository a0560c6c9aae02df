import { readFileSync } from 'node:fs'
import { parseArgs } from 'node:util'
import { loadConfig } from '../config.ts'
import { openExisting } from '../product/local-access.ts'
import { parseRegistry } from '../model/registry.ts'
import type { Command } from '../soc.ts'
import { addToken, listTokens, revokeToken } from '../store/local/tokens.ts'

const usage = `soc tokens list
soc tokens add --agency KEY --name WORDS    token để cơ quan ấy gửi nhật ký; chỉ hiện một lần · a token with which that agency ships logs; shown once
soc tokens revoke ID
`

async function run(argv: string[]): Promise<number | null> {
  const { values, positionals } = parseArgs({
    args: argv,
    allowPositionals: true,
    options: { agency: { type: 'string' }, name: { type: 'string' } },
  })
  const config = loadConfig()
  const local = openExisting(config)
  const now = new Date().toISOString()
  try {
    switch (positionals[0]) {
      case 'list':
        for (const { id, kind, name, agencies, lastUsedAt } of listTokens(local)) {
          const whose = agencies === 'all' ? 'all' : agencies.join(',')
          process.stdout.write(
            `${id}  ${kind.padEnd(6)}  ${whose.padEnd(16)}  ${lastUsedAt ?? 'never used'}  ${name}\n`,
          )
        }
        return 0
      case 'add': {
        const { agency, name } = values
        const registry = parseRegistry(readFileSync(config.registry, 'utf8'), config.registry)
        if (agency === undefined || name === undefined) break
        if (!registry.agencies.has(agency)) {
          process.stderr.write(
            `no agency ${agency} in ${config.registry}; there are ${[...registry.agencies.keys()].join(', ')}\n`,
          )
          return 1
        }
        const { text } = addToken(local, {
          kind: 'ingest',
          name,
          agencies: [agency],
          scopes: [],
          createdAt: now,
          createdBy: 'command line',
        })
        process.stdout.write(`${text}\n`)
        return 0
      }
      case 'revoke': {
        const [, id = ''] = positionals
        if (revokeToken(local, id, now)) return 0
        process.stderr.write(`no live token ${id}\n`)
        return 1
      }
    }
    return null
  } finally {
    local.close()
  }
}

export default {
  summary: 'token để cơ quan gửi nhật ký: xem, thêm, thu hồi · tokens with which agencies ship logs: list, add, revoke',
  usage,
  run,
} satisfies Command
