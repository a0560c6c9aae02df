import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { parse } from 'yaml'
import { loadEnricher } from '../../collector/enrich.ts'
import { loadNormaliser } from '../../collector/normalise.ts'
import { canProduce } from '../../detection/fields.ts'
import { parseRegistry } from '../../model/registry.ts'
import { ROOT } from '../../model/root.ts'
import { findYaml } from '../../rule-life/folder.ts'
import { parserFields } from './produced-fields.ts'

test('the list of fields is what the parsers say', async () => {
  await expect(parserFields()).toMatchFileSnapshot(join(ROOT, 'detection/fields/parsers.ts'))
})

interface Case {
  input?: string
  lines: (string | { line: string })[]
}

test('no event of the tests of rules has a field that is not on the list', async () => {
  const registry = parseRegistry(readFileSync(join(ROOT, 'rules/registry.test.yml'), 'utf8'), 'registry.test.yml')
  const enrich = await loadEnricher({ registry })
  const normalise = await loadNormaliser({ spoolId: 's', timeZone: 'Asia/Ho_Chi_Minh', enrich })
  const unknown = new Set<string>()
  let events = 0
  for (const path of findYaml(join(ROOT, 'rules')).filter((name) => name.endsWith('.test.yml'))) {
    const { cases = [] } = parse(readFileSync(join(ROOT, 'rules', path), 'utf8')) as { cases?: Case[] }
    for (const { input = 'syslog-tcp', lines } of cases) {
      for (const each of lines) {
        const line = (typeof each === 'string' ? each : each.line).replaceAll('{nn}', '00').replaceAll('{n}', '0')
        const origin = { input, address: '127.0.0.1' }
        const receivedAtMs = Date.parse('2026-11-20T10:00:00+07:00')
        const result = normalise({ seq: ++events, receivedAtMs, origin, bytes: Buffer.from(line) })
        if (result.kind === 'dead') continue
        const dataset = result.event['event.dataset']
        for (const field of Object.keys(result.event)) {
          const row = { when: [['event.dataset', new Set([dataset])]] as [string, Set<string>][], sources: [] }
          if (!canProduce(row, field)) unknown.add(`${dataset} ${field}`)
        }
      }
    }
  }
  expect(events).toBeGreaterThan(300)
  expect([...unknown]).toEqual([])
})
