import { post } from '../webhooks/post.ts'
import type { Way } from './way.ts'

export interface ChatSettings {
  /** Of the Bot API: `https://api.telegram.org`, or a server of the same shape of one's own. */
  baseUrl: string
  token: string
}

/** Longest text of a message in the Bot API, in UTF-16 units. */
const TEXT_MAX = 4_096

/** A number, or the name of a channel. */
const CHAT = /^(-?[0-9]{1,20}|@[A-Za-z][A-Za-z0-9_]{3,63})$/

/**
 * Messages of a bot, `sendMessage` of Telegram's Bot API: plain text, so that nothing in it is markup, and without previews, for
 * which its servers would fetch what a log names.
 */
export function chatWay(
  { baseUrl, token }: ChatSettings,
  options: { allow: readonly string[]; resolve?: (host: string) => Promise<string[]> },
): Way {
  const url = `${baseUrl.replace(/\/+$/, '')}/bot${token}/sendMessage`
  return {
    key: 'chat',
    takes: (address) => CHAT.test(address),
    async send(address, { subject, text }) {
      const body = JSON.stringify({
        chat_id: address,
        text: cut(`${subject}\n\n${text}`),
        link_preview_options: { is_disabled: true },
      })
      const outcome = await post({ url, body }, options)
      if (!('error' in outcome)) return { sent: true }
      const { error, status = 0, answer = '' } = outcome
      const waitMs = status === 429 ? retryAfterMs(answer) : undefined
      return {
        error: status === 0 ? error : `${error}_${status}`,
        // A chat that is not there, or a bot that was blocked; a wrong token (401, 404) can be mended.
        final: status === 400 || status === 403,
        ...(waitMs !== undefined && { waitMs }),
      }
    },
  }
}

/** The whole lines that fit. */
function cut(text: string): string {
  if (text.length <= TEXT_MAX) return text
  const end = text.lastIndexOf('\n', TEXT_MAX - 2)
  return `${text.slice(0, end)}\n…`
}

/** What the other side asks to be waited for, at most an hour. */
function retryAfterMs(answer: string): number | undefined {
  const [, seconds] = /"retry_after"\s*:\s*([0-9]{1,4})\b/.exec(answer) ?? []
  return seconds === undefined ? undefined : Math.min(Number(seconds), 3_600) * 1_000
}
