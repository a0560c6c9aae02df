import fc from 'fast-check'
import { expect, test } from 'vitest'
import { mergeTexts } from '../../rule-import/merge.ts'

const BASE = `title: Recon Tool Started
id: 6f1b6a52-54b0-4f0e-9f0a-5d6f6a7b0101
description: |
  A tool that maps
  the network.
date: 2025-01-01
modified: 2025-02-02
tags:
  - attack.discovery
  - attack.t1046
logsource:
  category: process_creation
  product: windows
detection:
  selection:
    Image|endswith:
      - '\\nmap.exe'
      - '\\zenmap.exe'
  filter_main_system:
    User: SYSTEM
  condition: selection and not 1 of filter_main_*
falsepositives:
  - Administrators
level: high
`
const edit = (...pairs: [string, string][]): string =>
  pairs.reduce((text, [from, to]) => {
    if (!text.includes(from)) throw new Error(from)
    return text.replace(from, to)
  }, BASE)

const LEVEL: [string, string] = ['level: high', 'level: low']
const OWN_FILTER: [string, string] = [
  '  condition:',
  '  filter_main_scanner:\n    ParentImage: C:\\scanner.exe\n  condition:',
]
const THIRD_IMAGE: [string, string] = ["zenmap.exe'\n", "zenmap.exe'\n      - '\\masscan.exe'\n"]

test.each<[string, string, string, string]>([
  [
    'neighbouring keys',
    edit(LEVEL),
    edit(['  - Administrators', '  - Admins']),
    edit(LEVEL, ['  - Administrators', '  - Admins']),
  ],
  ['our filter and their value', edit(OWN_FILTER), edit(THIRD_IMAGE), edit(OWN_FILTER, THIRD_IMAGE)],
  [
    'our filter and their selection beside it',
    edit(OWN_FILTER),
    edit(['  filter_main_system:', '  selection_name:\n    OriginalFileName: nmap\n  filter_main_system:']),
    edit(OWN_FILTER, ['  filter_main_system:', '  selection_name:\n    OriginalFileName: nmap\n  filter_main_system:']),
  ],
  [
    'a key of ours at the end',
    `${BASE}title_vi: Công cụ dò mạng\n`,
    edit(LEVEL),
    `${edit(LEVEL)}title_vi: Công cụ dò mạng\n`,
  ],
  ['a key of ours at the top', `# ours\n${BASE}`, edit(LEVEL), `# ours\n${edit(LEVEL)}`],
  ['the same change on both sides', edit(LEVEL), edit(LEVEL, THIRD_IMAGE), edit(LEVEL, THIRD_IMAGE)],
  [
    'both date it: the later date',
    edit(['modified: 2025-02-02', 'modified: 2026-03-03'], LEVEL),
    edit(['modified: 2025-02-02', 'modified: 2026-01-01'], THIRD_IMAGE),
    edit(['modified: 2025-02-02', 'modified: 2026-03-03'], LEVEL, THIRD_IMAGE),
  ],
  [
    'different lines of one text',
    edit(['  A tool', '  Any tool']),
    edit(['tags:\n', '  # why\ntags:\n']),
    edit(['  A tool', '  Any tool'], ['tags:\n', '  # why\ntags:\n']),
  ],
  [
    'they delete what we left alone',
    edit(LEVEL),
    edit(['falsepositives:\n  - Administrators\n', '']),
    edit(LEVEL, ['falsepositives:\n  - Administrators\n', '']),
  ],
  [
    'documents by themselves',
    `${edit(LEVEL)}---\n${BASE}`,
    `${BASE}---\n${edit(THIRD_IMAGE)}`,
    `${edit(LEVEL)}---\n${edit(THIRD_IMAGE)}`,
  ],
])('merges %s', (name, ours, theirs, merged) => {
  const base = name.startsWith('documents') ? `${BASE}---\n${BASE}` : BASE
  expect(mergeTexts(base, ours, theirs)).toBe(merged)
})

test.each<[string, string, string]>([
  ['one value, changed differently', edit(LEVEL), edit(['level: high', 'level: critical'])],
  [
    'both add a value at one place',
    edit(THIRD_IMAGE),
    edit(["zenmap.exe'\n", "zenmap.exe'\n      - '\\rustscan.exe'\n"]),
  ],
  [
    'we delete what they change',
    edit(['falsepositives:\n  - Administrators\n', '']),
    edit(['  - Administrators', '  - Admins']),
  ],
  [
    'they delete what we change',
    edit(['  - Administrators', '  - Admins']),
    edit(['falsepositives:\n  - Administrators\n', '']),
  ],
  ['both add one key, differently', `${BASE}author: A\n`, `${BASE}author: B\n`],
  ['touching lines of one list', edit(["'\\nmap.exe'", "'\\nmap7.exe'"]), edit(["'\\zenmap.exe'", "'\\zenmap7.exe'"])],
])('a conflict: %s', (_name, ours, theirs) => {
  expect(mergeTexts(BASE, ours, theirs)).toBeNull()
  expect(mergeTexts(BASE, theirs, ours)).toBeNull()
})

const lines = fc.array(
  fc.constantFrom('a: 1', 'a: 2', 'b:', '  c: 1', '  d: 2', '  - x', '- y', '# z', '---', '', 'e: "', '   q'),
  { maxLength: 12 },
)
const text = lines.map((all) => all.join('\n'))

test('what one side left alone is as the other side has it; sides can be exchanged', () => {
  fc.assert(
    fc.property(text, text, text, (base, ours, theirs) => {
      expect(mergeTexts(base, ours, base)).toBe(ours)
      expect(mergeTexts(base, base, theirs)).toBe(theirs)
      expect(mergeTexts(base, ours, ours)).toBe(ours)
      expect(mergeTexts(base, ours, theirs) === null).toBe(mergeTexts(base, theirs, ours) === null)
    }),
  )
})

test('no line that both sides have, and no line that either added, is lost', () => {
  fc.assert(
    fc.property(text, text, text, (base, ours, theirs) => {
      const merged = mergeTexts(base, ours, theirs)
      if (merged === null) return
      const [b, o, t, m] = [base, ours, theirs, merged].map((one) => new Set(one.split('\n')))
      const due = [...o!]
        .filter((line) => t!.has(line) || !b!.has(line))
        .concat([...t!].filter((line) => !b!.has(line)))
      expect(due.filter((line) => !m!.has(line))).toEqual([])
    }),
  )
})

test('a text of a hundred thousand lines, all different, is a conflict at once', () => {
  const many = (word: string): string => Array.from({ length: 100_000 }, (_, i) => `${word} ${i}`).join('\n')
  expect(mergeTexts(many('a'), many('b'), many('c'))).toBeNull()
})
