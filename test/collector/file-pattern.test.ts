import { execFileSync } from 'node:child_process'
import { linkSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs'
import { dirname, join, relative } from 'node:path'
import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { findFiles, names, openNamed } from '../../collector/file-pattern.ts'
import { runs } from '../runs.ts'
import { freshFolder } from './spool/folders.ts'

const FILES = [
  'auth.log',
  'auth.log.1',
  'auth.log.2.gz',
  'nginx/access.log',
  'nginx/error.log',
  'nginx/.swp.log',
  'app/a/app.log',
  'app/b/app.log',
  'app/b/deep/er/app.log',
  '.hidden/app.log',
  'a*b.log',
]

function tree(): string {
  const folder = freshFolder()
  for (const file of FILES) {
    mkdirSync(dirname(join(folder, file)), { recursive: true })
    writeFileSync(join(folder, file), file)
  }
  return folder
}

test.each<[pattern: string, found: string[]]>([
  ['auth.log', ['auth.log']],
  ['auth.log*', ['auth.log', 'auth.log.1', 'auth.log.2.gz']],
  ['auth.log.?', ['auth.log.1']],
  ['nginx/*.log', ['nginx/access.log', 'nginx/error.log']],
  ['nginx/.*.log', ['nginx/.swp.log']],
  ['*/*.log', ['nginx/access.log', 'nginx/error.log']],
  ['app/*/app.log', ['app/a/app.log', 'app/b/app.log']],
  ['**/app.log', ['app/a/app.log', 'app/b/app.log', 'app/b/deep/er/app.log']],
  ['app/**/er/*', ['app/b/deep/er/app.log']],
  ['**/**/error.l?g', ['nginx/error.log']],
  ['a*b.log', ['a*b.log']],
  ['nothing/*.log', []],
  ['app/*', []],
])('%s', async (pattern, expected) => {
  const folder = tree()
  const { paths, failures } = await findFiles(join(folder, pattern), 100)
  const there = [...paths].map((path) => relative(folder, path)).filter((path) => FILES.includes(path))
  expect(there.sort()).toEqual(expected)
  expect(failures).toEqual([])
  const named = FILES.filter((file) => names(join(folder, pattern), join(folder, file)))
  expect(named.sort()).toEqual(expected)
})

test('no more than so many', async () => {
  expect((await findFiles(join(tree(), '**/*'), 3)).paths.size).toBe(3)
})

test('links are followed above the first wildcard only', async () => {
  const folder = tree()
  const secret = join(folder, 'secret')
  writeFileSync(secret, 'root:$y$j9T$…')
  mkdirSync(join(folder, 'logs'))
  symlinkSync(secret, join(folder, 'logs', 'planted.log'))
  symlinkSync(folder, join(folder, 'logs', 'up'))
  symlinkSync(join(folder, 'nginx'), join(folder, 'web'))
  linkSync(join(folder, 'auth.log'), join(folder, 'logs', 'same.log'))
  const link = { name: 'NotAFileError', code: 'is_link' }
  const open = (path: string, pattern: string) => openNamed(join(folder, path), join(folder, pattern))
  await expect(open('logs/planted.log', 'logs/planted.log')).rejects.toMatchObject(link)
  await expect(open('logs/planted.log', 'logs/*.log')).rejects.toMatchObject(link)
  await expect(open('logs/up/secret', 'logs/*/secret')).rejects.toMatchObject(link)
  await expect(open('logs/up/nginx/access.log', 'logs/**/access.log')).rejects.toMatchObject(link)
  const found = [...(await findFiles(join(folder, 'logs/**/*.log'), 100)).paths].map((path) => relative(folder, path))
  expect(found, 'a wildcard does not go down a link').toEqual(['logs/planted.log', 'logs/same.log'])
  for (const [path, pattern] of [
    ['web/access.log', 'web/*.log'],
    ['web/access.log', 'web/access.log'],
    ['logs/same.log', 'logs/*.log'],
  ] as const) {
    await (await open(path, pattern)).close()
  }
})

test('a pipe and a folder are no files, and a pipe does not keep anybody waiting', async () => {
  const folder = tree()
  execFileSync('/usr/bin/mkfifo', [join(folder, 'pipe.log')])
  for (const name of ['pipe.log', 'nginx']) {
    await expect(openNamed(join(folder, name), join(folder, name))).rejects.toMatchObject({ code: 'is_no_file' })
  }
})

test('a name matches as a regular expression would say', () => {
  const letters = fc.array(fc.constantFrom('a', 'b', '.'), { minLength: 1, maxLength: 12 })
  const wild = fc.array(fc.constantFrom('a', 'b', '.', '*', '?'), { minLength: 1, maxLength: 8 })
  fc.assert(
    fc.property(letters, wild, (name, pattern) => {
      const source = pattern.map((char) => ({ '*': '.*', '?': '.', '.': '\\.', a: 'a', b: 'b' })[char]).join('')
      const expected = new RegExp(`^${name[0] === '.' && pattern[0] !== '.' ? '(?!)' : ''}${source}$`).test(
        name.join(''),
      )
      fc.pre(!pattern.join('').includes('**'))
      expect(names(`/x/${pattern.join('')}`, `/x/${name.join('')}`)).toBe(expected)
    }),
    { numRuns: runs(1_000) },
  )
})
