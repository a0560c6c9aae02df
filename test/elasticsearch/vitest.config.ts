import { defineConfig } from 'vitest/config'

/** The Elasticsearch engine against a real server (`npm run test:elasticsearch`). */
export default defineConfig({
  test: {
    include: ['test/store/elasticsearch/**/*.test.ts'],
    globalSetup: ['test/elasticsearch/global-setup.ts'],
    testTimeout: 60_000,
    hookTimeout: 60_000,
    pool: 'forks',
    maxWorkers: 1,
  },
})
