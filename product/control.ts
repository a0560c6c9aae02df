import { chmodSync, rmSync } from 'node:fs'
import http from 'node:http'
import { join } from 'node:path'

const SOCKET = 'control.sock'
const ANSWER_BYTES_MAX = 64 * 1024 * 1024

/** What can be asked: a name, and what answers it with something that JSON holds. */
export type Controls = Record<string, (argument: string) => Promise<unknown>>

/** The product did not do what was asked; the message is its own. */
export class ControlError extends Error {
  override readonly name = 'ControlError'
}

/**
 * Lets commands of this machine ask the running product, over a socket in the data folder: whoever can write that folder may,
 * and nobody else. The folder must be held by this process alone.
 * @returns what ends it
 * @throws where a socket cannot be made there, such as below a path of more than 100 bytes
 */
export async function serveControl(dataFolder: string, controls: Controls): Promise<() => Promise<void>> {
  const path = join(dataFolder, SOCKET)
  rmSync(path, { force: true }) // of a process that was killed
  const server = http.createServer((request, response) => {
    const { pathname, searchParams } = new URL(request.url ?? '/', 'http://control')
    const control = Object.hasOwn(controls, pathname.slice(1)) ? controls[pathname.slice(1)] : undefined
    const answer = (status: number, body: unknown): void => {
      response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body))
    }
    if (control === undefined) return answer(404, { error: `nothing here is called ${pathname}` })
    control(searchParams.get('argument') ?? '').then(
      (value) => answer(200, value ?? null),
      (error: unknown) => answer(500, { error: error instanceof Error ? error.message : String(error) }),
    )
  })
  server.requestTimeout = 0 // of a large snapshot
  await new Promise<void>((resolve, reject) => server.once('error', reject).listen(path, resolve))
  chmodSync(path, 0o600)
  return async () => {
    server.closeAllConnections()
    await new Promise((resolve) => server.close(resolve))
  }
}

/**
 * Asks the product that works on `dataFolder`; undefined where none is running.
 * @throws {ControlError} it could not do it
 */
export function askControl(dataFolder: string, name: string, argument = ''): Promise<unknown> {
  const path = `/${name}?${new URLSearchParams({ argument }).toString()}`
  return new Promise((resolve, reject) => {
    const request = http.get({ socketPath: join(dataFolder, SOCKET), path }, (response) => {
      let text = ''
      response.setEncoding('utf8').on('data', (chunk: string) => {
        text += chunk
        if (text.length > ANSWER_BYTES_MAX) request.destroy(new ControlError('the answer is too long'))
      })
      response.on('end', () => {
        const value = JSON.parse(text) as { error?: string } | null
        if (response.statusCode === 200) resolve(value)
        else reject(new ControlError(value?.error ?? `it answered ${response.statusCode}`))
      })
    })
    request.on('error', (error: NodeJS.ErrnoException) => {
      if (['ENOENT', 'ECONNREFUSED', 'ENOTDIR'].includes(error.code ?? '')) resolve(undefined)
      else reject(error)
    })
  })
}
