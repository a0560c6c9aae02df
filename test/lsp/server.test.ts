import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, cpSync, writeFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { ROOT } from '../../model/root.ts'

interface Message {
  id?: number
  method?: string
  params?: { uri: string; version?: number; diagnostics: Diagnostic[] }
  result?: unknown
  error?: { code: number }
}

interface Diagnostic {
  range: { start: { line: number; character: number } }
  code: string
}

let folder: string
let rulesFolder: string
let server: ChildProcess
let received: Message[]
let rest: Buffer

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'vong-gac-lsp-'))
  rulesFolder = join(folder, 'rules')
  for (const path of ['logsources.yml', 'pipelines', 'linux']) {
    cpSync(join(ROOT, 'rules', path), join(rulesFolder, path), { recursive: true })
  }
  received = []
  rest = Buffer.alloc(0)
  server = spawn(process.execPath, [join(ROOT, 'dist', 'soc.js'), 'lsp', '--stdio'], {
    env: { PATH: process.env['PATH'], SOC_RULES_FOLDER: rulesFolder, SOC_DATA_FOLDER: join(folder, 'data') },
    stdio: ['pipe', 'pipe', 'ignore'],
  })
  server.stdout!.on('data', (chunk: Buffer) => {
    rest = Buffer.concat([rest, chunk])
    for (;;) {
      const head = rest.indexOf('\r\n\r\n')
      if (head < 0) return
      const length = Number(/content-length: (\d+)/i.exec(rest.subarray(0, head).toString())![1])
      if (rest.length < head + 4 + length) return
      received.push(JSON.parse(rest.subarray(head + 4, head + 4 + length).toString()) as Message)
      rest = rest.subarray(head + 4 + length)
    }
  })
})
afterEach(async () => {
  if (server.exitCode === null && server.signalCode === null) {
    server.kill('SIGKILL')
    await once(server, 'exit')
  }
  rmSync(folder, { recursive: true })
})

function write(text: string): void {
  server.stdin!.write(`Content-Length: ${Buffer.byteLength(text)}\r\n\r\n${text}`)
}
const send = (message: object): void => write(JSON.stringify({ jsonrpc: '2.0', ...message }))

async function ask<T>(id: number, method: string, params: object): Promise<T> {
  send({ id, method, params })
  const answer = await expect
    .poll(() => received.find((one) => one.id === id && one.method === undefined), { timeout: 60_000 })
    .toBeDefined()
    .then(() => received.find((one) => one.id === id && one.method === undefined)!)
  return answer.result as T
}

async function open(name: string, text: string, version = 1): Promise<string> {
  const uri = pathToFileURL(join(rulesFolder, name)).href
  send({ method: 'textDocument/didOpen', params: { textDocument: { uri, languageId: 'yaml', version, text } } })
  return uri
}

async function diagnostics(uri: string): Promise<string[]> {
  const found = (): Message | undefined =>
    received.findLast(({ method, params }) => method === 'textDocument/publishDiagnostics' && params?.uri === uri)
  await expect.poll(found, { timeout: 60_000 }).toBeDefined()
  return found()!.params!.diagnostics.map(
    ({ range: { start }, code }) => `${start.line + 1}:${start.character + 1} ${code}`,
  )
}

const RULE = `title: Sudo
id: 6f1b6a52-54b0-4f0e-9f0a-5d6f6a7b0001
logsource:
  product: linux
  service: sudo
detection:
  selection:
    process.name: sudo
    user.name|contians: root
  other:
    a.b: c
  condition: selection and nothing
level: hihg
`

