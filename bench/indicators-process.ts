import { createHash } from 'node:crypto'
import { loadNormaliser } from '../collector/normalise.ts'
import { type Indicator, lineOf } from '../detection/indicators/indicator.ts'
import { NO_NEVER } from '../detection/indicators/never.ts'
import { normalDomain, normalHash } from '../detection/indicators/normal.ts'
import { IndicatorSet } from '../detection/indicators/set.ts'
import { ADDRESS_FIELDS, DOMAIN_FIELDS, HASH_FIELDS, eachText } from '../detection/indicators/fields.ts'
import type { EcsEvent } from '../model/event.ts'
import { cpuUs, median } from './fresh-process.ts'

/** One measurement, in a process of its own: what a set costs to make, to keep and to ask. */
export interface IndicatorTask {
  indicators: number
  /** `set`: what the product has; `map`: a Map of texts to objects, which asks the same of addresses, names and hashes. */
  kind: 'set' | 'map'
}

export interface IndicatorFigures {
  indicators: number
  hits: number
  nanosPerEvent: number
  /** Grown by making it, after a collection. */
  residentBytes: number
  heapBytes: number
  offHeapBytes: number
  loadCpuSeconds: number
}

const EVENTS = 20_000
const ROUNDS = 9
/** One event of so many shows an indicator. */
const HIT_EVERY = 500

const digits = (i: number, salt: string): string => createHash('sha256').update(`${salt}${i}`).digest('hex')
const address = (i: number): string => {
  const bits = parseInt(digits(i, 'ip').slice(0, 8), 16)
  return [100 + ((bits >>> 24) % 100), (bits >>> 16) & 255, (bits >>> 8) & 255, bits & 255].join('.')
}

/** Half of them addresses, with a hundredth of networks; a quarter names; 15 % hashes; 10 % links. */
function indicator(i: number): Indicator {
  const level = 'high' as const
  const validUntil = '2027-06-01T00:00:00.000Z'
  const of = i % 20
  if (i % 100 === 0) return { kind: 'ip', value: address(i).replace(/\.\d+$/, '.0/24'), level, validUntil }
  if (of < 10) return { kind: 'ip', value: address(i), level, validUntil, confidence: 80, name: 'C2' }
  if (of < 15)
    return { kind: 'domain', value: `${digits(i, 'd').slice(0, 10)}.example${i % 997}.com`, level, validUntil }
  if (of < 18) return { kind: 'hash', value: digits(i, 'h'), level, validUntil }
  return {
    kind: 'url',
    value: `${digits(i, 'u').slice(0, 8)}.example.net/${digits(i, 'p').slice(0, 12)}`,
    level,
    validUntil,
  }
}

function linesOf(count: number): Buffer {
  const lines = Buffer.allocUnsafeSlow(count * 150)
  let at = 0
  for (let i = 0; i < count; i++) at += lines.write(lineOf(indicator(i)), at)
  return Buffer.from(lines.subarray(0, at)) // as long as it is
}

/** A line of sshd, of nginx, and Sysmon's processes and names by turns; `shown`: the indicator that it shows. */
function line(i: number, shown: Indicator | undefined): string {
  const ip = shown?.kind === 'ip' ? shown.value.replace('.0/24', '.7') : `42.112.${(i >> 2) & 255}.${i & 255}`
  const second = String(i % 60).padStart(2, '0')
  switch (i % 4) {
    case 0:
      return `<38>1 2026-11-20T01:02:${second}.123Z may-${i % 9} sshd 1 - - Failed password for root from ${ip} port 22 ssh2`
    case 1:
      return `${ip} - - [20/Nov/2026:08:02:${second} +0700] "GET /thu-tuc/${i % 300}?trang=${i % 40} HTTP/1.1" 200 ${i} "https://dvc.example.vn/" "Mozilla/5.0"`
    case 2:
      return sysmon(1, {
        Image: 'C:\\Windows\\System32\\cmd.exe',
        CommandLine: `cmd.exe /c dir ${i % 50}`,
        User: 'TINH\\lan',
        Hashes: `MD5=${digits(i % 700, 'm').slice(0, 32)},SHA256=${digits(i % 700, 'good')}`,
      })
    default:
      return sysmon(22, { Image: 'C:\\x.exe', QueryName: `www${i % 3_000}.cdn.dich-vu.vn`, QueryStatus: '0' })
  }
}

