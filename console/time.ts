const PARTS = new Intl.DateTimeFormat('en-GB', {
  timeZone: 'Asia/Ho_Chi_Minh',
  day: '2-digit',
  month: '2-digit',
  year: 'numeric',
  hour: '2-digit',
  minute: '2-digit',
  second: '2-digit',
  hourCycle: 'h23',
})

/** `dd/MM/yyyy HH:mm` in Vietnam, with `:ss` where asked; the text itself where it is no time. */
export function vietnamTime(iso: string, seconds = false): string {
  const ms = Date.parse(iso)
  if (Number.isNaN(ms)) return iso
  const part = Object.fromEntries(PARTS.formatToParts(ms).map(({ type, value }) => [type, value]))
  const clock = seconds ? `${part['hour']}:${part['minute']}:${part['second']}` : `${part['hour']}:${part['minute']}`
  return `${part['day']}/${part['month']}/${part['year']} ${clock}`
}