test('the same problems as soc rules check, with line, column and code, as one types', async () => {
  await ask(1, 'initialize', { processId: null, rootUri: null, capabilities: {} })
  const uri = await open('linux/own.yml', RULE)
  expect(await diagnostics(uri)).toEqual(['13:1 bad_rule'])
  const texts = [
    RULE.replace('hihg', 'high'),
    RULE.replace('hihg', 'high').replace('contians', 'contains'),
    RULE.replace('hihg', 'high').replace('contians', 'contains').replace(' and nothing', ''),
  ]
  const seen: string[][] = []
  for (const [i, text] of texts.entries()) {
    received = []
    send({
      method: 'textDocument/didChange',
      params: { textDocument: { uri, version: i + 2 }, contentChanges: [{ text }] },
    })
    seen.push(await diagnostics(uri))
    // The command says the same of the file.
    writeFileSync(join(rulesFolder, 'linux', 'own.yml'), text)
    const check = spawn(
      process.execPath,
      [join(ROOT, 'dist', 'soc.js'), 'rules', 'check', join(rulesFolder, 'linux', 'own.yml'), '--json'],
      {
        env: { PATH: process.env['PATH'], SOC_RULES_FOLDER: rulesFolder },
      },
    )
    let output = ''
    check.stdout.on('data', (chunk: Buffer) => (output += chunk.toString()))
    await once(check, 'close')
    const { problems } = JSON.parse(output) as { problems: { line: number; column: number; code: string }[] }
    expect(seen[i]).toEqual(problems.map(({ line, column, code }) => `${line}:${column} ${code}`))
  }
  expect(seen.map((one) => one[0])).toEqual(['9:15 unknown_modifier', '12:28 bad_condition', '10:3 unused_selection'])
  const tests = await open('linux/own.test.yml', 'cases:\n  - name: x\n    lines: nothing\n')
  expect(await diagnostics(tests)).toEqual(['3:1 bad_test'])
})

test('completion by log source, modifiers, values; a hover says that nothing runs to count', async () => {
  await ask(1, 'initialize', { processId: null, rootUri: null, capabilities: {} })
  const text = RULE.replace('    user.name|contians: root', '    \n    user.name|\n    x').replace(
    'service: sudo',
    'service: ',
  )
  const uri = await open('linux/own.yml', text)
  const at = (line: number, character: number) => ({ textDocument: { uri }, position: { line, character } })
  const labels = async (id: number, line: number, character: number): Promise<string[]> =>
    (await ask<{ label: string }[]>(id, 'textDocument/completion', at(line, character))).map(({ label }) => label)
  expect(await labels(2, 8, 4)).toEqual(expect.arrayContaining(['user.name', 'event.action']))
  expect(await labels(3, 9, 14)).toEqual(expect.arrayContaining(['contains', 'endswith', 're', 'cidr']))
  expect(await labels(4, 4, 11)).toEqual(expect.arrayContaining(['sshd', 'sudo', 'auditd']))
  expect(await labels(5, 14, 7)).toEqual(['informational', 'low', 'medium', 'high', 'critical'])
  const hover = await ask<{ contents: { value: string } }>(6, 'textDocument/hover', at(7, 8))
  expect(hover.contents.value).toContain('`process.name`')
  expect(hover.contents.value).toContain('the product does not run')
})

test('hostile input: it goes on, and ends when it is told to', async () => {
  await ask(1, 'initialize', { processId: null, rootUri: null, capabilities: {} })
  write('{"jsonrpc": "2.0", "id": 2, "method": ')
  write('null')
  write('[]')
  send({
    id: 3,
    method: 'textDocument/hover',
    params: { textDocument: { uri: 'file:///%00' }, position: { line: -1, character: 1e9 } },
  })
  send({ id: 4, method: 'textDocument/completion', params: null as unknown as object })
  send({ id: 5, method: 'no/such/method', params: {} })
  const bomb = `a: &a [x]\n${Array.from({ length: 30 }, (_, i) => `b${i}: &b${i} [*${i === 0 ? 'a' : `b${i - 1}`}, *${i === 0 ? 'a' : `b${i - 1}`}]\n`).join('')}`
  const uris = [
    await open('../../../../etc/passwd.yml', 'title: [\n'),
    await open('bomb.yml', bomb),
    await open('deep.yml', '['.repeat(20_000)),
    await open('nul.yml', '\u0000\ud800\uffff: |\n  x'),
    await open('large.yml', `title: ${'x'.repeat(1 << 20)}\n`),
  ]
  send({
    method: 'textDocument/didOpen',
    params: { textDocument: { uri: 'untitled:one', languageId: 'yaml', version: 1, text: RULE } },
  })
  for (const uri of uris) expect((await diagnostics(uri)).length, uri).toBeGreaterThan(0)
  expect(await diagnostics('untitled:one')).toEqual(['13:1 bad_rule'])
  expect(await ask(9, 'shutdown', {})).toBeNull()
  send({ method: 'exit' })
  const [code] = (await once(server, 'exit')) as [number]
  expect(code).toBe(0)
})

test('an editor that is gone takes it along', async () => {
  await ask(1, 'initialize', { processId: null, rootUri: null, capabilities: {} })
  server.stdin!.end()
  const [code] = (await once(server, 'exit')) as [number]
  expect(code).toBe(1)
})
