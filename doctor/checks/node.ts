import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { ROOT } from '../../model/root.ts'
import type { Check } from '../check.ts'

/** Whether `version` is the same as or newer than `least`: numbers, part by part. */
export function isAtLeast(version: string, least: string): boolean {
  const [ours, wanted] = [version, least].map((text) => text.split('.').map(Number))
  const differing = wanted!.findIndex((part, i) => part !== ours![i])
  return differing === -1 || ours![differing]! > wanted![differing]!
}

export default {
  run() {
    const { engines } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as { engines: { node: string } }
    const least = engines.node.replace(/^>=/, '')
    const found = process.versions.node
    if (isAtLeast(found, least)) return [{ status: 'ok', vi: `Node ${found}`, en: `Node ${found}` }]
    const advice = { vi: `Cài Node ${least} trở lên.`, en: `Install Node ${least} or newer.` }
    return [{ status: 'fail', vi: `Node ${found} quá cũ`, en: `Node ${found} is too old`, advice }]
  },
} satisfies Check
