/** Where a frame came from: all that the socket knew. Equal for every frame of a connection. */
export interface Origin {
  /** Name of the input, which is its file's name: `syslog-udp`, `syslog-tcp`, `syslog-tls`, `http-ndjson`. */
  input: string
  /** IP address of the peer, without port, IPv4-mapped addresses as IPv4. */
  address: string
  /** Agency the sender's credential belongs to, where the input has credentials. */
  agency?: string
  /** What the sender calls this stream (`POST /ingest/:source`). */
  stream?: string
  /** The file it was read from, where that is one of the collector's own host. */
  path?: string
  /** SHA-256 fingerprint of the TLS client certificate, lower-case hex, where one was verified. */
  certificate?: string
}

/** One frame as an input hands it to the spool. */
export interface Frame {
  origin: Origin
  /** The raw bytes, without the transport's framing. */
  bytes: Uint8Array
  /**
   * The sender's own identity of this record (Idempotency-Key and index, `_id`): a record with one is stored once, however
   * often it is sent. Scoped to `sourceKey(origin)`.
   */
  senderId?: string
  /** Why the input itself could not take the frame whole (`oversized`, …): it is dead-lettered with this reason. */
  refused?: string
}

/** A frame that is durable: it has a place, hence a name. */
export interface SpoolRecord extends Frame {
  /** Position in the spool: 1, 2, 3 … without gaps. */
  seq: number
  /** Receive time, epoch milliseconds; does not decrease along the spool, unless a clock was put right by more than an hour. */
  receivedAtMs: number
}

/** The name of a record: spool id (chosen once, when the spool was made) and position. */
export function recordId(spoolId: string, seq: number): string {
  return `${spoolId}-${seq}`
}

/** The key under which received, stored, dead-lettered and dropped records of a sender are counted. */
export function sourceKey(origin: Origin): string {
  return origin.stream === undefined
    ? `${origin.input}/${origin.address}`
    : `${origin.input}/${origin.address}/${origin.stream}`
}

/** A record that became no event, kept whole with the reason, so that it can be replayed. */
export interface DeadLetter {
  record: string
  seq: number
  source: string
  agency: string
  receivedAt: string
  /** Stable code: `oversized`, `bad_json`, `bad_time`, `duplicate_key`, `too_deep`, `unframed`, `store_refused` … */
  code: string
  /** For a person: what was wrong and where. */
  reason: string
  /** The raw bytes, base64. */
  bytes: string
  origin: Origin
}
