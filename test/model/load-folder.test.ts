import { expect, test } from 'vitest'
import { loadFolder } from '../../model/load-folder.ts'

test('gives every module of a folder by its file name', async () => {
  const modules = await loadFolder<unknown>(new URL('../../model/', import.meta.url))
  expect([...modules.keys()]).toContain('load-folder')
})

test('or the one that is wanted, if it is there', async () => {
  const folder = new URL('../../model/', import.meta.url)
  expect([...(await loadFolder<unknown>(folder, 'load-folder')).keys()]).toEqual(['load-folder'])
  expect(await loadFolder<unknown>(folder, 'load')).toEqual(new Map())
})
