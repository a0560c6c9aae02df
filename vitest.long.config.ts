import { defineConfig } from 'vitest/config'

/** Kills, fuzz, full disks, large data: minutes each, one file after the other; figures go to `bench/results/`. */
export default defineConfig({
  test: {
    include: ['test/long/**/*.test.ts'],
    globalSetup: ['test/global-setup.ts'],
    testTimeout: 900_000,
    pool: 'forks',
    fileParallelism: false,
  },
})
