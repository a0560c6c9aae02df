import { rmSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { frame, MAY_MOUNT, mountSmall, openSpool, texts } from './folders.ts'

const MIB = 1024 * 1024

describe.skipIf(!MAY_MOUNT)('a disk that fills up (needs the right to mount a tmpfs)', () => {
  test('is refused at the watermark, recovers when space returns, and nothing acknowledged is lost', async () => {
    const disk = mountSmall(8)
    const filler = join(disk, 'filler')
    const spool = await openSpool(join(disk, 'spool'), { freeBytesMin: 2 * MIB, recheckMs: 20 })
    await spool.append([frame('before')])
    writeFileSync(filler, Buffer.alloc(6 * MIB))
    await expect.poll(() => spool.state().accepting).toBe(false)
    await expect(spool.append([frame('refused')])).rejects.toMatchObject({ code: 'disk_full' })
    expect(spool.state().reason).toMatch(/^disk_full: /)
    rmSync(filler)
    await expect.poll(() => spool.state().accepting).toBe(true)
    expect(await spool.append([frame('after')])).toBe(2)
    expect(await texts(join(disk, 'spool'), 2)).toEqual(['before', 'after'])
  })

  test('the watermark holds for our own writing without waiting for the next look', async () => {
    const disk = mountSmall(8)
    const spool = await openSpool(join(disk, 'spool'), { freeBytesMin: 4 * MIB, recheckMs: 1_000_000 })
    let durable = 0
    for (;;) {
      const done = await spool.append([frame('x'.repeat(MIB / 4))]).catch(() => null)
      if (done === null) break
      durable = done
    }
    expect(durable).toBeGreaterThan(10)
    expect(spool.state().bytes).toBeLessThanOrEqual(4 * MIB)
    expect(spool.durableSeq).toBe(durable)
  })

  test('space that has come free counts at once for what needs it', async () => {
    const disk = mountSmall(8)
    const filler = join(disk, 'filler')
    writeFileSync(filler, Buffer.alloc(6 * MIB))
    const spool = await openSpool(join(disk, 'spool'), { recheckMs: 1_000_000 })
    rmSync(filler)
    expect(await spool.append([frame('x'.repeat(4 * MIB))])).toBe(1)
  })

  test('ENOSPC in mid-write: the torn part is cut off, and positions stay without gaps', async () => {
    const disk = mountSmall(8)
    const folder = join(disk, 'spool')
    const filler = join(disk, 'filler')
    const spool = await openSpool(folder, { recheckMs: 1_000_000 })
    await spool.append([frame('before')])
    const { size } = statSync(join(folder, '0000000000000001.log'))
    writeFileSync(filler, Buffer.alloc(7 * MIB)) // behind its back: it still believes in 8 MiB
    const appends = [spool.append([frame('y'.repeat(3 * MIB))]), spool.append([frame('waits with it')])]
    const settled = await Promise.allSettled(appends)
    expect(settled.map((s) => (s.status === 'rejected' ? (s.reason as { code: string }).code : s.value))).toEqual([
      'disk_full',
      'disk_full',
    ])
    expect(statSync(join(folder, '0000000000000001.log')).size).toBe(size)
    await spool.recheck()
    expect(spool.state().accepting).toBe(false) // 1 MiB is free, 3 are wanted: no flapping
    rmSync(filler)
    await spool.recheck()
    expect(await spool.append([frame('y'.repeat(3 * MIB))])).toBe(2)
    expect(await spool.append([frame('last')])).toBe(3)
    expect((await texts(folder, 3)).map((text) => text.length)).toEqual([6, 3 * MIB, 4])
  })

  test('a reader who has read everything frees the segment being written', async () => {
    const disk = mountSmall(8)
    const folder = join(disk, 'spool')
    const spool = await openSpool(folder, { freeBytesMin: 4 * MIB, recheckMs: 1_000_000 })
    while (spool.state().accepting) await spool.append([frame('x'.repeat(MIB / 2))]).catch(() => undefined)
    const full = spool.durableSeq
    await spool.releaseThrough(full)
    expect(spool.state()).toMatchObject({ accepting: true, firstSeq: full + 1, bytes: 0 })
    expect(await spool.append([frame('goes on')])).toBe(full + 1)
  })
})
