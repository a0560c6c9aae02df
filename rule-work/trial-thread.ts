import { parentPort, workerData } from 'node:worker_threads'
import { keepLastGood } from './trial.ts'

parentPort!.postMessage(await keepLastGood(...(workerData as Parameters<typeof keepLastGood>)))
