import { describe, expect, it } from 'vitest'
import { parse } from 'yaml'
import { copiesOf } from '../../bench/rule-files.ts'
import { loadRules } from '../../detection/engine.ts'

const RULE = `title: Shadow copies deleted
id: 6f0e4f3b-8f4f-4c0a-9d0e-0c1c6f1d0001
status: test
logsource: { product: windows, category: process_creation }
detection:
    selection_img:
        Image|endswith: '\\vssadmin.exe'
        EventID: 1
        User|cidr: 10.0.0.0/8
    selection_cli:
        CommandLine|re: '(?i)delete\\s+shadows\\b'
        ParentImage|contains|all:
            - "\\\\temporary\\\\"
        OriginalFileName: null
    condition: selection_img and selection_cli
level: high
`

describe('copies of rules that look for other texts', () => {
  it('differ from the rule and from one another in ids and literals only', async () => {
    const copies = copiesOf({ path: 'a/rule.yml', text: RULE }, 4)
    expect(copies.map(({ path }) => path)).toEqual([1, 2, 3, 4].map((n) => `a/rule-copy-${n}.yml`))
    const documents = [RULE, ...copies.map(({ text }) => text)].map((text) => parse(text) as Record<string, unknown>)
    expect(new Set(documents.map(({ id }) => id)).size).toBe(5)
    expect(new Set(documents.map(({ detection }) => JSON.stringify(detection))).size).toBe(5)
    for (const { title, logsource, level } of documents) {
      expect({ title, logsource, level }).toEqual({
        title: 'Shadow copies deleted',
        logsource: { product: 'windows', category: 'process_creation' },
        level: 'high',
      })
    }
    expect(documents[1]!['detection']).toEqual({
      selection_img: { 'Image|endswith': '\\vssaenjo.exe', EventID: 1, 'User|cidr': '10.0.0.0/8' },
      selection_cli: {
        'CommandLine|re': '(?i)delfuf\\s+shaepxt\\b',
        'ParentImage|contains|all': ['\\temppsbsz\\'],
        OriginalFileName: null,
      },
      condition: 'selection_img and selection_cli',
    })
  })

  it('load, and the literals of no two are shared', async () => {
    const single = await loadRules([{ path: 'a/rule.yml', text: RULE }])
    const all = await loadRules([
      { path: 'a/rule.yml', text: RULE },
      ...copiesOf({ path: 'a/rule.yml', text: RULE }, 4),
    ])
    expect(all.problems.filter(({ severity }) => severity === 'error')).toEqual([])
    expect(all.rules).toHaveLength(5)
    // The event id, the network and the null are the same for all.
    expect(all.network.predicates.length).toBe(5 * (single.network.predicates.length - 3) + 3)
  })
})
