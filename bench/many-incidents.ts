import { type Alert, LEVELS } from '../model/alert.ts'

/** An alert about a host that no other is about, so that each opens an incident: one every six seconds of event time. */
export function alertOfAnother(
  i: number,
  { rule, agency, startMs }: { rule: string; agency: string; startMs: number },
): Alert {
  const at = new Date(startMs + i * 6_000).toISOString()
  return {
    id: `alert-${i}`,
    version: 1,
    rule: {
      id: rule,
      title: `Luật ${rule}`,
      level: LEVELS[i % LEVELS.length]!,
      hash: 'ab'.repeat(32),
      tags: ['attack.t1110', 'attack.credential-access'],
      path: 'x.yml',
    },
    '@timestamp': at,
    seq: i + 1,
    agency,
    entities: [
      { kind: 'host', value: `may-${i}.${agency}.vn` },
      { kind: 'ip', value: `198.18.${(i >> 8) & 255}.${i & 255}` },
      { kind: 'user', value: 'root' },
    ],
    group: {},
    evidence: [
      {
        record: `spool-${i + 1}`,
        seq: i + 1,
        '@timestamp': at,
        original: `<38>1 ${at} may-${i} sshd 7`,
        rule,
        proof: [],
      },
    ],
    count: 1,
  }
}
