/** Answers that nobody has asked for by then are of a page that somebody has left. */
const KEPT_MS = 10_000

const asked = new Map<string, Promise<Response>>()

/** Asks for an address before the code that will want it is there. */
export function askEarly(address: string): void {
  const answer = fetch(address)
  answer.catch(() => null) // whoever takes it hears of that
  asked.set(address, answer)
  setTimeout(forgetEarly, KEPT_MS)
}

/** The answer to what was asked early, once. */
export function takeEarly(address: string): Promise<Response> | undefined {
  const answer = asked.get(address)
  asked.delete(address)
  return answer
}

/** What was asked is asked anew: it was answered to somebody else. */
export function forgetEarly(): void {
  asked.clear()
}
