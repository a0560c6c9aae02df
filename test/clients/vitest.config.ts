import { defineConfig } from 'vitest/config'

/** Real shippers, configured as `soc source add` prints it: `npm run test:recipes`. */
export default defineConfig({
  test: {
    include: ['test/clients/**/*.test.mjs'],
    globalSetup: ['test/global-setup.ts'],
    testTimeout: 400_000,
    maxConcurrency: 12, // those who wait out an outage do nothing meanwhile
    hookTimeout: 60_000,
    pool: 'forks',
    maxWorkers: 1,
  },
})
