import { defineConfig } from 'vitest/config'

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    exclude: ['test/long/**', 'test/clients/**', 'test/elasticsearch/**'],
    setupFiles: ['test/fuzz-setup.ts'],
    globalSetup: ['test/global-setup.ts'],
    testTimeout: 20_000,
    pool: 'forks',
    maxWorkers: 2,
  },
})
