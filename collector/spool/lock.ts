import { stat } from 'node:fs/promises'
import { createServer, type Server } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { SpoolError } from './errors.ts'

const ATTEMPTS = 20
const PAUSE_MS = 100

/**
 * Holds `folder` for this process until the answer is called. Two writers would give the same position twice, so a second
 * one is refused. Node has no flock(2); an abstract socket is as good on Linux: the kernel grants a name once and takes it
 * back however the process dies. Elsewhere nothing is held.
 * @throws {SpoolError} `locked`: after two seconds, time enough for a process that is just dying.
 */
export async function lockFolder(folder: string): Promise<() => Promise<void>> {
  if (process.platform !== 'linux') return () => Promise.resolve()
  const { dev, ino } = await stat(folder)
  const name = `\0vong-gac-spool-${dev}-${ino}`
  for (let attempt = 1; ; attempt++) {
    const server = await hold(name)
    if (server !== null) return () => new Promise((resolve) => server.close(() => resolve()))
    if (attempt === ATTEMPTS) throw new SpoolError('locked', `another process writes the spool at ${folder}`)
    await sleep(PAUSE_MS)
  }
}

function hold(name: string): Promise<Server | null> {
  return new Promise((resolve, reject) => {
    const server = createServer((socket) => socket.destroy())
    server.once('error', (error: NodeJS.ErrnoException) => {
      if (error.code === 'EADDRINUSE') resolve(null)
      else reject(error)
    })
    server.listen(name, () => {
      server.unref()
      resolve(server)
    })
  })
}
