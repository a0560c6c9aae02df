import { parentPort, workerData } from 'node:worker_threads'
import Database from 'libsql'

/** A consistent copy of the local database while others write it; in a thread, for a large one takes seconds. */
const { from, to } = workerData as { from: string; to: string }
const database = new Database(from)
database.pragma('busy_timeout = 60000')
database.prepare('VACUUM INTO ?').run(to)
database.close()
parentPort!.postMessage('copied')
