import { readdirSync, readFileSync } from 'node:fs'
import { cpuSeconds } from './ingest/receivers.ts'

/** A process and what it started; a child is listed by the thread that started it. */
function processesOf(pid: number): number[] {
  const children = readdirSync(`/proc/${pid}/task`).flatMap((thread) =>
    readFileSync(`/proc/${pid}/task/${thread}/children`, 'latin1').split(' ').filter(Boolean).map(Number),
  )
  return [pid, ...children.flatMap(processesOf)]
}

/** CPU time of all of them so far. */
export function cpuSecondsOf(pid: number): number {
  return processesOf(pid).reduce((sum, each) => sum + cpuSeconds(each), 0)
}

/** The most memory that one of them ever had. */
export function peakRssMiBOf(pid: number): number {
  const peaks = processesOf(pid).map((each) =>
    Number(/VmHWM:\s+(\d+)/.exec(readFileSync(`/proc/${each}/status`, 'latin1'))?.[1] ?? 0),
  )
  return Math.round(Math.max(...peaks) / 1024)
}
