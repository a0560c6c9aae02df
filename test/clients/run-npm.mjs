import { fileURLToPath } from 'node:url'
import { run } from './programs.mjs'

/** Runs a script of `npm/`, which gets `task` as JSON on stdin. @returns `end`, which throws if the script has failed */
export function runNpm(script, task, node = process.execPath) {
  const { child, ended, end } = run(node, [fileURLToPath(new URL(`npm/${script}`, import.meta.url))])
  child.stdin.end(JSON.stringify(task))
  return {
    async end() {
      await end()
      const { code, said } = await ended
      if (code !== 0 && code !== null) throw new Error(`${script} ended with ${code}: ${said}`)
    },
  }
}
