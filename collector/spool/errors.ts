export type SpoolErrorCode =
  | 'disk_full' // below the watermark, or the disk said so; comes back by itself
  | 'overloaded' // too many bytes wait for the disk; comes back by itself
  | 'failed' // a write or a sync failed: what the disk holds is unknown, only a restart helps
  | 'closed'
  | 'locked' // another process writes this spool
  | 'too_large' // a record beyond what the layout can hold
  | 'missing' // no spool here, or the position was released
  | 'corrupt' // bytes that were durable once no longer read back

/** Where a spool is damaged, and where reading can go on. */
export interface Damage {
  /** File name of the segment. */
  segment: string
  /** Byte in the segment at which no record could be read. */
  offset: number
  /** First position that is lost. */
  seq: number
  /** First position after the damage that can be read; the positions from `seq` up to it are lost. */
  resumeSeq: number
}

export class SpoolError extends Error {
  override readonly name = 'SpoolError'
  readonly code: SpoolErrorCode
  /** With code `corrupt` from a reader. */
  readonly damage?: Damage
  constructor(code: SpoolErrorCode, message: string, options?: ErrorOptions & { damage?: Damage }) {
    super(message, options)
    this.code = code
    if (options?.damage !== undefined) this.damage = options.damage
  }
}
