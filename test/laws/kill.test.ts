import { join } from 'node:path'
import { expect, test } from 'vitest'
import { openEmbedded } from '../../store/embedded/embedded.ts'
import { killAndCheck } from './kill.ts'

// The long run (`npm run test:long`) kills ten times, and on both engines.
test('laws 1 to 3 hold through two kills on the embedded store', async () => {
  const figures = await killAndCheck({
    kills: 2,
    upMsMax: 1_500,
    openStore: (dataFolder) => openEmbedded(join(dataFolder, 'events')),
  })
  expect(figures.acknowledged).toBeGreaterThan(0)
})
