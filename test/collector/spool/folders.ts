import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { onTestFinished } from 'vitest'
import { Spool, type SpoolOptions } from '../../../collector/spool/spool.ts'
import { SpoolReader } from '../../../collector/spool/reader.ts'
import type { Frame, SpoolRecord } from '../../../model/record.ts'

export const ORIGIN = { input: 'syslog-tcp', address: '192.0.2.7' }

/** A folder that is gone after the test. */
export function freshFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'vong-gac-spool-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  return folder
}

/** A spool that is closed after the test, if the test has not done so. */
export async function openSpool(folder: string, options: SpoolOptions = {}): Promise<Spool> {
  const spool = await Spool.open(folder, { freeBytesMin: 0, freePercentMin: 0, ...options })
  onTestFinished(() => spool.close())
  return spool
}

export function frame(text: string, more: Partial<Frame> = {}): Frame {
  return { origin: ORIGIN, bytes: Buffer.from(text), ...more }
}

export async function readAll(
  folder: string,
  throughSeq = Number.MAX_SAFE_INTEGER,
  fromSeq = 1,
): Promise<SpoolRecord[]> {
  const reader = await SpoolReader.open(folder, fromSeq)
  const records: SpoolRecord[] = []
  try {
    for (;;) {
      const more = await reader.read({ recordsMax: 1000, bytesMax: 1024 * 1024, throughSeq })
      if (more.length === 0) return records
      records.push(...more)
    }
  } finally {
    await reader.close()
  }
}

export async function texts(folder: string, throughSeq?: number): Promise<string[]> {
  return (await readAll(folder, throughSeq)).map(({ bytes }) => Buffer.from(bytes).toString())
}

/** Whether this user may mount a file system; the tests of full disks need one of their own. */
export const MAY_MOUNT = process.platform === 'linux' && mayMount()

function mount(folder: string, sizeMib: number): boolean {
  return spawnSync('mount', ['-t', 'tmpfs', '-o', `size=${sizeMib}m`, 'tmpfs', folder]).status === 0
}

function mayMount(): boolean {
  const folder = mkdtempSync(join(tmpdir(), 'vong-gac-disk-'))
  const may = mount(folder, 1)
  if (may) spawnSync('umount', [folder])
  rmdirSync(folder)
  return may
}

/** A small file system, gone after the test. */
export function mountSmall(sizeMib: number): string {
  const folder = mkdtempSync(join(tmpdir(), 'vong-gac-disk-'))
  if (!mount(folder, sizeMib)) throw new Error(`cannot mount a tmpfs at ${folder}`)
  onTestFinished(() => {
    spawnSync('umount', ['-l', folder])
    rmdirSync(folder)
  })
  return folder
}
