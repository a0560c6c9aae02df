import type { Alert } from '../../model/alert.ts'
import type { EcsEvent, EcsValue } from '../../model/event.ts'
import { ECS_VERSION } from '../../model/event.ts'
import type { DeadLetter } from '../../model/record.ts'
import { recordId } from '../../model/record.ts'
import type { Batch, Counts, Partition, Store } from '../../store/store.ts'

export const SPOOL = '7f3a9c01'
export const DAY_MS = 86_400_000
const START_MS = Date.parse('2026-03-02T01:00:00.000Z')

export const iso = (ms: number): string => new Date(ms).toISOString()
export const ALL_TIME = { from: '2000-01-01T00:00:00.000Z', to: '2100-01-01T00:00:00.000Z' }

/** A failed SSH login as the collector would hand it over; one second apart by default. */
export function sampleEvent(seq: number, fields: Record<string, EcsValue> = {}): EcsEvent {
  const address = `203.0.113.${seq % 250}`
  const user = ['root', 'quantri', 'nguyenvana', 'oracle'][seq % 4]!
  const message = `Failed password for ${user} from ${address} port ${40_000 + (seq % 20_000)} ssh2`
  return {
    '@timestamp': iso(START_MS + seq * 1000),
    'event.ingested': iso(START_MS + seq * 1000 + 150),
    'event.original': `<38>Mar  2 08:00:00 mot-cua-${seq % 9} sshd[${1000 + (seq % 500)}]: ${message}`,
    'event.dataset': 'system.auth',
    'event.module': 'system',
    'event.kind': 'event',
    'event.category': ['authentication'],
    'event.type': ['start'],
    'event.action': 'ssh_login',
    'event.outcome': 'failure',
    'ecs.version': ECS_VERSION,
    'host.name': `mot-cua-${seq % 9}`,
    'host.hostname': `mot-cua-${seq % 9}`,
    'log.source.address': `10.20.${seq % 9}.5`,
    'log.syslog.facility.code': 4,
    'log.syslog.severity.code': 6,
    'log.syslog.priority': 38,
    'process.name': 'sshd',
    'process.pid': 1000 + (seq % 500),
    'related.ip': [address],
    'related.user': [user],
    'related.hosts': [`mot-cua-${seq % 9}`],
    'source.ip': address,
    'source.port': 40_000 + (seq % 20_000),
    'source.geo.country_iso_code': seq % 5 === 0 ? 'VN' : 'NL',
    'user.name': user,
    message,
    'soc.record': recordId(SPOOL, seq),
    'soc.seq': seq,
    'soc.source': `syslog-udp/10.20.${seq % 9}.5`,
    'soc.agency': seq % 2 === 0 ? 'so-tai-chinh' : 'ubnd-xa-a',
    'soc.system': 'mot-cua-dien-tu',
    ...fields,
  }
}

export function sampleAlert(id: string, version: number, fields: Partial<Alert> = {}): Alert {
  const seq = fields.seq ?? version
  return {
    id,
    version,
    rule: {
      id: 'r-brute',
      title: 'Dò mật khẩu SSH',
      level: 'high',
      hash: 'ab',
      tags: ['attack.t1110'],
      path: 'linux/ssh.yml',
    },
    '@timestamp': iso(START_MS + seq * 1000),
    seq,
    agency: 'so-tai-chinh',
    entities: [{ kind: 'ip', value: '203.0.113.9' }],
    group: { 'source.ip': '203.0.113.9' },
    evidence: [],
    count: version,
    ...fields,
  }
}

export function sampleDeadLetter(seq: number, fields: Partial<DeadLetter> = {}): DeadLetter {
  return {
    record: recordId(SPOOL, seq),
    seq,
    source: 'http-ndjson/10.0.0.9',
    agency: 'so-tai-chinh',
    receivedAt: iso(START_MS + seq * 1000),
    code: 'bad_json',
    reason: 'no value at column 7',
    bytes: Buffer.from('{"a": \u0000').toString('base64'),
    origin: { input: 'http-ndjson', address: '10.0.0.9' },
    ...fields,
  }
}

/** The batch of positions `from` to `through` with what is given of them. */
export function batchOf(
  from: number,
  through: number,
  parts: { events?: readonly EcsEvent[]; alerts?: readonly Alert[]; deadLetters?: readonly DeadLetter[] } = {},
): Batch {
  const { events = [], alerts = [], deadLetters = [] } = parts
  return { from, through, events, alerts, deadLetters }
}

export const seqs = (from: number, through: number): number[] =>
  Array.from({ length: through - from + 1 }, (_, i) => from + i)

/** Deletes all days of receipt before `day`; what it deleted. */
export async function dropBefore(store: Store, day: string): Promise<Partition[]> {
  const partitions = (await store.partitions()).filter((partition) => partition.day < day)
  await store.drop(partitions)
  return partitions
}

/** Events of two spools received on two days, with dead letters and alerts between them. */
export async function fillTwoDays(store: Store): Promise<void> {
  const other = 'c0ffee01'
  for (let from = 1; from <= 3_000; from += 500) {
    const all = seqs(from, from + 499)
    const received = (seq: number): string => iso(START_MS + seq * 100 + (seq > 2_000 ? DAY_MS : 0))
    await store.append({
      ...batchOf(from, from + 499, {
        events: all
          .filter((seq) => seq % 50 !== 0)
          .map((seq) =>
            sampleEvent(seq, { 'event.ingested': received(seq), 'x.số': seq / 7, 'x.list': ['a', { b: seq }] }),
          ),
        deadLetters: all
          .filter((seq) => seq % 50 === 0)
          .map((seq) => sampleDeadLetter(seq, { receivedAt: received(seq) })),
        alerts: all.filter((seq) => seq % 2 === 0).map((seq) => sampleAlert(`alert-${seq}`, 1, { seq })),
      }),
    })
  }
  const events = seqs(1, 200).map((seq) =>
    sampleEvent(seq, { 'soc.record': recordId(other, seq), 'event.ingested': iso(START_MS + DAY_MS + seq) }),
  )
  await store.append(batchOf(1, 200, { events }))
}

export function withoutBytes({
  events,
  alerts,
  deadLetters,
}: Counts): Pick<Counts, 'events' | 'alerts' | 'deadLetters'> {
  return { events, alerts, deadLetters }
}
