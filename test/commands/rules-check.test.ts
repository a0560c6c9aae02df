import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import rules from '../../commands/rules.ts'

let folder: string
let written: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'rules-check-'))
  written = ''
  vi.spyOn(process.stdout, 'write').mockImplementation((text) => {
    written += String(text)
    return true
  })
})
afterEach(() => {
  vi.restoreAllMocks()
  rmSync(folder, { recursive: true })
})

const TOASTER = `title: Burnt
id: r-1
logsource: { product: toaster }
detection:
    selection:
        Colour: black
        Colour|startswith: w
    condition: selection
`

test('doubts and rules that never fire are told, and do not fail the check', async () => {
  const path = join(folder, 'toaster.yml')
  writeFileSync(path, TOASTER)
  expect(await rules.run(['check', path])).toBe(0)
  expect(written).toMatch(/toaster\.yml:7:28: warning contradictory_selection: /)
  expect(written).toMatch(/toaster\.yml:3:1: warning unrouted_logsource: /)
  expect(written).toMatch(/toaster\.yml: không bao giờ báo động · never fires: 'Burnt': unrouted_logsource: /)
  expect(written).toContain('1 loaded, 0 failed, 2 warnings')
  written = ''
  await rules.run(['check', path, '--json'])
  expect(JSON.parse(written)).toMatchObject({
    loaded: 1,
    warnings: 2,
    neverFire: [{ rule: 'r-1', title: 'Burnt', code: 'unrouted_logsource' }],
    problems: [
      { code: 'contradictory_selection', rule: 'r-1' },
      { code: 'unrouted_logsource', rule: 'r-1' },
    ],
  })
})
