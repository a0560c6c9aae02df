// Appends batches until it is killed, printing each position once it is acknowledged, and keeps but the last days, printing the
// first of them once the others are gone. Plain JavaScript over dist/, because it runs in a process of its own. Arguments: folder,
// first position, batch size, rows per seal, days.
import { openEmbedded } from '../../dist/store/embedded/embedded.js'

const [folder, first, size, sealRows, days] = [process.argv[2], ...process.argv.slice(3).map(Number)]
const store = await openEmbedded(folder, { sealRows, diskReserveBytes: 0 })
for (let from = first; ; from += size) {
  const through = from + size - 1
  const positions = Array.from({ length: size }, (_, i) => from + i)
  const events = positions.filter((seq) => seq % 50 !== 0).map(event)
  const alerts = events.filter((e) => e['soc.seq'] % 10 === 1).map(alert)
  const deadLetters = positions.filter((seq) => seq % 50 === 0).map(letter)
  await store.append({ from, through, events, alerts, deadLetters })
  process.stdout.write(`${through}\n`)
  const kept = timeOf(through - days * 2_160).slice(0, 10)
  const old = (await store.partitions()).filter(({ day }) => day < kept)
  if (old.length === 0) continue
  await store.drop(old)
  process.stdout.write(`${kept}\n`)
}

/** One each 40 s, 2,160 a day: seals meet day borders. */
function timeOf(seq) {
  return new Date(1_772_413_200_000 + seq * 40_000).toISOString()
}

function event(seq) {
  const time = timeOf(seq)
  return {
    '@timestamp': time,
    'event.ingested': time,
    'event.original': `line ${seq} ${'x'.repeat(seq % 300)}`,
    'event.dataset': 'generic.text',
    'ecs.version': '8.17.0',
    'soc.record': `k-${seq}`,
    'soc.seq': seq,
    'soc.source': 'syslog-tcp/10.0.0.1',
    'soc.agency': 'a',
    'x.seq': seq,
  }
}

function alert(e) {
  const seq = e['soc.seq']
  return {
    id: `alert-${seq % 100}`,
    version: Math.floor(seq / 100) + 1,
    rule: { id: 'r' },
    '@timestamp': e['@timestamp'],
    seq,
    agency: 'a',
  }
}

function letter(seq) {
  return { record: `k-${seq}`, seq, agency: 'a', receivedAt: event(seq)['@timestamp'], code: 'bad_json' }
}
