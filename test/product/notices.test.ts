import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { generate } from 'selfsigned'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { openLocal } from '../../store/local/database.ts'
import { NOTICE_SETTINGS, addMessage, listMessages, setNoticeSettings } from '../../store/local/notices.ts'
import { type Smtp, startSmtp } from '../api/notify/smtp.ts'
import { type Run, emptyFolder, run } from './run.ts'

const folder = emptyFolder()
const WAIT_MS_MAX = 90_000
let smtp: Smtp
let product: Run

beforeAll(async () => {
  const { private: key, cert } = await generate([{ name: 'commonName', value: 'localhost' }], { keySize: 2048 })
  smtp = await startSmtp({ key, cert, security: 'none' })
  await start()
})
afterAll(async () => {
  product.signal('SIGKILL')
  await product.ended()
  await smtp.close()
})

async function start(): Promise<void> {
  product = run(
    {
      SOC_NOTIFY_MAIL_HOST: '127.0.0.1',
      SOC_NOTIFY_MAIL_PORT: String(smtp.port),
      SOC_NOTIFY_MAIL_SECURITY: 'none',
      SOC_NOTIFY_MAIL_FROM: 'vong-gac@soc.example.vn',
      SOC_NOTIFY_MAIL_PASSWORD: 'mat-khau-thu',
      SOC_NOTIFY_MAIL_USER: 'soc',
    },
    folder,
  )
  await product.says('Vọng Gác is running')
}

async function kill(): Promise<void> {
  product.signal('SIGKILL')
  await product.ended()
}

async function until(holds: () => boolean): Promise<void> {
  for (const end = Date.now() + WAIT_MS_MAX; !holds(); await sleep(50)) {
    if (Date.now() > end) throw new Error(`it never came to that:\n${product.stderr()}`)
  }
}

test('a notice survives kill -9 while nobody has taken it, and is not sent again once somebody has', async () => {
  const db = openLocal(join(folder, 'data', 'local.db'))
  const state = (): string => listMessages(db, { limit: 1 })[0]!.state
  smtp.mute = true
  setNoticeSettings(db, 'admin', { ...NOTICE_SETTINGS, addresses: { mail: 'a@soc.example.vn' } })
  const id = addMessage(db, { user: 'admin', way: 'mail' }, Date.now())
  await until(() => smtp.mails.length === 1) // and it hears no answer
  await kill()
  expect(state()).toBe('pending')

  smtp.mute = false
  await start()
  await until(() => state() === 'sent')
  await kill()
  expect(smtp.mails.map(({ headers }) => headers['message-id'])).toEqual(Array(2).fill(`<${id}@soc.example.vn>`))

  await start()
  addMessage(db, { user: 'admin', way: 'mail' }, Date.now())
  await until(() => smtp.mails.length > 2 && state() === 'sent')
  expect(smtp.mails.filter(({ headers }) => headers['message-id']?.includes(id))).toHaveLength(2)
  expect(smtp.mails).toHaveLength(3)
  expect(product.stderr()).not.toContain('mat-khau-thu')
  db.close()
})
