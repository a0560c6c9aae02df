import type { WayKey } from '../../store/local/notices.ts'

export interface Letter {
  /** Of the message; the same however often it is tried. */
  id: string
  subject: string
  /** Plain text, lines divided by `\n`. */
  text: string
  /** The same as an HTML document. */
  html: string
}

/** How a try ended. `final`: trying again is no use. */
export type Outcome = { sent: true } | { error: string; final: boolean; waitMs?: number }

/** A way that is set up. */
export interface Way {
  key: WayKey
  /** Whether messages may go to that address. */
  takes(address: string): boolean
  /** Never rejects. An `error` is a code; what the other side said is not repeated. */
  send(address: string, letter: Letter): Promise<Outcome>
}
