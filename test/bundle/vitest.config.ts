import { defineConfig } from 'vitest/config'

/** Makes the archive and installs it on a machine without a network: needs root, minutes, and the npm registry for the making. */
export default defineConfig({
  test: {
    include: ['test/bundle/**/*.test.ts'],
    globalSetup: ['test/global-setup.ts'],
    testTimeout: 900_000,
    hookTimeout: 900_000,
    pool: 'forks',
    fileParallelism: false,
  },
})
