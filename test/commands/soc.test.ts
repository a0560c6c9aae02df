import { execFile } from 'node:child_process'
import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { startProductProcess, type ProductProcess } from '../../bench/product-process.ts'
import { ROOT } from '../../model/root.ts'

let product: ProductProcess
beforeAll(async () => {
  product = await startProductProcess()
})
afterAll(() => product.stop())

async function soc(...argv: string[]): Promise<{ code: number; out: string; err: string }> {
  return new Promise((resolve) => {
    const env = { PATH: process.env['PATH'], ...product.environment }
    execFile(process.execPath, [join(ROOT, 'dist', 'soc.js'), ...argv], { env }, (error, out, err) => {
      resolve({ code: error === null ? 0 : Number(error.code), out, err })
    })
  })
}

async function until<T>(ask: () => Promise<T>, good: (answer: T) => boolean): Promise<T> {
  for (let i = 0; i < 600; i++) {
    const answer = await ask()
    if (good(answer)) return answer
    await sleep(100)
  }
  return ask()
}

describe('help', () => {
  const NAMES = readdirSync(join(ROOT, 'commands'))
    .filter((file) => file.endsWith('.ts'))
    .map((file) => file.slice(0, -'.ts'.length))

  test.each([['help'], ['--help'], ['-h'], []])('soc %s names every command', async (...argv) => {
    const { code, out } = await soc(...argv)
    expect(code).toBe(0)
    for (const name of NAMES) expect(out).toContain(`  soc ${name} `)
  })

  test('an unknown command is named, with the list', async () => {
    const { code, out, err } = await soc('nonsense')
    expect({ code, out }).toEqual({ code: 2, out: '' })
    expect(err).toMatch(/^không có lệnh nonsense · there is no command nonsense\n[^]* {2}soc tokens /)
  })

  test.each(NAMES)('%s: in both languages, and how it is called', async (name) => {
    const { code, out, err } = await soc(name, '--help')
    expect({ code, err }).toEqual({ code: 0, err: '' })
    expect(out).toMatch(new RegExp(`^[^\\n]+ · [^\\n]+\\n\\nsoc ${name}`))
  })

  test('soc help NAME is soc NAME --help', async () => {
    expect(await soc('help', 'tokens')).toEqual(await soc('tokens', '--help'))
  })

  test.each(NAMES.filter((name) => name !== 'lsp'))('%s: an option that it has not is one line', async (name) => {
    const { code, out, err } = await soc(name, '--no-such-option')
    expect({ code, out }).toEqual({ code: 2, out: '' })
    expect(err).not.toMatch(/^ {4}at /m)
  })
})

test('a token from the command line ships logs until it is revoked', async () => {
  const made = await soc('tokens', 'add', '--agency', 'hp-so-khcn', '--name', 'máy chủ thử')
  expect(made.code).toBe(0)
  const post = async (): Promise<number> => {
    const headers = { authorization: `Bearer ${made.out.trim()}`, 'content-type': 'text/plain' }
    return (await fetch(`${product.url}/ingest/x`, { method: 'POST', headers, body: 'một dòng' })).status
  }
  expect(await post()).toBe(200)
  const id = made.out.split('_')[1]!
  expect((await soc('tokens', 'list')).out).toContain(id)
  expect((await soc('tokens', 'revoke', id)).code).toBe(0)
  expect(await post()).toBe(401)
  expect((await soc('tokens', 'add', '--agency', 'no-such', '--name', 'x')).err).toContain('no agency no-such')
})

test('a dead letter is listed, and sent through again as often as one likes is stored once', async () => {
  const token = (await soc('tokens', 'add', '--agency', 'hp-so-khcn', '--name', 'hỏng')).out.trim()
  await fetch(`${product.url}/ingest/x`, {
    method: 'POST',
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/x-ndjson' },
    body: '{"hỏng": ',
  })
  const lines = (out: string): string[] => out.split('\n').filter((line) => /^\S+-\d+ /.test(line))
  const { out } = await until(
    () => soc('dead-letters', 'list'),
    (answer) => lines(answer.out).length === 1,
  )
  expect(out).toContain('{"hỏng":')
  const record = lines(out)[0]!.split(' ')[0]!
  for (const _ of [1, 2]) expect((await soc('dead-letters', 'replay', record)).out).toMatch(/^1 /)
  // It is as broken as before: one more dead letter from the first replay, a repeat from the second.
  const again = await until(
    () => soc('dead-letters', 'list'),
    (answer) => lines(answer.out).length === 2,
  )
  expect(lines(again.out)).toHaveLength(2)
  await sleep(500)
  expect(lines((await soc('dead-letters', 'list')).out)).toHaveLength(2)
  expect((await soc('dead-letters', 'replay', 'nothing-1')).code).toBe(1)
})

test('a lost password is given anew on the machine itself', async () => {
  const { code, out } = await soc('users', 'reset-password', 'admin')
  expect(code).toBe(0)
  const [name, password] = out.trim().split(' / ')
  const answer = await fetch(`${product.url}/api/v1/login`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', origin: product.url },
    body: JSON.stringify({ name, password }),
  })
  expect(answer.status).toBe(200)
  expect((await soc('users', 'reset-password', 'nobody')).code).toBe(1)
})