function sysmon(id: number, data: Record<string, string>): string {
  const winlog = {
    channel: 'Microsoft-Windows-Sysmon/Operational',
    event_id: id,
    record_id: id,
    computer_name: 'may-1.tinh.example',
    provider_name: 'Microsoft-Windows-Sysmon',
    event_data: { UtcTime: '2026-11-20 01:02:03.000', ProcessId: '77', ...data },
  }
  return JSON.stringify({ '@timestamp': '2026-11-20T01:02:03.000Z', winlog })
}

/** As the product reads them; what they are asked for depends on how they are made. */
async function eventsWith(bad: readonly Indicator[]): Promise<EcsEvent[]> {
  const normalise = await loadNormaliser({ spoolId: 'bench', timeZone: 'Asia/Ho_Chi_Minh', enrich: () => undefined })
  return Array.from({ length: EVENTS }, (_, i) => {
    const bytes = Buffer.from(line(i, i % HIT_EVERY === 0 ? bad[(i / HIT_EVERY) % bad.length] : undefined))
    const result = normalise({
      seq: i + 1,
      receivedAtMs: 1_795_100_000_000,
      origin: { input: 'syslog-tcp', address: '192.0.2.7' },
      bytes,
    })
    if (result.kind !== 'event') throw new Error(result.letter.reason)
    return result.event
  })
}

/** What anybody would write first. Networks and links are left out, to its advantage. */
function mapOf(count: number): (one: EcsEvent) => number {
  const map = new Map<string, Indicator>()
  for (let i = 0; i < count; i++) {
    const each = indicator(i)
    map.set(Buffer.from(`${each.kind} ${each.value}`).toString(), each)
  }
  return (one) => {
    let hits = 0
    for (const field of ADDRESS_FIELDS) eachText(one, field, (text) => void (map.has(`ip ${text}`) && hits++))
    for (const field of DOMAIN_FIELDS) {
      eachText(one, field, (text) => {
        const name = normalDomain(text) ?? ''
        for (let at = 0; at >= 0; at = name.indexOf('.', at) + 1 || -1) if (map.has(`domain ${name.slice(at)}`)) hits++
      })
    }
    for (const field of HASH_FIELDS)
      eachText(one, field, (text) => void (map.has(`hash ${normalHash(text)}`) && hits++))
    return hits
  }
}

async function measure({ indicators: count, kind }: IndicatorTask): Promise<IndicatorFigures> {
  // Addresses stand in lines of sshd, the first of every four.
  const bad = Array.from({ length: Math.min(count, 40) }, (_, i) => indicator(i * 100 + (i % 2)))
  const events = await eventsWith(bad)
  globalThis.gc!()
  const before = process.memoryUsage()
  let ask: (one: EcsEvent) => number
  let from = cpuUs()
  if (kind === 'map') ask = mapOf(count)
  else {
    const lines = linesOf(count)
    from = cpuUs() // to read them from a file is not what is measured
    const set = new IndicatorSet([{ name: 'bench', hash: '', bytes: lines.length }], lines, NO_NEVER)
    ask = (one) => set.match(one).length
  }
  const loadCpuSeconds = (cpuUs() - from) / 1e6
  globalThis.gc!()
  globalThis.gc!()
  const after = process.memoryUsage()

  let hits = 0
  const rounds = Array.from({ length: ROUNDS }, () => {
    hits = 0
    const begun = cpuUs()
    for (const one of events) hits += ask(one)
    return ((cpuUs() - begun) * 1_000) / EVENTS
  })
  return {
    indicators: count,
    hits,
    nanosPerEvent: Math.round(median(rounds)),
    residentBytes: after.rss - before.rss,
    heapBytes: after.heapUsed - before.heapUsed,
    offHeapBytes: after.arrayBuffers - before.arrayBuffers,
    loadCpuSeconds: Math.round(loadCpuSeconds * 1_000) / 1_000,
  }
}

process.stdout.write(JSON.stringify(await measure(JSON.parse(process.argv[2]!) as IndicatorTask)))
