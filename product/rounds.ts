/** One round after another, each begun at a tick; a busy database or a full disk is met again by the next. */
export function inRounds(
  everyMs: number,
  round: () => Promise<unknown>,
  onFailure: (error: unknown) => void,
): { stop: () => Promise<void> } {
  let running: Promise<void> | null = null
  const timer = setInterval(() => {
    running ??= round()
      .then(() => undefined, onFailure)
      .finally(() => (running = null))
  }, everyMs)
  return {
    stop: async () => {
      clearInterval(timer)
      await running
    },
  }
}
