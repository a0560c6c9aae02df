import { join } from 'node:path'
import { hashPassword } from '../../api/access/passwords.ts'
import type { ProductProcess } from '../../bench/product-process.ts'
import { ROOT } from '../../model/root.ts'
import { readRecording, shiftRecording } from '../../demo/recording.ts'
import { openLocal } from '../../store/local/database.ts'
import { type UserRole, addUser } from '../../store/local/users.ts'
import type { Scope } from '../../store/store.ts'
import { ask, mintTokens, send, settledSpool } from '../product/wire.ts'
import { HOSTILE, guessersLines, guessingLines, hostileLines, quietLines } from './lines.ts'

export const PASSWORD = 'mat-khau-du-dai-2026'

/** One user of each role, by the name that tests log in with. */
export const USERS = {
  'quan-tri': ['administrator', 'all', 'Quản trị hệ thống'],
  'truong-ca': ['lead', 'all', 'Đặng Thị Trưởng Ca'],
  'phan-tich': ['analyst', 'all', 'Nguyễn Văn Phân Tích'],
  'phan-tich-1': ['analyst_l1', 'all', 'Lê Thị Trực'],
  'viet-luat': ['detection_engineer', 'all', 'Trần Viết Luật'],
  'kiem-toan': ['auditor', 'all', 'Phạm Kiểm Toán'],
  'may-chu-yte': ['agency_sysadmin', ['hp-so-yt'], 'Hoàng Máy Chủ'],
  'xem-yte': ['agency_viewer', ['hp-so-yt'], 'Bùi Xem'],
  'phan-tich-yte': ['analyst', ['hp-so-yt'], 'Vũ Phân Tích Y Tế'],
} as const satisfies Record<string, readonly [UserRole, Scope, string]>
export type UserName = keyof typeof USERS

/**
 * Sends a morning of six systems of several agencies, the recorded attack, strangers' guesses at other agencies' hosts and hostile
 * text through the product's own inputs, and waits until all of it is stored and has become incidents.
 */
export async function fillWorld(product: ProductProcess): Promise<void> {
  const endMs = Date.now()
  await addUsers(product.dataFolder)
  const attack = shiftRecording(readRecording(join(ROOT, 'demo', 'attack')), endMs - 20 * 60_000)
  const over = (transport: string): string[] =>
    attack.filter((line) => line.transport === transport).map(({ text }) => text)
  const lines = [quietLines, guessingLines, guessersLines, hostileLines]
    .flatMap((of) => of(endMs))
    .sort((a, b) => a.atMs - b.atMs)
  const framed = [...over('tcp'), ...over('udp'), ...lines.map(({ text }) => text)].map(
    (text) => `${Buffer.byteLength(text)} ${text}`,
  )
  await send(product.ports.syslogTcp, framed.join(''))

  // An application that speaks JSON, and what it says wrong: dead letters, hostile ones too.
  const { ingest } = mintTokens(product.dataFolder, 'hp-so-khcn')
  const broken = [`{"user": "${HOSTILE.markup}`, `{"time": "2026-13-45", "note": "${HOSTILE.override}"`]
  const answer = await ask(`${product.url}/ingest/motcua`, {
    method: 'POST',
    headers: { authorization: `Bearer ${ingest}`, 'content-type': 'text/plain' },
    body: [...over('http'), ...broken].join('\n'),
  })
  if (answer.status !== 200) throw new Error(`/ingest/motcua: ${answer.status} ${answer.text}`)
  await settledSpool(product.dataFolder)
}

/** Users of all roles, straight into the data folder. */
export async function addUsers(dataFolder: string): Promise<void> {
  const phc = await hashPassword(PASSWORD)
  const local = openLocal(join(dataFolder, 'local.db'))
  const createdAt = new Date().toISOString()
  for (const [name, [role, agencies, displayName]] of Object.entries(USERS)) {
    addUser(local, { name, displayName, role, agencies, mustChange: false, disabled: false, createdAt }, phc)
  }
  local.close()
}
