import { closeSync, openSync, writeSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'

const PART = 200

/** Writes `lines` into a file, in parts with a pause between. @returns what stops it */
export function appended(path, lines, pauseMs) {
  const file = openSync(path, 'a')
  const stop = new AbortController()
  const writing = (async () => {
    for (let at = 0; at < lines.length && !stop.signal.aborted; at += PART) {
      writeSync(file, `${lines.slice(at, at + PART).join('\n')}\n`)
      if (pauseMs > 0) await sleep(pauseMs)
    }
    closeSync(file)
  })()
  return async () => {
    stop.abort()
    await writing
  }
}
