import { cpSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import type { TestProject } from 'vitest/node'
import { CHROMIUM, hasChromium } from '../../bench/chromium.ts'
import { startProductProcess } from '../../bench/product-process.ts'
import { ROOT } from '../../model/root.ts'
import { PICTURES } from './page.ts'
import { fillWorld } from './world.ts'

declare module 'vitest' {
  interface ProvidedContext {
    url: string
  }
}

/** Starts the product once for all suites, with a world of data that came in through its own inputs. */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  if (!hasChromium) {
    console.error(`Nothing was tested: there is no browser at ${CHROMIUM}; apt-get install chromium, or set CHROMIUM`)
    return process.exit(0)
  }
  rmSync(PICTURES, { recursive: true, force: true })
  // What the pages change of rules and registry is changed in a folder of their own.
  const rulesFolder = mkdtempSync(join(tmpdir(), 'vong-gac-rules-'))
  cpSync(join(ROOT, 'rules'), rulesFolder, { recursive: true })
  const registry = join(mkdtempSync(join(tmpdir(), 'vong-gac-registry-')), 'registry.yml')
  cpSync(join(ROOT, 'registry', 'hai-duong.yml'), registry)
  const product = await startProductProcess({
    SOC_INPUTS_SYSLOG_TCP__FRAME_BYTES_MAX: '999999',
    SOC_RULES_FOLDER: rulesFolder,
    SOC_REGISTRY: registry,
  })
  try {
    await fillWorld(product)
  } catch (error) {
    await product.kill()
    throw error
  }
  project.provide('url', product.url)
  return async () => {
    await product.stop()
    rmSync(product.dataFolder, { recursive: true, force: true })
    rmSync(rulesFolder, { recursive: true, force: true })
    rmSync(dirname(registry), { recursive: true, force: true })
  }
}
