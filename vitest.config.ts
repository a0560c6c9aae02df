import { defineConfig } from 'vitest/config'

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    exclude: ['test/browser/**', 'test/long/**', 'test/clients/**', 'test/elasticsearch/**', 'test/bundle/**'],
    setupFiles: ['test/fuzz-setup.ts'],
    globalSetup: ['test/global-setup.ts'],
    testTimeout: 180_000, // a machine that runs other things beside must not turn a right answer into a failure
    hookTimeout: 180_000, // a world has a store, users with slow hashes and incidents; on a busy machine that takes its time
    pool: 'forks',
    maxWorkers: 2,
  },
})
