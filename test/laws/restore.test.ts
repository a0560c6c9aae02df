import { cpSync, mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { startProductProcess, type ProductProcess } from '../../bench/product-process.ts'
import { openEmbedded } from '../../store/embedded/embedded.ts'
import { readCheckpoint } from '../../store/local/checkpoint.ts'
import { openLocal } from '../../store/local/database.ts'
import { listIncidents } from '../../store/local/incidents.ts'
import { addToken } from '../../store/local/tokens.ts'

const LINES = 50

function withLocal<T>(dataFolder: string, ask: (local: ReturnType<typeof openLocal>) => T): T {
  const local = openLocal(join(dataFolder, 'local.db'))
  try {
    return ask(local)
  } finally {
    local.close()
  }
}

/** Guesses of a password, enough for an incident; resolves when all of them are stored and raised. */
async function attack(product: ProductProcess, token: string, address: string): Promise<void> {
  const now = Date.now()
  const body = Array.from({ length: LINES }, (_, i) => {
    const at = new Date(now - (LINES - i) * 100).toISOString()
    return `<38>1 ${at} motcua-web01 sshd ${i} - - Failed password for lan from ${address} port ${1024 + i} ssh2`
  }).join('\n')
  const answer = await fetch(`${product.url}/ingest/sshd`, {
    method: 'POST',
    headers: { authorization: `Bearer ${token}`, 'content-type': 'text/plain' },
    body,
  })
  const { through } = (await answer.json()) as { through: number }
  for (let i = 0; i < 600 && withLocal(product.dataFolder, readCheckpoint).seq < through; i++) await sleep(100)
}

test('a copy of the data folder, put back elsewhere, is the whole centre and goes on', async () => {
  const first = await startProductProcess()
  const createdAt = new Date().toISOString()
  const { text: token } = withLocal(first.dataFolder, (local) =>
    addToken(local, {
      kind: 'ingest',
      name: 't',
      agencies: ['hp-so-khcn'],
      scopes: [],
      createdAt,
      createdBy: 'test',
    }),
  )
  await attack(first, token, '203.0.113.7')
  expect(await first.stop()).toBe(0)
  const copy = join(mkdtempSync(join(tmpdir(), 'vong-gac-copy-')), 'data')
  cpSync(first.dataFolder, copy, { recursive: true })

  const second = await startProductProcess({ SOC_DATA_FOLDER: copy })
  await attack(second, token, '203.0.113.8') // the token is part of what was put back
  expect(await second.stop()).toBe(0)
  const store = await openEmbedded(join(copy, 'events'), { diskReserveBytes: 0 })
  expect(await store.counts('all')).toMatchObject({ events: 2 * LINES, deadLetters: 0 })
  await store.close()
  const incidents = withLocal(copy, (local) => listIncidents(local, { scope: 'all', order: 'updated', limit: 10 }))
  expect(incidents.map(({ entity }) => entity.value).sort()).toEqual(['203.0.113.7', '203.0.113.8'])
})
