import { spawnSync } from 'node:child_process'

/**
 * Tests that start a thread or the product itself run the compiled code: Node 20 does not load TypeScript. Type errors are
 * the business of `npm run check`; the code is emitted all the same.
 */
export default function setup(): void {
  const { status } = spawnSync('npx', ['tsc', '-p', 'tsconfig.build.json'], { stdio: ['ignore', 'ignore', 'inherit'] })
  if (status !== 0) process.stderr.write('the build has type errors: see npm run check\n')
}
