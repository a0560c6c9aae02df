import { spawnSync } from 'node:child_process'
import { existsSync, readdirSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { ROOT } from '../model/root.ts'

/** What goes into the console's bundle. */
const CONSOLE_SOURCES = ['console', 'model', 'store/query', 'package-lock.json']

/**
 * Tests that start a thread or the product itself run the compiled code: Node 20 does not load TypeScript. Type errors are
 * the business of `npm run check`; the code is emitted all the same. The console is bundled where it changed.
 */
export default function setup(): void {
  if (!succeeds('asc', '--config', 'detection/network/wasm/asconfig.json'))
    throw new Error('WebAssembly does not build')
  if (!succeeds('tsc', '-p', 'tsconfig.build.json')) {
    process.stderr.write('the build has type errors: see npm run check\n')
  }
  const built = join(ROOT, 'dist', 'console', 'index.html')
  if (existsSync(built) && newestMs() < statSync(built).mtimeMs) return
  if (!succeeds('vite', 'build', 'console', '--logLevel', 'warn')) throw new Error('the console does not build')
}

function succeeds(...command: string[]): boolean {
  // Under tests NODE_ENV is `test`, and the bundle would be the one for developers.
  const env = { ...process.env, NODE_ENV: 'production' }
  return spawnSync('npx', command, { cwd: ROOT, env, stdio: ['ignore', 'ignore', 'inherit'] }).status === 0
}

function newestMs(): number {
  const paths = CONSOLE_SOURCES.map((name) => join(ROOT, name)).flatMap((path) =>
    statSync(path).isDirectory()
      ? [path, ...readdirSync(path, { recursive: true, encoding: 'utf8' }).map((name) => join(path, name))]
      : [path],
  )
  return Math.max(...paths.map((path) => statSync(path).mtimeMs))
}
