import { expect, test } from 'vitest'
import { loadFolder } from '../../model/load-folder.ts'

test('gives every module of a folder by its file name', async () => {
  const modules = await loadFolder<unknown>(new URL('../../model/', import.meta.url))
  expect([...modules.keys()]).toContain('load-folder')
})
