import { expect, test } from 'vitest'
import { highestVersions } from '../../store/admission.ts'
import { sampleAlert } from './sample.ts'

test('of the versions of one alert a batch writes the highest, wherever it stands', () => {
  const versions = [sampleAlert('a', 1), sampleAlert('a', 3), sampleAlert('b', 1), sampleAlert('a', 2)]
  expect(highestVersions(versions)).toEqual([versions[1], versions[2]])
})
